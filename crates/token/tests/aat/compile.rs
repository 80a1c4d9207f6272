//! From a mandate to per-tool constraints: exactly, or not at all.

use deputy_mandate::{Mandate, ToolMap};
use deputy_token::aat::{NotCompiled, compile_tools};
use serde_json::{Value, json};

use super::fixture::{TOOLS, mandate, tools};

fn with(change: impl FnOnce(&mut Value)) -> Result<ToolMap, NotCompiled> {
    let mut json: Value = serde_json::from_str(&mandate(TOOLS).to_canonical_json()).unwrap();
    change(&mut json);
    compile_tools(&Mandate::from_json(&json.to_string()).unwrap())
}

fn transfer(max: u32) -> Value {
    json!({"transfer": {"amount": {"constraint_type": "range", "min": 0, "max": max},
                        "currency": {"constraint_type": "exact", "value": "EUR"}}})
}

#[test]
fn tools_without_limits_stay_as_they_are() {
    assert_eq!(with(|_| {}).unwrap(), tools(TOOLS));
}

#[test]
fn blocked_tools_leave() {
    let left = with(|json| json["blocked_tools"] = json!(["search", "shell"])).unwrap();
    assert!(left.keys().eq(["read_db", "transfer"]));
    assert_eq!(
        with(|json| json["blocked_tools"] = json!(["search", "read_db", "transfer"])),
        Err(NotCompiled::NoTools)
    );
}

#[test]
fn what_only_deputy_knows_is_refused() {
    assert_eq!(with(|json| json["scopes"] = json!(["read"])), Err(NotCompiled::Scopes));
    assert_eq!(with(|json| json["uses"] = json!(1)), Err(NotCompiled::Uses));
    assert_eq!(with(|json| json["binding"] = json!({"task": "t"})), Err(NotCompiled::Binding));
}

#[test]
fn a_limit_is_met_into_the_argument_of_its_name() {
    let limits = json!({"amount": {"constraint_type": "range", "max": 100}});
    let met = with(|json| {
        json["tools"] = transfer(500);
        json["limits"] = limits.clone();
    });
    let expected = r#"{"transfer": {"amount": {"constraint_type": "all", "constraints": [
        {"constraint_type": "range", "min": 0, "max": 500}, {"constraint_type": "range", "max": 100}]},
        "currency": {"constraint_type": "exact", "value": "EUR"}}}"#;
    assert_eq!(met.unwrap(), tools(expected));
    // The tool that takes any arguments could carry an amount anywhere.
    let refused = with(|json| json["limits"] = limits);
    assert_eq!(refused, Err(NotCompiled::AnyArguments { tool: "search".into() }));
}

#[test]
fn a_limit_that_no_argument_can_reach_matters_nowhere() {
    let limits = json!({"env": {"constraint_type": "exact", "value": "staging"}});
    let with_argument = |constraint: Value| {
        with(|json| {
            json["tools"] = json!({"run": {"what": constraint}});
            json["limits"] = limits.clone();
        })
    };
    for scalar in [
        json!({"constraint_type": "exact", "value": "a"}),
        json!({"constraint_type": "range", "max": 1}),
        json!({"constraint_type": "not_one_of", "excluded": ["a"]}),
        json!({"constraint_type": "path_containment", "root": "/srv"}),
        json!({"constraint_type": "one_of", "values": ["a", ["b"], {"other": 1}]}),
        json!({"constraint_type": "subset", "allowed": ["a"]}),
        json!({"constraint_type": "all", "constraints": [
            {"constraint_type": "contains", "required": ["a"]},
            {"constraint_type": "subset", "allowed": ["a", "b"]}]}),
    ] {
        assert!(with_argument(scalar.clone()).is_ok(), "{scalar}");
    }
    for open in [
        json!({"constraint_type": "wildcard"}),
        json!({"constraint_type": "contains", "required": ["a"]}),
        json!({"constraint_type": "one_of", "values": [{"x": [{"env": "staging"}]}, 1]}),
        json!({"constraint_type": "subset", "allowed": [{"env": "prod"}]}),
        json!({"constraint_type": "any", "constraints": [
            {"constraint_type": "exact", "value": "a"}, {"constraint_type": "contains", "required": ["a"]}]}),
    ] {
        let (tool, argument, limit) = ("run".into(), "what".into(), "env".into());
        assert_eq!(with_argument(open.clone()), Err(NotCompiled::Nested { tool, argument, limit }), "{open}");
    }
}

#[test]
fn the_catalogue_is_kept_or_nothing_is_sealed() {
    let declared = |names: Value| with(|json| json["declared"] = names);
    assert!(declared(json!({"transfer": ["amount", "currency", "note"]})).is_ok());
    assert_eq!(
        declared(json!({"search": ["q"]})),
        Err(NotCompiled::DeclaredWithoutArguments { tool: "search".into() })
    );
    assert_eq!(
        declared(json!({"transfer": ["amount"]})),
        Err(NotCompiled::Undeclared { tool: "transfer".into(), argument: "currency".into() })
    );
    let required = |names: Value| with(|json| json["limit_required"] = names);
    assert!(required(json!({"transfer": ["amount"]})).is_ok());
    for (tool, limit) in [("transfer", "env"), ("search", "amount")] {
        let (tool, limit) = (tool.to_owned(), limit.to_owned());
        assert_eq!(required(json!({tool.clone(): [limit]})), Err(NotCompiled::LimitMissing { tool, limit }));
    }
}

#[test]
fn what_other_verifiers_refuse_is_not_sealed() {
    let on = |name: &str, constraint: Value| with(|json| json["tools"] = json!({"run": {name: constraint}}));
    let refused = Err(NotCompiled::Constraint { tool: "run".into(), argument: "a".into() });
    assert_eq!(on("a", json!({"constraint_type": "one_of", "values": []})), refused);
    assert_eq!(on("a", json!({"constraint_type": "range", "min": 2, "max": 1})), refused);
    assert_eq!(on("a", json!({"constraint_type": "regex", "pattern": "."})), refused);
    assert_eq!(
        on("*", json!({"constraint_type": "wildcard"})),
        Err(NotCompiled::ReservedArgument { tool: "run".into() })
    );
    let unknown = with(|json| json["limits"] = json!({"amount": {"constraint_type": "regex"}}));
    assert_eq!(unknown, Err(NotCompiled::UnknownLimit { limit: "amount".into() }));
}
