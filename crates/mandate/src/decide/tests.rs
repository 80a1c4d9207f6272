//! Decisions with all their reasons, the reference example among them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Decision, Reason, ReasonCode, Reasons, Request, allows, ceiling_reasons};
use crate::constraint::Constraint;
use crate::instant::Instant;
use crate::json::{Number, Value};
use crate::leg::{Leg, LegName};
use crate::mandate::{Binding, Mandate};
use crate::scope::Scope;

const NOW: Instant = Instant(5_000);

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

fn mandate() -> Mandate {
    let limits = [
        ("amount", Constraint::at_most(Number::from(500))),
        ("env", Constraint::one_of(["staging", "development"])),
        ("target", Constraint::one_of(["crm-db", "marketing-api"])),
    ];
    Mandate {
        scopes: Scope::parse_list("read:docs").unwrap(),
        tools: ["search", "brain_query", "read_db"].map(|tool| (tool.to_owned(), BTreeMap::new())).into(),
        blocked_tools: names(&["shell", "deploy", "delete_record"]),
        limits: limits.map(|(name, limit)| (name.to_owned(), limit)).into(),
        declared: BTreeMap::new(),
        limit_required: BTreeMap::new(),
        audience: names(&["https://crm.example.com/"]),
        binding: Binding::default(),
        not_before: Instant(0),
        expires_at: Instant(10_000),
        max_depth: 0,
        may_delegate: false,
        uses: None,
    }
}

fn call(tool: &str, arguments: &str) -> Request {
    Request {
        tool: Some(tool.to_owned()),
        arguments: Value::parse(arguments).unwrap(),
        audience: Some("https://crm.example.com/".to_owned()),
        ..Request::default()
    }
}

fn said(decision: &Decision) -> Vec<String> {
    let name = |reason: &Reason| match &reason.field {
        Some(field) => format!("{}({field})", reason.code.as_str()),
        None => reason.code.as_str().to_owned(),
    };
    decision.reasons().iter().map(name).collect()
}

fn denied(mandate: &Mandate, request: &Request) -> Vec<String> {
    said(&allows(mandate, request, NOW))
}

