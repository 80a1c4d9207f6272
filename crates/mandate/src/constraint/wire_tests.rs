//! The wire form of constraints: read, written, refused.

use super::ConstraintError;
use crate::constraint::{Constraint, PathError};
use crate::json::Value;

fn read(text: &str) -> Result<Constraint, ConstraintError> {
    Constraint::from_value(&Value::parse(text)?)
}

#[test]
fn writes_what_it_read_without_defaults() {
    for text in [
        r#"{"constraint_type":"exact","value":true}"#,
        r#"{"constraint_type":"range","max":500,"min":0.5,"min_inclusive":false}"#,
        r#"{"constraint_type":"one_of","values":["a",{"k":[1]}]}"#,
        r#"{"constraint_type":"not_one_of","excluded":[1,2]}"#,
        r#"{"constraint_type":"contains","required":[[]]}"#,
        r#"{"allowed":[],"constraint_type":"subset"}"#,
        r#"{"constraint_type":"wildcard"}"#,
        r#"{"constraint_type":"all","constraints":[{"constraint_type":"wildcard"},{"constraint_type":"any","constraints":[{"constraint_type":"wildcard"}]}]}"#,
        r#"{"constraint_type":"path_containment","root":"/srv/data"}"#,
        r#"{"constraint_type":"cel","expression":"x < 1"}"#,
    ] {
        let constraint = read(text).unwrap();
        assert_eq!(constraint.to_value().to_canonical(), text);
        assert_eq!(constraint.to_text(), text);
        assert_eq!(
            serde_json::from_str::<Constraint>(&serde_json::to_string(&constraint).unwrap()).unwrap(),
            constraint
        );
    }
    let spelled = r#"{"constraint_type":"range","max":5,"max_inclusive":true,"min_inclusive":true}"#;
    assert_eq!(read(spelled).unwrap().to_value().to_canonical(), r#"{"constraint_type":"range","max":5}"#);
    let root = r#"{"constraint_type":"path_containment","root":"/srv//x/../data/"}"#;
    assert_eq!(read(root), read(r#"{"constraint_type":"path_containment","root":"/srv/data"}"#));
}

#[test]
fn refuses_the_malformed() {
    for text in ["1", "[]", "{}", r#"{"constraint_type":1}"#, r#"{"value":1}"#] {
        assert_eq!(read(text), Err(ConstraintError::Shape), "{text}");
    }
    for (text, name) in [
        (r#"{"constraint_type":"exact","value":1,"values":[]}"#, "values"),
        (r#"{"constraint_type":"wildcard","x":1}"#, "x"),
        (r#"{"constraint_type":"range","minimum":1}"#, "minimum"),
    ] {
        let got = read(text);
        assert!(matches!(&got, Err(ConstraintError::Member { name: n, .. }) if n == name), "{text} {got:?}");
    }
    for (text, name) in [
        (r#"{"constraint_type":"exact"}"#, "value"),
        (r#"{"constraint_type":"exact","value":[1]}"#, "value"),
        (r#"{"constraint_type":"range","min":"0"}"#, "min"),
        (r#"{"constraint_type":"range","max":null}"#, "max"),
        (r#"{"constraint_type":"range","min_inclusive":1}"#, "min_inclusive"),
        (r#"{"constraint_type":"one_of","values":"a"}"#, "values"),
        (r#"{"constraint_type":"not_one_of","excluded":[]}"#, "excluded"),
        (r#"{"constraint_type":"not_one_of","excluded":[1,"a"]}"#, "excluded"),
        (r#"{"constraint_type":"not_one_of","excluded":[[]]}"#, "excluded"),
        (r#"{"constraint_type":"contains","required":[]}"#, "required"),
        (r#"{"constraint_type":"subset"}"#, "allowed"),
        (r#"{"constraint_type":"all","constraints":[]}"#, "constraints"),
        (r#"{"constraint_type":"any"}"#, "constraints"),
        (r#"{"constraint_type":"path_containment","root":1}"#, "root"),
    ] {
        let got = read(text);
        assert!(matches!(got, Err(ConstraintError::Value { name: n, .. }) if n == name), "{text} {got:?}");
    }
    let root = r#"{"constraint_type":"path_containment","root":"/srv/../.."}"#;
    assert_eq!(read(root), Err(ConstraintError::Root(PathError::Climbs)));
}
