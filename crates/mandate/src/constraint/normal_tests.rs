//! Constraints that mean the same have one normal form.

use crate::constraint::Constraint;
use crate::json::Value;

fn normal(text: &str) -> String {
    let constraint = Constraint::from_value(&Value::parse(text).unwrap()).unwrap();
    let normal = constraint.normalized();
    assert_eq!(normal.clone().normalized(), normal, "idempotent");
    normal.to_value().to_canonical()
}

#[test]
fn one_writing_for_equals() {
    let wildcard = r#"{"constraint_type":"wildcard"}"#;
    let low = r#"{"constraint_type":"range","max":5}"#;
    let high = r#"{"constraint_type":"range","max":9}"#;
    let word = r#"{"constraint_type":"exact","value":"x"}"#;
    let whole = |kind: &str, clauses: &[&str]| {
        format!(r#"{{"constraint_type":"{kind}","constraints":[{}]}}"#, clauses.join(","))
    };
    for (text, expected) in [
        (
            r#"{"constraint_type":"one_of","values":["b","a","b",10,9]}"#.to_owned(),
            r#"{"constraint_type":"one_of","values":["a","b",10,9]}"#.to_owned(),
        ),
        (r#"{"constraint_type":"one_of","values":["x","x"]}"#.to_owned(), word.to_owned()),
        (
            r#"{"constraint_type":"one_of","values":[["x"]]}"#.to_owned(),
            r#"{"constraint_type":"one_of","values":[["x"]]}"#.to_owned(),
        ),
        (
            r#"{"constraint_type":"one_of","values":[]}"#.to_owned(),
            r#"{"constraint_type":"one_of","values":[]}"#.to_owned(),
        ),
        (r#"{"constraint_type":"range","max":5,"min_inclusive":false}"#.to_owned(), low.to_owned()),
        (
            r#"{"constraint_type":"range","max":5,"max_inclusive":false}"#.to_owned(),
            r#"{"constraint_type":"range","max":5,"max_inclusive":false}"#.to_owned(),
        ),
        (whole("all", &[high, low]), low.to_owned()),
        (whole("any", &[high, low]), high.to_owned()),
        (whole("all", &[word, wildcard, word]), word.to_owned()),
        (whole("any", &[word, wildcard]), wildcard.to_owned()),
        (whole("all", &[&whole("all", &[word, low]), &whole("any", &[high])]), whole("all", &[word, low])),
        (whole("any", &[&whole("any", &[low, word]), word]), whole("any", &[word, low])),
        (
            whole("all", &[&whole("any", &[word, low]), &whole("any", &[low, word])]),
            whole("any", &[word, low]),
        ),
    ] {
        assert_eq!(normal(&text), expected, "{text}");
    }
}

#[test]
fn of_equals_in_other_words_the_first_in_byte_order_stays() {
    let list = r#"{"constraint_type":"one_of","values":[1,2]}"#;
    let any = r#"{"constraint_type":"any","constraints":[{"constraint_type":"exact","value":1},{"constraint_type":"exact","value":2}]}"#;
    for pair in [[list, any], [any, list]] {
        let text = format!(r#"{{"constraint_type":"all","constraints":[{}]}}"#, pair.join(","));
        assert_eq!(normal(&text), any);
    }
}

#[test]
fn pruning_never_drops_what_is_not_understood() {
    let unknown = r#"{"constraint_type":"regex"}"#;
    let any =
        format!(r#"{{"constraint_type":"any","constraints":[{unknown},{{"constraint_type":"wildcard"}}]}}"#);
    assert_eq!(normal(&any), any);
    let all =
        format!(r#"{{"constraint_type":"all","constraints":[{unknown},{{"constraint_type":"wildcard"}}]}}"#);
    assert_eq!(normal(&all), unknown);
}