#[test]
fn the_reference_example() {
    let m = mandate();
    assert_eq!(allows(&m, &call("search", r#"{"query":"Q1 revenue"}"#), NOW), Decision::Allow);
    assert_eq!(allows(&m, &call("brain_query", r#"{"query":"churn rate"}"#), NOW), Decision::Allow);
    let deploy = allows(&m, &call("deploy", r#"{"where":"production"}"#), NOW);
    assert_eq!(said(&deploy), ["tool_blocked(deploy)", "tool_not_allowed(deploy)"]);
    let transfer = allows(&m, &call("transfer", r#"{"amount":5000}"#), NOW);
    assert_eq!(said(&transfer), ["tool_not_allowed(transfer)", "constraint_violated(amount)"]);
    let [_, amount] = transfer.reasons() else { panic!("two reasons") };
    assert_eq!(amount.limit.as_ref().unwrap().to_canonical(), r#"{"constraint_type":"range","max":500}"#);
    assert_eq!(amount.value, Some(Value::from(5000)));
    assert_eq!(amount.message, "`arguments.amount` is outside the limit `amount`.");
}

#[test]
fn limits_reach_every_depth_of_arguments_and_context() {
    let m = mandate();
    for (arguments, expected) in [
        (r#"{"amount":500,"env":"staging"}"#, &[][..]),
        (r#"{"order":{"lines":[{"amount":500},{"amount":501}]}}"#, &["constraint_violated(amount)"]),
        (r#"{"amount":{"amount":1}}"#, &["type_mismatch(amount)"]),
        (r#"{"env":"production","x":{"env":7}}"#, &["type_mismatch(env)", "constraint_violated(env)"]),
        (r#"{"amount":"500"}"#, &["type_mismatch(amount)"]),
        (r#"{"Amount":5000}"#, &[]),
    ] {
        assert_eq!(denied(&m, &call("search", arguments)), expected, "{arguments}");
        let context = Request { context: Value::parse(arguments).unwrap(), ..call("search", "{}") };
        assert_eq!(denied(&m, &context), expected, "context {arguments}");
    }
    let deep = allows(&m, &call("search", r#"{"order":{"lines":[{"amount":501}]}}"#), NOW);
    assert_eq!(deep.reasons()[0].message, "`arguments.order.lines[0].amount` is outside the limit `amount`.");
}

#[test]
fn a_stated_map_closes_the_world() {
    let mut m = mandate();
    let arguments = [("amount", Constraint::at_most(Number::from(100))), ("memo", Constraint::Wildcard)];
    m.tools.insert("transfer".to_owned(), arguments.map(|(name, c)| (name.to_owned(), c)).into());
    for (arguments, expected) in [
        (r#"{"amount":100,"memo":null}"#, &[][..]),
        (r#"{"amount":101,"memo":1}"#, &["constraint_violated(amount)"]),
        (r#"{"amount":501,"memo":1}"#, &["constraint_violated(amount)", "constraint_violated(amount)"]),
        (r#"{"amount":"1","memo":1}"#, &["type_mismatch(amount)", "type_mismatch(amount)"]),
        (r#"{"amount":1}"#, &["argument_missing(memo)"]),
        (r#"{"amount":1,"memo":1,"z":1,"a":1}"#, &["argument_not_declared(a)", "argument_not_declared(z)"]),
        ("{}", &["argument_missing(amount)", "argument_missing(memo)"]),
    ] {
        assert_eq!(denied(&m, &call("transfer", arguments)), expected, "{arguments}");
    }
}

#[test]
fn the_catalogue_and_required_limits_are_predicates_of_their_own() {
    let mut m = mandate();
    m.declared.insert("search".to_owned(), names(&["amount", "query"]));
    m.limit_required.insert("search".to_owned(), names(&["amount"]));
    assert_eq!(denied(&m, &call("search", r#"{"amount":1,"query":"x"}"#)), Vec::<String>::new());
    assert_eq!(denied(&m, &call("search", r#"{"query":"x"}"#)), ["argument_missing(amount)"]);
    let nested = call("search", r#"{"query":{"amount":1}}"#);
    assert_eq!(denied(&m, &nested), ["argument_missing(amount)"], "only a top-level argument counts");
    assert_eq!(denied(&m, &call("search", r#"{"amount":1,"shout":true}"#)), ["argument_not_declared(shout)"]);
    m.tools.remove("search");
    let expected = ["tool_not_allowed(search)", "argument_not_declared(shout)", "argument_missing(amount)"];
    assert_eq!(denied(&m, &call("search", r#"{"shout":true}"#)), expected);
}

#[test]
fn scope_audience_binding_and_time() {
    let mut m = mandate();
    m.binding = Binding { task: Some("t-1".to_owned()), ..Binding::default() };
    let good = Request {
        scope: Some(Scope::try_from("read:docs").unwrap()),
        audience: Some("https://crm.example.com/".to_owned()),
        binding: Binding { task: Some("t-1".to_owned()), session: Some("s".to_owned()), contract: None },
        ..Request::default()
    };
    assert!(allows(&m, &good, NOW).is_allow());
    assert_eq!(said(&allows(&m, &good, Instant(10_000))), ["expired"]);
    assert!(allows(&m, &good, Instant(9_999)).is_allow());
    m.not_before = Instant(5_001);
    assert_eq!(said(&allows(&m, &good, NOW)), ["not_yet_valid"]);
    assert!(allows(&m, &good, Instant(5_001)).is_allow());
    m.not_before = Instant(0);
    let other = Request { scope: Some(Scope::try_from("Read:docs").unwrap()), ..good.clone() };
    assert_eq!(denied(&m, &other), ["scope_missing(Read:docs)"]);
    let other = Request { audience: Some("https://crm.example.com".to_owned()), ..good.clone() };
    assert_eq!(denied(&m, &other), ["audience_mismatch(audience)"]);
    let other = Request { binding: Binding::default(), ..good.clone() };
    assert_eq!(denied(&m, &other), ["binding_mismatch(task)"]);
    let other = Request { scope: None, ..good.clone() };
    assert_eq!(denied(&m, &other), ["malformed"]);
    let other = Request { arguments: Value::Null, context: Value::Array(vec![]), ..good };
    assert_eq!(denied(&m, &other), ["malformed(arguments)", "malformed(context)"]);
}

#[test]
fn what_is_not_understood_denies() {
    let unknown = Constraint::Unknown(Value::parse(r#"{"constraint_type":"regex"}"#).unwrap());
    let mut m = mandate();
    m.tools.insert("grep".to_owned(), BTreeMap::from([("q".to_owned(), unknown.clone())]));
    assert_eq!(denied(&m, &call("grep", r#"{"q":"x"}"#)), ["unknown_constraint(q)"]);
    assert!(allows(&m, &call("search", "{}"), NOW).is_allow());
    m.limits.insert("region".to_owned(), unknown);
    assert_eq!(denied(&m, &call("search", "{}")), ["unknown_constraint(region)"]);
    assert_eq!(denied(&m, &call("search", r#"{"region":"eu"}"#)), ["unknown_constraint(region)"]);
}

#[test]
fn blocking_says_the_same_before_and_after_normal_form() {
    let mut m = mandate();
    m.tools.insert("deploy".to_owned(), BTreeMap::new());
    let request = call("deploy", r#"{"amount":501}"#);
    assert_eq!(allows(&m, &request, NOW), allows(&m.clone().normalized(), &request, NOW));
}

#[test]
fn reasons_come_in_the_normative_order() {
    let everything: Vec<Reason> = ReasonCode::ALL.iter().rev().map(|code| Reason::of(*code)).collect();
    let sorted: Vec<&str> = Reasons::new(everything).unwrap().codes().map(ReasonCode::as_str).collect();
    let expected = "malformed signature_invalid proof_missing proof_invalid depth_exceeded delegation_not_allowed \
         not_attenuated expired not_yet_valid revoked revocation_stale agent_inactive subject_inactive tenant_halted \
         subject_mismatch audience_mismatch binding_mismatch runtime_changed runtime_missing scope_missing \
         tool_blocked tool_not_allowed argument_not_declared argument_missing type_mismatch constraint_violated \
         unknown_constraint ceiling_narrowed uses_exhausted online_check_required";
    assert_eq!(sorted, expected.split_whitespace().collect::<Vec<_>>());
    for code in ReasonCode::ALL {
        assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{}\"", code.as_str()));
        assert!(code.sentence().ends_with('.') && !code.sentence().contains(". "), "one sentence");
    }
    assert_eq!(Reasons::new(vec![]), None);
}

#[test]
fn a_reason_never_repeats_a_secret() {
    let mut m = mandate();
    m.limits.insert("api_key".to_owned(), Constraint::one_of(["none"]));
    let decision = allows(&m, &call("search", r#"{"api_key":"hunter2","env":"prod"}"#), NOW);
    assert_eq!(said(&decision), ["constraint_violated(api_key)", "constraint_violated(env)"]);
    let text = serde_json::to_string(decision.reasons()).unwrap();
    assert!(!text.contains("hunter2") && text.contains("prod"), "{text}");
}

#[test]
fn each_current_leg_is_asked_alone() {
    let roles = Leg { tools: Some(mandate().tools), ..Leg::default() };
    let policy = Leg { blocked_tools: names(&["search"]), limits: mandate().limits, ..Leg::default() };
    let legs = [(LegName::RoleBindings, roles), (LegName::ResourcePolicy, policy)];
    assert_eq!(ceiling_reasons(&legs, &call("read_db", r#"{"amount":1}"#)), []);
    let by = |request: &Request| {
        let reasons = ceiling_reasons(&legs, request);
        assert!(reasons.iter().all(|reason| reason.code == ReasonCode::CeilingNarrowed));
        reasons.into_iter().filter_map(|reason| reason.field).collect::<Vec<_>>()
    };
    assert_eq!(by(&call("search", "{}")), ["resource_policy"]);
    assert_eq!(by(&call("other", r#"{"amount":501}"#)), ["role_bindings", "resource_policy"]);
}
