//! Numbers are exact decimals, or malformed.

use std::cmp::Ordering;

use super::{Number, NumberError};

fn number(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn equal_decimals_are_one_value() {
    for (a, b) in [("500", "500.0"), ("5e2", "500"), ("-0", "0"), ("0.10", "1e-1"), ("0e999999999999", "0")] {
        assert_eq!(number(a), number(b), "{a} {b}");
    }
    assert_ne!(number("500"), number("500.0000000001"));
    assert_ne!(number("5"), number("-5"));
    assert_eq!(Number::from(1_000_000), number("1e6"));
    assert_eq!(Number::from(0), Number::ZERO);
}

#[test]
fn orders_exactly() {
    let ascending = [
        "-1e300",
        "-500.5",
        "-500",
        "-1e-300",
        "0",
        "5e-324",
        "0.1",
        "0.30000000000000004",
        "0.5",
        "1",
        "1.5",
        "9",
        "10",
        "499.99999999999994",
        "500",
        "500.0000000000001",
        "9007199254740991",
        "9007199254740992",
        "1e300",
    ];
    for (i, a) in ascending.iter().enumerate() {
        for (j, b) in ascending.iter().enumerate() {
            assert_eq!(number(a).cmp(&number(b)), i.cmp(&j), "{a} {b}");
        }
    }
    assert_eq!(number("0.3").cmp(&number("0.30000000000000004")), Ordering::Less);
}

#[test]
fn writes_the_text_of_rfc_8785() {
    for (text, canonical) in [
        ("0.0", "0"),
        ("-0", "0"),
        ("1E30", "1e+30"),
        ("4.50", "4.5"),
        ("2e-3", "0.002"),
        ("0.000000000000000000000000001", "1e-27"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1e-7"),
        ("123456789012345680000", "123456789012345680000"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("5e-324", "5e-324"),
        ("-12.5", "-12.5"),
        ("333333333.3333333", "333333333.3333333"),
    ] {
        assert_eq!(number(text).to_string(), canonical);
        assert_eq!(number(canonical), number(text), "{text} reads back");
    }
}

#[test]
fn refuses_what_a_double_would_change() {
    for (kept, lossy) in [
        ("9007199254740992", "9007199254740993"),
        ("0.1", "0.1000000000000000055511151231257827"),
        ("12345678901234567000", "12345678901234567890"),
        ("1.7976931348623157e308", "1e309"),
        ("5e-324", "1e-400"),
        ("0.30000000000000004", "0.300000000000000041"),
        ("500", "500.00000000000000000000000001"),
        ("1e300", "1e999999999999999999999999"),
    ] {
        assert!(Number::parse(kept).is_ok(), "{kept}");
        assert_eq!(Number::parse(lossy), Err(NumberError::Lossy), "{lossy}");
    }
}

#[test]
fn refuses_what_json_has_no_grammar_for() {
    for text in [
        "",
        "-",
        "+1",
        "01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "NaN",
        "Infinity",
        "-Infinity",
        "0x10",
        "1_000",
        "1e1.5",
        "--1",
        " 1",
    ] {
        assert_eq!(Number::parse(text), Err(NumberError::Grammar), "{text:?}");
    }
}

#[test]
fn integers_come_back_as_integers() {
    assert_eq!(number("-9007199254740991").as_i64(), Some(-9_007_199_254_740_991));
    assert_eq!(number("1e3").as_i64(), Some(1000));
    assert_eq!(number("0.5").as_i64(), None);
    assert_eq!(number("1e300").as_i64(), None);
}
