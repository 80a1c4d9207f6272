//! What passes each type of constraint, beside what does not.

use super::Outcome::{self, Mismatch, Pass, Unknown, Violated};
use crate::constraint::Constraint;
use crate::json::Value;

fn check(constraint: &str, value: &str) -> Outcome {
    let constraint = Value::parse(constraint).map(|v| Constraint::from_value(&v)).unwrap().unwrap();
    constraint.check(&Value::parse(value).unwrap())
}

#[test]
fn every_type_passes_and_denies_for_its_own_reason() {
    let cases: [(&str, &[(&str, Outcome)]); 15] = [
        (
            r#"{"constraint_type":"exact","value":500}"#,
            &[
                ("500", Pass),
                ("500.0", Pass),
                ("5e2", Pass),
                ("501", Violated),
                ("\"500\"", Mismatch),
                ("[500]", Mismatch),
            ],
        ),
        (r#"{"constraint_type":"exact","value":null}"#, &[("null", Pass), ("false", Mismatch)]),
        (
            r#"{"constraint_type":"range","min":0,"max":500}"#,
            &[
                ("0", Pass),
                ("500", Pass),
                ("500.01", Violated),
                ("-1e-300", Violated),
                ("\"5\"", Mismatch),
                ("null", Mismatch),
            ],
        ),
        (
            r#"{"constraint_type":"range","min":0,"max":5,"min_inclusive":false,"max_inclusive":false}"#,
            &[("0", Violated), ("5", Violated), ("5e-324", Pass)],
        ),
        (r#"{"constraint_type":"range"}"#, &[("1e300", Pass), ("true", Mismatch)]),
        (
            r#"{"constraint_type":"one_of","values":["a",1]}"#,
            &[("\"a\"", Pass), ("1.0", Pass), ("\"A\"", Violated), ("2", Violated), ("true", Mismatch)],
        ),
        (r#"{"constraint_type":"one_of","values":[]}"#, &[("1", Mismatch)]),
        (
            r#"{"constraint_type":"not_one_of","excluded":["prod"]}"#,
            &[("\"dev\"", Pass), ("\"prod\"", Violated), ("1", Mismatch)],
        ),
        (
            r#"{"constraint_type":"contains","required":["a",{"k":1}]}"#,
            &[(r#"["b",{"k":1.0},"a"]"#, Pass), (r#"["a"]"#, Violated), ("\"a\"", Mismatch)],
        ),
        (
            r#"{"constraint_type":"subset","allowed":["a","b"]}"#,
            &[("[]", Pass), (r#"["b","b"]"#, Pass), (r#"["c"]"#, Violated), ("{}", Mismatch)],
        ),
        (r#"{"constraint_type":"wildcard"}"#, &[("null", Pass), ("{}", Pass)]),
        (
            r#"{"constraint_type":"path_containment","root":"/srv"}"#,
            &[
                ("\"/srv/a\"", Pass),
                ("\"/srv/../etc\"", Violated),
                ("\"/srv/%2e%2e/etc\"", Violated),
                ("\"srv\"", Violated),
                ("1", Mismatch),
            ],
        ),
        (
            r#"{"constraint_type":"all","constraints":[{"constraint_type":"range","min":0},{"constraint_type":"one_of","values":[1,-1]}]}"#,
            &[("1", Pass), ("-1", Violated), ("\"1\"", Mismatch)],
        ),
        (
            r#"{"constraint_type":"any","constraints":[{"constraint_type":"range","min":5},{"constraint_type":"exact","value":"all"}]}"#,
            &[("5", Pass), ("\"all\"", Pass), ("4", Violated), ("\"some\"", Violated), ("null", Mismatch)],
        ),
        (
            r#"{"constraint_type":"all","constraints":[{"constraint_type":"wildcard"},{"constraint_type":"exact","value":"x"}]}"#,
            &[("1", Mismatch), ("\"y\"", Violated)],
        ),
    ];
    for (constraint, values) in cases {
        for (value, outcome) in values {
            assert_eq!(check(constraint, value), *outcome, "{constraint} {value}");
        }
    }
}

#[test]
fn an_unknown_type_is_never_skipped() {
    let unknown = r#"{"constraint_type":"regex","pattern":".*"}"#;
    let wildcard = r#"{"constraint_type":"wildcard"}"#;
    assert_eq!(check(unknown, "1"), Unknown);
    for whole in ["all", "any"] {
        let both = format!(r#"{{"constraint_type":"{whole}","constraints":[{wildcard},{unknown}]}}"#);
        assert_eq!(check(&both, "1"), Unknown, "{whole}");
        let known = format!(r#"{{"constraint_type":"{whole}","constraints":[{wildcard}]}}"#);
        assert_eq!(check(&known, "1"), Pass, "{whole}");
    }
}
