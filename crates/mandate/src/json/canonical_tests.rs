//! The canonical reader against the strict one: it reads exactly the texts that are their own RFC 8785 form.

use proptest::prelude::*;

use super::{CanonicalError, CanonicalReader};
use crate::json::Value;

fn read(text: &str) -> Result<Value, CanonicalError> {
    let mut reader = CanonicalReader::new(text);
    let value = reader.value()?;
    reader.finish().map(|()| value)
}

/// Both readers must agree on what is canonical.
fn compare(text: &str) {
    let strict = Value::parse(text).ok().filter(|value| value.to_canonical() == text);
    assert_eq!(read(text).ok(), strict, "{text}");
}

#[test]
fn takes_the_canonical_writing_and_no_other() {
    for (canonical, others) in [
        ("{}", &["{ }", " {}", "{}\n", "{},", "{"][..]),
        (r#"{"a":1,"b":2}"#, &[r#"{"b":2,"a":1}"#, r#"{"a":1,"a":1}"#, r#"{"a":1,"b":2,}"#, r#"{"a": 1}"#]),
        // The closing quote takes no part in the order.
        (r#"{"a":1,"a b":2,"a!":3,"ab":4}"#, &[r#"{"ab":4,"a":1}"#, r#"{"a b":2,"a":1}"#]),
        // UTF-16 order: a surrogate comes before U+FB33.
        (
            "{\"\\n\":0,\"é\":1,\"😀\":2,\"\u{fb33}\":3}",
            &["{\"\u{fb33}\":3,\"😀\":2}", "{\"é\":1,\"\\n\":0}"],
        ),
        (r#""a\"\\\b\f\n\r\t\u0001\u001f""#, &[r#""\/""#, r#""\u0041""#, r#""\u000A""#, r#""\u001F""#]),
        ("\"\u{7f}é\"", &["\"\\u007f\"", "\"\\u00e9\"", "\"\u{1}\"", "\"a", "\""]),
        ("[1,2]", &["[1,2,]", "[1 ,2]", "[,]", "[1"]),
        ("0", &["-0", "00", "0.0", "0e0", "+0", ""]),
        ("-1", &["-01", "-", "--1", "-1.0"]),
        ("0.5", &["0.50", ".5", "5e-1"]),
        ("1e+21", &["1e21", "1E+21", "1000000000000000000000"]),
        ("100000000000000000000", &["1e20", "1e+20"]),
        ("9007199254740991", &["9007199254740993", "9007199254740991.0"]),
        ("true", &["tru", "TRUE", "truee"]),
        ("null", &["nul"]),
    ] {
        assert!(read(canonical).is_ok(), "{canonical}");
        compare(canonical);
        for other in others {
            assert!(read(other).is_err(), "{other}");
            compare(other);
        }
    }
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&nested(32)).is_ok());
    assert_eq!(read(&nested(33)), Err(CanonicalError::TooDeep { at: 32 }));
}

#[test]
fn known_members_are_read_in_their_order() {
    let text = r#"{"a":1,"c":"x"}"#;
    let mut reader = CanonicalReader::new(text);
    reader.open().unwrap();
    assert!(reader.find("a") && reader.integer() == Ok(1));
    assert!(!reader.find("b"));
    reader.need("c").unwrap();
    assert_eq!(reader.text().unwrap(), "x");
    assert!(!reader.find("d"));
    reader.close().unwrap();
    reader.finish().unwrap();

    let mut reader = CanonicalReader::new(text);
    reader.open().unwrap();
    assert_eq!(reader.need("c"), Err(CanonicalError::Unexpected { at: 1 }));
    assert!(reader.close().is_err());
    for refused in ["-1", "1.0", "1e0", "01", "9007199254740992", "99999999999999999999", "\"1\"", ""] {
        assert!(CanonicalReader::new(refused).integer().is_err(), "{refused}");
    }
    assert_eq!(CanonicalReader::new("9007199254740991").integer(), Ok(9_007_199_254_740_991));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8000))]

    #[test]
    fn agrees_with_the_strict_reader(text in "[\\[\\]{}\",:0-9eE.+\\-a-c\\\\u tnrl]{0,40}") {
        compare(&text);
        if let Ok(value) = Value::parse(&text) {
            compare(&value.to_canonical());
        }
    }

    #[test]
    fn agrees_on_numbers(text in "-?(0|[1-9][0-9]{0,21})(\\.[0-9]{1,8})?([eE][+-]?[0-9]{1,3})?") {
        compare(&text);
        if let Ok(value) = Value::parse(&text) {
            compare(&value.to_canonical());
        }
    }

    #[test]
    fn agrees_on_names(names in proptest::collection::vec(any::<String>(), 0..6)) {
        let raw: Vec<String> = names.iter().map(|name| format!("{}:0", Value::from(name.as_str()).to_canonical())).collect();
        let text = format!("{{{}}}", raw.join(","));
        compare(&text);
        if let Ok(value) = Value::parse(&text) {
            compare(&value.to_canonical());
        }
    }
}
