//! Capabilities that every verifier accepts, with what they say and some decisions.

use std::collections::BTreeMap;

use deputy_mandate::{Binding, Constraint, Instant, Mandate, Narrowing, Scope, Value};
use deputy_token::access::{AccessClaims, Act, AgentClaim, Cnf, Hop, MayAct};
use deputy_token::capability::{Attenuation, seal};
use serde_json::{Value as Json, json};

use super::sealed::{
    AUDIENCE, NOW, blocks, claims, decision, forge, head, hop, key, mandate, narrowed, verify,
};

pub(crate) fn file() -> Json {
    let mut file = head();
    file["cases"] = json!([
        case("root", &root(), &reference_requests()),
        case("narrowed scope and tools", &scopes_and_tools(), &reference_requests()),
        case("three hops narrow everything", &everything(), &narrowed_requests()),
        case("issued for a person after a delegation", &for_a_person(), &bound_requests()),
        case("names and texts beyond ASCII", &beyond_ascii(), &[]),
        case("constraints that are not in normal form", &not_normal(), &[]),
        case("as deep as any chain", &deepest(), &[]),
        case("nothing left", &nothing(), &reference_requests()[..1]),
        case("an unknown constraint type denies", &unknown(), &unknown_requests()),
        case("a block adds an unknown constraint type", &unknown_below(), &unknown_requests()),
        case("a tool blocked on the way leaves", &blocked(), &reference_requests()[..2]),
        case("a scope list in any order", &any_order(), &[]),
    ]);
    file
}

