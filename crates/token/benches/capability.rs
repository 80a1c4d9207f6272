//! What verifying and narrowing a capability costs, beside the bare HMACs of the same bytes in the same run.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark may stop")]

mod best;
mod example;

use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use best::best_of_both;
use criterion::{Criterion, criterion_group, criterion_main};
use deputy_mandate::{Constraint, Decision, Narrowing, Number, Range, Request, Scope, Value, allows};
use deputy_token::capability::{
    self, Attenuation, AudienceKey, CapabilitySecret, UnverifiedCapability, attenuate,
};
use deputy_token::keys::Kid;
use example::{ISSUER, NOW, claims};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The server's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Three delegations, each of which narrows something.
fn steps() -> [Attenuation; 3] {
    let tools = |names: &[&str]| {
        let known = claims(1).mandate.tools;
        names.iter().map(|name| ((*name).to_owned(), known.get(*name).unwrap().clone())).collect()
    };
    let mut limits = claims(1).mandate.limits;
    let amount = Range { min: Some(Number::ZERO), max: Some(Number::from(200)), ..Range::default() };
    limits.insert("amount".into(), Constraint::Range(amount));
    let step = |name: &str, narrowing| Attenuation { name: name.into(), narrowing, cnf: None };
    [
        step(
            "planner",
            Narrowing {
                scopes: Scope::parse_list("read:docs").ok(),
                tools: Some(tools(&["read_db", "search", "transfer"])),
                ..Narrowing::default()
            },
        ),
        step(
            "worker",
            Narrowing { limits: Some(limits), expires_at: Some(NOW.plus_secs(600)), ..Narrowing::default() },
        ),
        step(
            "leaf",
            Narrowing {
                tools: Some(tools(&["search", "transfer"])),
                expires_at: Some(NOW.plus_secs(60)),
                may_delegate: Some(false),
                ..Narrowing::default()
            },
        ),
    ]
}

/// The HMACs that any verifier of this text must compute.
fn hmacs(key: &AudienceKey, blocks: &[Vec<u8>]) -> [u8; 32] {
    blocks.iter().fold(*key.as_bytes(), |tag, block| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&tag).unwrap();
        mac.update(block);
        mac.finalize().into_bytes().into()
    })
}

fn capabilities(c: &mut Criterion) {
    let secret = CapabilitySecret::from_bytes(&[7; 32]);
    let key = secret.audience_key(&Kid::new("2026-11").unwrap(), "https://crm.example.com/");
    let mut sealed = claims(1);
    // The root and three delegations; one less would leave no hop to the bench of a fourth.
    sealed.mandate.max_depth = 4;
    let root = capability::seal(&sealed, &key).unwrap();
    let steps = steps();
    let mut chain = vec![root.clone()];
    for (i, step) in steps.iter().enumerate() {
        chain.push(attenuate(chain.last().unwrap(), step, [u8::try_from(i).unwrap(); 16]).unwrap());
    }
    let deep = chain.last().unwrap();
    let parts: Vec<&str> = deep.split('.').collect();
    let blocks: Vec<Vec<u8>> =
        parts[1..parts.len() - 1].iter().map(|block| B64.decode(block).unwrap()).collect();
    println!(
        "{} bytes in {} blocks of {:?} bytes",
        deep.len(),
        blocks.len(),
        blocks.iter().map(Vec::len).collect::<Vec<_>>()
    );
    let arguments = r#"{"amount": 120.50, "currency": "USD", "target": "crm-db"}"#;
    let request = Request {
        tool: Some("transfer".into()),
        scope: Scope::try_from("read:docs").ok(),
        arguments: Value::parse(arguments).unwrap(),
        audience: Some("https://crm.example.com/".into()),
        ..Request::default()
    };
    let decide = |text: &str| {
        let verified = UnverifiedCapability::parse(text)
            .unwrap()
            .verify_signature(&key, ISSUER)
            .unwrap()
            .verify_time(NOW, 0)
            .unwrap();
        allows(&verified.claims().mandate, &request, NOW)
    };
    assert_eq!(decide(deep), Decision::Allow);

    let (bare, whole) = best_of_both(|| hmacs(&key, black_box(&blocks)), || decide(black_box(deep)));
    println!("capability, root + 3 hops: {whole:.2} us to the decision = {:.2} x its HMACs", whole / bare);
    // A holder computes one HMAC, of its own block.
    let narrow = || attenuate(black_box(&root), &steps[0], [9; 16]).unwrap();
    let (bare, whole) = best_of_both(|| hmacs(&key, black_box(&blocks[1..2])), narrow);
    println!("capability, narrowed offline: {whole:.2} us from the root = {:.2} x its HMAC", whole / bare);

    let mut group = c.benchmark_group("capability");
    group.bench_function("raw HMACs, root + 3 hops", |b| b.iter(|| hmacs(&key, black_box(&blocks))));
    group.bench_function("verify and decide, root + 3 hops", |b| b.iter(|| decide(black_box(deep))));
    group.bench_function("verify and decide, root", |b| b.iter(|| decide(black_box(&root))));
    group.bench_function("parse, root + 3 hops", |b| {
        b.iter(|| UnverifiedCapability::parse(black_box(deep)).unwrap());
    });
    for (parent, step, name) in [(&chain[0], &steps[0], "root"), (&chain[2], &steps[2], "root + 2 hops")] {
        group.bench_function(format!("narrow offline, {name}"), |b| {
            b.iter(|| attenuate(black_box(parent), step, [9; 16]).unwrap());
        });
    }
    group.bench_function("seal", |b| b.iter(|| capability::seal(black_box(&sealed), &key).unwrap()));
    group.finish();
}

criterion_group!(benches, capabilities);
criterion_main!(benches);
