//! Mandates in normal form, their meet and their encoding.

use std::collections::{BTreeMap, BTreeSet};

use super::{ArgumentMap, Binding, BoundError, MAX_TOOL_NODES, MAX_TOOLS, Mandate, MandateError, attenuates};
use crate::constraint::Constraint;
use crate::instant::Instant;
use crate::scope::Scope;

const TEXT: &str = r#"{"audience":["https://crm.example.com/"],"binding":{"task":"task-42"},"blocked_tools":["shell"],"declared":{"transfer":["amount","target"]},"expires_at":3600000,"limit_required":{"transfer":["amount"]},"limits":{"env":{"constraint_type":"exact","value":"staging"}},"max_depth":3,"may_delegate":true,"not_before":0,"scopes":["read:docs"],"tools":{"search":{},"transfer":{"amount":{"constraint_type":"range","max":500,"min":0}}},"uses":2}"#;

fn mandate() -> Mandate {
    Mandate::from_json(TEXT).unwrap()
}

#[test]
fn writes_what_it_read() {
    assert_eq!(mandate().to_canonical_json(), TEXT);
    assert_eq!(serde_json::from_str::<Mandate>(TEXT).unwrap(), mandate());
    assert_eq!(crate::jcs::canonical(&mandate()).unwrap(), TEXT);
}

#[test]
fn every_member_is_explicit_and_none_is_unknown() {
    for member in [
        "scopes",
        "tools",
        "blocked_tools",
        "limits",
        "declared",
        "limit_required",
        "audience",
        "binding",
        "not_before",
        "expires_at",
        "max_depth",
        "may_delegate",
    ] {
        let mut value: BTreeMap<String, serde_json::Value> = serde_json::from_str(TEXT).unwrap();
        value.remove(member);
        let error = Mandate::from_json(&serde_json::to_string(&value).unwrap());
        assert!(matches!(error, Err(MandateError::Missing { name }) if name == member), "{member}");
    }
    let unmetered = TEXT.replace(r#","uses":2"#, "");
    assert_eq!(Mandate::from_json(&unmetered).unwrap().uses, None);
    let stranger = TEXT.replace(r#""uses":2"#, r#""budget":2"#);
    assert_eq!(Mandate::from_json(&stranger), Err(MandateError::Unknown { name: "budget".to_owned() }));
    let bound = TEXT.replace(r#""task":"#, r#""job":"#);
    assert_eq!(Mandate::from_json(&bound), Err(MandateError::Unknown { name: "job".to_owned() }));
    for (from, to) in [
        ("\"max_depth\":3", "\"max_depth\":300"),
        ("\"uses\":2", "\"uses\":-1"),
        ("\"uses\":2", "\"uses\":1.5"),
        ("\"may_delegate\":true", "\"may_delegate\":1"),
        ("[\"shell\"]", "[1]"),
    ] {
        assert!(
            matches!(Mandate::from_json(&TEXT.replace(from, to)), Err(MandateError::Type { .. })),
            "{to}"
        );
    }
}

#[test]
fn a_blocked_tool_leaves_tools() {
    let mut blocked = mandate();
    blocked.blocked_tools.insert("search".to_owned());
    assert!(!blocked.normalized().tools.contains_key("search"));
    assert!(mandate().normalized().tools.contains_key("search"));
}

#[test]
fn meets_member_by_member() {
    let a = mandate();
    let mut b = mandate();
    b.scopes.insert(Scope::try_from("write:crm").unwrap());
    b.tools.insert("deploy".to_owned(), ArgumentMap::new());
    b.tools.insert("search".to_owned(), BTreeMap::from([("q".to_owned(), Constraint::Wildcard)]));
    b.blocked_tools.insert("delete".to_owned());
    b.declared = BTreeMap::from([("transfer".to_owned(), BTreeSet::from(["amount".to_owned()]))]);
    b.binding = Binding { session: Some("s".to_owned()), ..Binding::default() };
    b.expires_at = Instant(10);
    b.may_delegate = false;
    b.uses = None;
    let met = a.meet(&b).unwrap();
    assert_eq!(met.scopes, a.scopes);
    assert_eq!(met.tools.keys().collect::<Vec<_>>(), ["search", "transfer"]);
    assert_eq!(met.tools.get("search"), b.tools.get("search"), "an empty map gives way");
    assert_eq!(met.blocked_tools.len(), 2);
    assert_eq!(met.declared.get("transfer").unwrap().len(), 1);
    assert_eq!(
        met.binding,
        Binding { task: Some("task-42".to_owned()), session: Some("s".to_owned()), contract: None }
    );
    assert_eq!((met.expires_at, met.may_delegate, met.uses), (Instant(10), false, Some(2)));
    assert!(met.is_below(&a) && met.is_below(&b));
    assert!(!a.is_below(&met) && !b.is_below(&met));
}

#[test]
fn different_bindings_are_bottom_and_different_arguments_lose_the_tool() {
    let a = mandate();
    let mut b = mandate();
    b.binding.task = Some("task-43".to_owned());
    assert_eq!(a.meet(&b), None);
    b.binding.task = None;
    assert!(a.meet(&b).is_some());
    b.tools.insert("transfer".to_owned(), BTreeMap::from([("target".to_owned(), Constraint::Wildcard)]));
    assert!(!a.meet(&b).unwrap().tools.contains_key("transfer"));
    assert!(!attenuates(&b.tools, &a.tools));
    assert!(attenuates(&a.tools, &mandate().tools));
}

#[test]
fn seals_in_whole_seconds_and_never_wider() {
    let mut late = mandate();
    late.not_before = Instant(1);
    late.expires_at = Instant(3_599_999);
    let sealed = late.clone().in_whole_seconds();
    assert_eq!((sealed.not_before, sealed.expires_at), (Instant(1000), Instant(3_599_000)));
    assert!(sealed.is_below(&late));
}

#[test]
fn bounds_end_what_is_parsed() {
    let tools = |count: usize| {
        let mut large = mandate();
        large.tools = (0..count).map(|i| (format!("t{i}"), ArgumentMap::new())).collect();
        Mandate::from_json(&large.to_canonical_json()).map(|_| ())
    };
    assert_eq!(tools(MAX_TOOLS), Ok(()));
    assert_eq!(tools(MAX_TOOLS + 1), Err(MandateError::Bound(BoundError::Tools { count: MAX_TOOLS + 1 })));
    let nodes = |count: usize| {
        let mut large = mandate();
        let map = (0..count).map(|i| (format!("a{i}"), Constraint::Wildcard)).collect();
        large.tools.insert("t".to_owned(), map);
        large.verify_bounds()
    };
    assert_eq!(nodes(MAX_TOOL_NODES), Ok(()));
    assert!(matches!(nodes(MAX_TOOL_NODES + 1), Err(BoundError::ToolNodes { .. })));
    let nested = |depth: usize| {
        let mut large = mandate();
        let deep = (0..depth).fold(Constraint::Wildcard, |c, _| Constraint::All(vec![c]));
        large.limits.insert("env".to_owned(), deep);
        large.verify_bounds()
    };
    assert_eq!(nested(13), Ok(()));
    assert!(matches!(nested(14), Err(BoundError::Nesting { .. })));
    let long = format!("{}{}", " ".repeat(64 * 1024), TEXT);
    assert!(matches!(Mandate::from_json(&long), Err(MandateError::Bound(BoundError::Text { .. }))));
}
