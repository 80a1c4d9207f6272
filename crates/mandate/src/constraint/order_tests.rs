//! What is below what, rule by rule.

use crate::constraint::Constraint;
use crate::json::Value;

fn c(text: &str) -> Constraint {
    Constraint::from_value(&Value::parse(&wire(text)).unwrap()).unwrap()
}

/// A short writing for the tables: `exact 1`, `range {"max":5}`, `all [a; b]`.
fn wire(text: &str) -> String {
    let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
    let member = match kind {
        "exact" => format!(r#","value":{rest}"#),
        "one_of" => format!(r#","values":{rest}"#),
        "not_one_of" => format!(r#","excluded":{rest}"#),
        "contains" => format!(r#","required":{rest}"#),
        "subset" => format!(r#","allowed":{rest}"#),
        "path_containment" => format!(r#","root":{rest}"#),
        "range" if rest != "{}" => format!(",{}", inside(rest)),
        "all" | "any" => {
            let clauses: Vec<String> = inside(rest).split("; ").map(wire).collect();
            format!(r#","constraints":[{}]"#, clauses.join(","))
        }
        _ => String::new(),
    };
    format!(r#"{{"constraint_type":"{kind}"{member}}}"#)
}

fn inside(text: &str) -> &str {
    &text[1..text.len() - 1]
}

#[test]
fn each_rule_accepts_narrower_and_refuses_wider() {
    for (narrow, wide) in [
        ("exact 1", "wildcard"),
        ("range {}", "wildcard"),
        ("exact 1", "one_of [1,2]"),
        ("exact 1", r#"range {"min":0,"max":5}"#),
        ("exact \"/srv/a\"", "path_containment \"/srv\""),
        ("one_of []", "exact 1"),
        ("one_of [1,2]", "one_of [1,2,3]"),
        ("one_of [1,2]", r#"range {"max":2}"#),
        ("one_of [1,5]", r#"any [exact 1; range {"min":5}]"#),
        (r#"range {"min":1,"max":4}"#, r#"range {"min":0,"max":5}"#),
        (r#"range {"min":1,"min_inclusive":false}"#, r#"range {"min":1}"#),
        (r#"range {"max":4}"#, r#"range {"max":5,"max_inclusive":false}"#),
        ("not_one_of [1,2]", "not_one_of [1]"),
        ("contains [1,2]", "contains [1]"),
        ("subset [1]", "subset [1,2]"),
        ("path_containment \"/srv/data\"", "path_containment \"/srv\""),
        (r#"all [range {"min":0}; wildcard]"#, r#"range {"min":-1}"#),
        ("exact 1", "any [exact \"x\"; wildcard]"),
        ("any [exact 1; exact 2]", "one_of [1,2,3]"),
    ] {
        assert!(c(narrow).is_below(&c(wide)), "{narrow} ⊑ {wide}");
        assert!(!c(wide).is_below(&c(narrow)), "not {wide} ⊑ {narrow}");
    }
    for (a, b) in [
        ("exact 1", "exact \"1\""),
        ("exact 1", r#"range {"min":2}"#),
        ("not_one_of [1]", "not_one_of [\"a\"]"),
        ("path_containment \"/srv\"", "path_containment \"/srvdata\""),
        ("all [exact 1; exact 2]", "exact 3"),
        ("contains [1]", "subset [1]"),
        ("exact 3", r#"all [range {"min":0}; range {"max":2}]"#),
    ] {
        assert!(!c(a).is_below(&c(b)), "{a} ⊑ {b}");
        assert!(!c(b).is_below(&c(a)), "{b} ⊑ {a}");
    }
}

#[test]
fn a_tree_that_is_not_understood_is_below_only_what_is_neither() {
    let (unknown, other) = (c("regex"), c("cel"));
    assert!(unknown.is_below(&unknown));
    assert!(!unknown.is_below(&other));
    assert!(!c("exact 1").is_below(&c("any [regex; wildcard]")));
    assert!(c("exact 1").is_below(&c("any [exact 1; wildcard]")));
}

#[test]
fn judging_composite_trees_stays_polynomial() {
    // 64 leaves under alternating `all` and `any`, no pair of which compares: every rule is tried everywhere.
    let tower = |leaf: &str| {
        (0..6).fold(c(leaf), |tree, level| {
            let pair = vec![tree.clone(), tree];
            if level % 2 == 0 { Constraint::All(pair) } else { Constraint::Any(pair) }
        })
    };
    assert!(tower("exact 1").is_below(&tower("one_of [1,2]")));
    assert!(!tower("contains [1]").is_below(&tower("subset [1]")));
}
