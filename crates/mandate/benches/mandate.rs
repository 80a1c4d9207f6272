//! The cost of the pure model: parse, meet, order, decide and grant, on mandates of an everyday size.

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use deputy_mandate::{
    Catalogue, Constraint, Instant, Leg, LegName, Mandate, Request, Requested, Scope, Terms, Value, allows,
    grant,
};

const MANDATE: &str = include_str!("everyday.json");
const ARGUMENTS: &str =
    r#"{"amount": 120.50, "currency": "EUR", "target": "crm-db", "note": {"env": "staging"}}"#;
const NOW: Instant = Instant(1_700_000_000_000);

fn everyday() -> Mandate {
    match Mandate::from_json(MANDATE) {
        Ok(mandate) => mandate,
        Err(error) => {
            eprintln!("everyday.json: {error}");
            std::process::exit(1)
        }
    }
}

fn request(arguments: &str) -> Request {
    Request {
        scope: Scope::try_from("read:docs").ok(),
        tool: Some("transfer".to_owned()),
        arguments: Value::parse(arguments).unwrap_or(Value::Null),
        audience: Some("https://crm.example.com/".to_owned()),
        ..Request::default()
    }
}

fn decide(c: &mut Criterion) {
    let mandate = everyday();
    let allowed = request(ARGUMENTS);
    let denied = request(&ARGUMENTS.replace("120.50", "5000"));
    assert!(allows(&mandate, &allowed, NOW).is_allow() && !allows(&mandate, &denied, NOW).is_allow());
    c.bench_function("decide/allow", |b| b.iter(|| allows(black_box(&mandate), black_box(&allowed), NOW)));
    c.bench_function("decide/deny", |b| b.iter(|| allows(black_box(&mandate), black_box(&denied), NOW)));
}

fn compare(c: &mut Criterion) {
    let parent = everyday();
    let mut child = parent.clone();
    child.scopes.pop_first();
    child.tools.pop_first();
    child.limits.insert("amount".to_owned(), Constraint::one_of([100, 200]));
    c.bench_function("meet", |b| b.iter(|| black_box(&parent).meet(black_box(&child))));
    c.bench_function("is_below", |b| b.iter(|| black_box(&child).is_below(black_box(&parent))));
}

fn read(c: &mut Criterion) {
    let mandate = everyday();
    let claims = mandate.to_claims();
    c.bench_function("parse/mandate", |b| b.iter(|| Mandate::from_json(black_box(MANDATE))));
    c.bench_function("parse/claims", |b| b.iter(|| Mandate::from_claims(black_box(&claims))));
    c.bench_function("parse/arguments", |b| b.iter(|| Value::parse(black_box(ARGUMENTS))));
    c.bench_function("write/claims", |b| b.iter(|| black_box(&mandate).to_claims()));
}

fn issue(c: &mut Criterion) {
    let mandate = everyday();
    let cap = Leg { scopes: Some(mandate.scopes.clone()), ..Leg::default() };
    let roles = Leg { expires_at: None, not_before: None, ..Leg::from(&mandate) };
    let legs = [(LegName::RoleBindings, roles), (LegName::AllowedScopes, cap)];
    let details = r#"[{"type":"deputy_mandate","tools":{"search":{},"transfer":{}}}]"#;
    let audience: BTreeSet<String> = mandate.audience.clone();
    let catalogue = Catalogue { tools: mandate.declared };
    let terms = Terms {
        now: NOW,
        audience: &audience,
        default_ttl_secs: 900,
        expires_in: None,
        max_depth: 3,
        catalogue: &catalogue,
    };
    c.bench_function("grant", |b| {
        b.iter(|| {
            let requested = Requested::parse(Some("read:docs"), Some(black_box(details)));
            requested.map(|requested| grant(&legs, &requested, &terms))
        });
    });
}

criterion_group!(benches, decide, compare, read, issue);
criterion_main!(benches);
