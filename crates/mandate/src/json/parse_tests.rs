//! JSON is read strictly and within bounds.

use super::ValueError;
use crate::json::{MAX_NESTING, NumberError, Value};

#[test]
fn reads_what_json_is() {
    let text =
        " { \"a\" : [ 1 , -2.50 , true , false , null , \"x\\u00e9\\n\\ud83d\\ude00\" ] , \"\" : { } } ";
    let value = Value::parse(text).unwrap();
    assert_eq!(value.to_canonical(), "{\"\":{},\"a\":[1,-2.5,true,false,null,\"xé\\n😀\"]}");
}

#[test]
fn refuses_ambiguity() {
    let duplicate = |name: &str| Err(ValueError::Duplicate { name: name.to_owned() });
    assert_eq!(Value::parse(r#"{"a":1,"a":1}"#), duplicate("a"));
    assert_eq!(Value::parse(r#"[{"x":{"a":1,"\u0061":2}}]"#), duplicate("a"));
    assert!(Value::parse(r#"{"a":1,"A":1}"#).is_ok());
    let lossy = ValueError::Number { at: 5, source: NumberError::Lossy };
    assert_eq!(Value::parse(r#"{"a":9007199254740993}"#), Err(lossy));
    for text in [
        "NaN",
        "[Infinity]",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "'a'",
        "[01]",
        "1 2",
        "nul",
        "\"\t\"",
        "\u{feff}1",
        "[1 2]",
    ] {
        assert!(
            matches!(
                Value::parse(text),
                Err(ValueError::Unexpected { .. } | ValueError::Number { .. } | ValueError::End)
            ),
            "{text}"
        );
    }
    for text in
        [r#""\ud800""#, r#""\udc00""#, r#""\ud800\ud800""#, r#""\x41""#, r#""\u12g4""#, r#""\ud83d\n""#]
    {
        assert!(matches!(Value::parse(text), Err(ValueError::Escape { .. })), "{text}");
    }
    for text in ["", "  ", "[", "{\"a\"", "\"abc", "\"\\", "tru"] {
        assert_eq!(Value::parse(text), Err(ValueError::End), "{text}");
    }
}

#[test]
fn nests_exactly_so_deep() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Value::parse(&nested(MAX_NESTING)).is_ok());
    assert_eq!(Value::parse(&nested(MAX_NESTING + 1)), Err(ValueError::TooDeep { at: MAX_NESTING }));
    assert_eq!(Value::parse(&"[".repeat(1_000_000)), Err(ValueError::TooDeep { at: MAX_NESTING }));
    assert_eq!(Value::parse(&"{\"a\":".repeat(100_000)), Err(ValueError::TooDeep { at: MAX_NESTING * 5 }));
}

#[test]
fn serde_reads_as_strictly() {
    #[derive(serde::Deserialize, Debug)]
    struct Body {
        arguments: Value,
    }
    let read = |text: &str| serde_json::from_str::<Body>(text).map(|body| body.arguments);
    assert_eq!(read(r#"{"arguments":{"amount":0.1}}"#).unwrap(), Value::parse(r#"{"amount":0.1}"#).unwrap());
    assert!(read(r#"{"arguments":{"amount":9007199254740993}}"#).is_err());
    assert!(read(r#"{"arguments":{"a":1,"a":1}}"#).is_err());
}
