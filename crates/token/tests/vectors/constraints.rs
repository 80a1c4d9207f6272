//! The model of constraints by itself: what passes, what is below, and the normal form.

use deputy_mandate::{Constraint, Outcome, Value};
use serde_json::{Value as Json, json};

fn list() -> Vec<Json> {
    let c = |kind: &str, name: &str, value: Json| {
        let mut constraint = json!({"constraint_type": kind});
        constraint[name] = value;
        constraint
    };
    let range = |members: Json| {
        let mut constraint = json!({"constraint_type": "range"});
        constraint.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        constraint
    };
    vec![
        json!({"constraint_type": "wildcard"}),
        c("exact", "value", json!("a")),
        c("exact", "value", json!(500)),
        c("exact", "value", json!(0.1)),
        c("exact", "value", json!(true)),
        c("exact", "value", Json::Null),
        range(json!({})),
        range(json!({"min": 0, "max": 500})),
        range(json!({"min": 0, "max": 500, "max_inclusive": false})),
        range(json!({"min": 0, "min_inclusive": false})),
        range(json!({"max": 1e21, "min_inclusive": false})),
        c("one_of", "values", json!([])),
        c("one_of", "values", json!(["b", "a", "a"])),
        c("one_of", "values", json!([500])),
        c("one_of", "values", json!(["a", 500, ["a"], null])),
        c("one_of", "values", json!(["a", "a b", "a!", "ab"])),
        c("not_one_of", "excluded", json!(["a", "b"])),
        c("not_one_of", "excluded", json!(["b"])),
        c("not_one_of", "excluded", json!([1, 500])),
        c("contains", "required", json!(["a"])),
        c("contains", "required", json!(["b", "a"])),
        c("subset", "allowed", json!(["a", "b"])),
        c("subset", "allowed", json!([])),
        c("path_containment", "root", json!("/srv")),
        c("path_containment", "root", json!("/srv/./a//x/../")),
        c("path_containment", "root", json!("/")),
        c("all", "constraints", json!([range(json!({"min": 0})), range(json!({"max": 500}))])),
        c(
            "all",
            "constraints",
            json!([range(json!({"max": 500})), range(json!({"max": 400})), {"constraint_type": "wildcard"}]),
        ),
        c("all", "constraints", json!([c("exact", "value", json!("a")), range(json!({"min": 0}))])),
        c("any", "constraints", json!([c("exact", "value", json!("a")), range(json!({"min": 0}))])),
        c("any", "constraints", json!([range(json!({"max": 500})), range(json!({"max": 400}))])),
        c(
            "any",
            "constraints",
            json!([
                c("any", "constraints", json!([c("exact", "value", json!("b"))])),
                c("exact", "value", json!("a"))
            ]),
        ),
        c("regex", "pattern", json!("a")),
        c("any", "constraints", json!([{"constraint_type": "wildcard"}, c("regex", "pattern", json!("a"))])),
    ]
}

fn values() -> Json {
    json!([
        null, true, false, 0, -1, 0.1, 1, 400, 499.99, 500, 500.01, 1e21, "a", "b", "ab", "500", "/srv", "/srv/a",
        "/srv/a/", "/srv/a/b/../c", "/srv/../srv/a", "/srvx", "/", "/..", "srv", "/srv/%2e%2e", "/srv/\\a", "/srv/100%",
        [], ["a"], ["a", "b"], ["a", "c"], ["b", "a", "a"], [["a"]], {}, {"a": 1}
    ])
}

fn read(json: &Json) -> Constraint {
    Constraint::from_value(&Value::parse(&json.to_string()).unwrap()).unwrap()
}

pub(crate) fn file() -> Json {
    let list = list();
    let parsed: Vec<Constraint> = list.iter().map(read).collect();
    let values = values();
    let checks: Vec<Json> = parsed
        .iter()
        .zip(&list)
        .map(|(constraint, json)| {
            let outcomes: Vec<&str> = values
                .as_array()
                .unwrap()
                .iter()
                .map(|value| match constraint.check(&Value::parse(&value.to_string()).unwrap()) {
                    Outcome::Pass => "pass",
                    Outcome::Violated => "constraint_violated",
                    Outcome::Mismatch => "type_mismatch",
                    Outcome::Unknown => "unknown_constraint",
                })
                .collect();
            // For each other constraint, by position, whether this one is below it.
            let below: Vec<usize> = (0..parsed.len())
                .filter(|&i| constraint.clone().normalized().is_below(&parsed[i].clone().normalized()))
                .collect();
            let normal: Json =
                serde_json::from_str(&constraint.clone().normalized().to_value().to_canonical()).unwrap();
            json!({"constraint": json, "normal_form": normal, "outcomes": outcomes, "below": below})
        })
        .collect();
    json!({"values": values, "constraints": checks})
}