fn case(name: &str, text: &str, requests: &[Json]) -> Json {
    let signed = verify(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let claims = signed.claims();
    let meters: Vec<Json> = signed
        .meters()
        .iter()
        .map(|meter| json!({"credential": meter.credential, "uses": meter.uses}))
        .collect();
    let decisions: Vec<Json> =
        requests.iter().map(|request| decision(&claims.mandate, request, NOW + 10)).collect();
    json!({
        "name": name,
        "blocks": blocks(text),
        "capability": text,
        "claims": claims,
        "issued_hops": signed.issued_hops(),
        "meters": meters,
        "decisions": decisions,
    })
}

fn step(name: &str, narrowing: Narrowing) -> Attenuation {
    Attenuation { name: name.into(), narrowing, cnf: None }
}

fn constraint(json: &Json) -> Constraint {
    Constraint::from_value(&Value::parse(&json.to_string()).unwrap()).unwrap()
}

pub(crate) fn root() -> String {
    seal(&claims(), &key()).unwrap()
}

fn scopes_and_tools() -> String {
    let mut tools = mandate().tools;
    tools.remove("brain_query");
    tools.get_mut("transfer").unwrap().insert(
        "amount".into(),
        constraint(&json!({"constraint_type": "range", "min": 1, "max": 99.5, "max_inclusive": false})),
    );
    let scopes = Scope::parse_list("read:docs").ok();
    narrowed(&root(), &step("planner", Narrowing { scopes, tools: Some(tools), ..Narrowing::default() }))
}

pub(crate) fn everything() -> String {
    let mut limits = mandate().limits;
    limits.insert("env".into(), constraint(&json!({"constraint_type": "exact", "value": "staging"})));
    limits.insert(
        "path".into(),
        constraint(&json!({"constraint_type": "path_containment", "root": "/srv/data"})),
    );
    let mut blocked = mandate().blocked_tools;
    blocked.insert("read_db".into());
    let first = Narrowing {
        limits: Some(limits),
        blocked_tools: Some(blocked),
        uses: Some(10),
        ..Narrowing::default()
    };
    let binding = Some(Binding { task: Some("task-42".into()), ..Binding::default() });
    let second =
        Narrowing { binding, expires_at: Some(Instant::from_secs(NOW + 600)), ..Narrowing::default() };
    let third = Narrowing {
        not_before: Some(Instant::from_secs(NOW + 1)),
        max_depth: Some(3),
        may_delegate: Some(false),
        uses: Some(3),
        ..Narrowing::default()
    };
    let text = narrowed(&root(), &step("planner", first));
    let cnf = Some(Cnf { jkt: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".into() });
    let text = narrowed(&text, &Attenuation { cnf, ..step("worker", second) });
    narrowed(&text, &step("leaf.3_a-b", third))
}

pub(crate) fn person() -> AccessClaims {
    let binding = Binding { contract: Some("contract-1".into()), ..Binding::default() };
    let of = |hop: Hop| Hop { sub: Some("u7".into()), crit: true, bind: Some(binding.clone()), ..hop };
    let spiffe_id = "spiffe://deputy.example/t/acme/agent/writer";
    AccessClaims {
        sub: "user:u7".into(),
        client_id: "a2".into(),
        agent: AgentClaim {
            id: "a2".into(),
            name: "writer".into(),
            owners: vec!["group:g1".into(), "user:u1".into()],
            spiffe_id: spiffe_id.into(),
        },
        chain: vec![
            Hop { bind: None, ..of(hop("c1", "a1")) },
            Hop { rt: None, jkt: Some("thumbprint".into()), seq: 1001, ..of(hop("c2", "a2")) },
        ],
        mandate: Mandate { binding: binding.clone(), uses: Some(5), ..mandate() },
        act: Some(Act {
            act: Some(Box::new(Act { act: None, sub: claims().agent.spiffe_id })),
            sub: spiffe_id.into(),
        }),
        may_act: Some(MayAct { client_ids: vec!["a3".into()] }),
        cnf: Some(Cnf { jkt: "thumbprint".into() }),
        ..claims()
    }
}

fn for_a_person() -> String {
    let binding = Some(Binding { session: Some("s-1".into()), ..Binding::default() });
    let text = seal(&person(), &key()).unwrap();
    narrowed(&text, &step("helper", Narrowing { binding, ..Narrowing::default() }))
}

fn beyond_ascii() -> String {
    let arguments =
        ["é", "😀", "\u{fb33}", "a\nb", "\"q\\"].map(|name| (name.to_owned(), Constraint::Wildcard));
    let value = constraint(&json!({"constraint_type": "exact", "value": "\u{7f}\u{1}é😀/"}));
    let arguments: BTreeMap<_, _> = arguments.into_iter().chain([("z".to_owned(), value)]).collect();
    let tools: BTreeMap<_, _> = [("übung".to_owned(), arguments)].into();
    let claims = AccessClaims { mandate: Mandate { tools: tools.clone(), ..mandate() }, ..claims() };
    let text = seal(&claims, &key()).unwrap();
    let binding = Some(Binding { task: Some("tâche".into()), ..Binding::default() });
    narrowed(&text, &step("x", Narrowing { tools: Some(tools), binding, ..Narrowing::default() }))
}

/// A block as another maker may write it: canonical JSON, but the constraints as they came.
fn not_normal() -> String {
    let block = json!({
        "limits": {
            "amount": {"constraint_type": "all", "constraints": [
                {"constraint_type": "range", "max": 400},
                {"constraint_type": "all", "constraints": [
                    {"constraint_type": "range", "max": 300, "min_inclusive": false},
                    {"constraint_type": "wildcard"},
                ]},
            ]},
            "env": {"constraint_type": "one_of", "values": ["staging", "staging"]},
            "note": {"constraint_type": "any", "constraints": [
                {"constraint_type": "range", "min": 5, "max_inclusive": true},
                {"constraint_type": "range", "min": 1},
                {"constraint_type": "exact", "value": "x"},
            ]},
            "path": {"constraint_type": "path_containment", "root": "/srv//data/./a/../"},
            "target": {"constraint_type": "one_of", "values": ["marketing-api", "crm-db"]},
        },
        "name": "other",
        "nonce": "AAAAAAAAAAAAAAAAAAAAAA",
    });
    forge(&[blocks(&root()).remove(0), Value::parse(&block.to_string()).unwrap().to_canonical()])
}

fn deepest() -> String {
    let claims = AccessClaims { mandate: Mandate { max_depth: 16, ..mandate() }, ..claims() };
    let text = seal(&claims, &key()).unwrap();
    (0..16).fold(text, |text, i| narrowed(&text, &step(&format!("d{i}"), Narrowing::default())))
}

fn nothing() -> String {
    let none = Narrowing { scopes: Some([].into()), tools: Some([].into()), ..Narrowing::default() };
    narrowed(&root(), &step("idle", none))
}

fn future() -> Constraint {
    constraint(&json!({"constraint_type": "regex", "pattern": "^[a-z]+$"}))
}

fn unknown() -> String {
    let tools = [("search".to_owned(), [("q".to_owned(), future())].into())].into();
    let claims = AccessClaims { mandate: Mandate { tools, ..mandate() }, ..claims() };
    seal(&claims, &key()).unwrap()
}

fn unknown_below() -> String {
    let tools = [("search".to_owned(), [("q".to_owned(), future())].into())].into();
    narrowed(&root(), &step("later", Narrowing { tools: Some(tools), ..Narrowing::default() }))
}

fn blocked() -> String {
    let blocked = mandate().blocked_tools.into_iter().chain(["search".to_owned()]).collect();
    let stated =
        Narrowing { blocked_tools: Some(blocked), tools: Some(mandate().tools), ..Narrowing::default() };
    narrowed(&root(), &step("quiet", stated))
}

fn any_order() -> String {
    let block = r#"{"blocked_tools":["shell","deploy","delete_record","deploy"],"name":"other","nonce":"AAAAAAAAAAAAAAAAAAAAAA","scope":"write:drafts read:docs read:docs identity"}"#;
    forge(&[blocks(&root()).remove(0), block.to_owned()])
}

fn call(tool: &str, arguments: &Json) -> Json {
    json!({"tool": tool, "arguments": arguments, "audience": AUDIENCE})
}

fn reference_requests() -> Vec<Json> {
    vec![
        call("search", &json!({"query": "Q1 revenue"})),
        call("brain_query", &json!({"query": "churn rate"})),
        call("deploy", &json!({"version": "v1"})),
        call("transfer", &json!({"amount": 5000, "currency": "EUR", "target": "crm-db"})),
        call("transfer", &json!({"amount": 99.5, "currency": "EUR", "target": "crm-db"})),
        call("transfer", &json!({"amount": 99.49, "currency": "EUR", "target": "crm-db"})),
        call("transfer", &json!({"amount": "50", "currency": "EUR", "target": "crm-db"})),
        call("transfer", &json!({"amount": 50, "currency": "GBP", "note": "x"})),
        call("launch", &json!({"amount": 501, "nested": [{"env": "production"}]})),
        json!({"scope": "read:docs", "audience": AUDIENCE}),
        json!({"scope": "write:drafts", "audience": AUDIENCE}),
        json!({"scope": "write:drafts", "audience": "https://other.example/"}),
        json!({"tool": "search", "arguments": [], "audience": AUDIENCE}),
        json!({"audience": AUDIENCE}),
        json!({"tool": "search", "context": {"env": "production"}, "audience": AUDIENCE}),
        json!({"tool": "search", "context": {"env": "staging"}, "audience": AUDIENCE}),
    ]
}

fn narrowed_requests() -> Vec<Json> {
    let bound = |mut request: Json, task: &str| {
        request["binding"] = json!({"task": task});
        request
    };
    let mut requests: Vec<Json> =
        reference_requests().into_iter().map(|request| bound(request, "task-42")).collect();
    let path = |path: &str| bound(call("search", &json!({"path": path})), "task-42");
    requests.extend([
        bound(call("search", &json!({})), "task-43"),
        call("search", &json!({})),
        bound(call("read_db", &json!({})), "task-42"),
        path("/srv/data/x"),
        path("/srv/data/../etc"),
        path("/srv/data/%2e%2e/etc"),
        path("srv/data"),
    ]);
    requests
}

fn bound_requests() -> Vec<Json> {
    let request = |binding: &Json| json!({"scope": "read:docs", "audience": AUDIENCE, "binding": binding});
    vec![
        request(&json!({"contract": "contract-1", "session": "s-1"})),
        request(&json!({"contract": "contract-1", "session": "s-1", "task": "any"})),
        request(&json!({"contract": "contract-1"})),
        request(&json!({"contract": "contract-2", "session": "s-2"})),
    ]
}

fn unknown_requests() -> Vec<Json> {
    vec![
        call("search", &json!({"q": "abc"})),
        call("search", &json!({})),
        json!({"scope": "read:docs", "audience": AUDIENCE}),
    ]
}
