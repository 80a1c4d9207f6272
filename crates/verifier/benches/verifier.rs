//! What a decision through the verifier costs, beside the bare signature in the same run.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use deputy_token::access;
use deputy_token::capability::{self, Attenuation, CapabilitySecret, attenuate};
use deputy_token::jws::UnverifiedJws;
use deputy_token::keys::{Alg, JwkSet, SigningKey};
use deputy_token::revocation::Target;
use deputy_verifier::{
    Halt, InProcess, Instant, KeySet, Kid, Known, Policy, Presented, Request, RevocationIndex,
    RevocationView, Value,
};

#[path = "../../token/benches/best/mod.rs"]
mod best;
#[path = "../../token/benches/example/mod.rs"]
mod example;

use best::best_of_both;
use example::{ISSUER, NOW, claims};

/// The server's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CRM: &str = "https://crm.example.com/";

fn decisions(c: &mut Criterion) {
    let rng = aws_lc_rs::rand::SystemRandom::new();
    let key = SigningKey::generate(Kid::new("k1").unwrap(), Alg::Es256, &rng).unwrap();
    let secret = CapabilitySecret::from_bytes(&[7; 32]).audience_key(&Kid::new("c1").unwrap(), CRM);
    let mut policy = Policy::new(ISSUER, CRM);
    policy.capability_keys.push(secret.clone());
    let keys = KeySet::from(JwkSet { keys: vec![key.jwk().clone()] });
    // A live set of ordinary size, none of which reaches the chain.
    let mut index = RevocationIndex::new();
    for i in 0..10_000 {
        index.insert(i, &Target::Credential(format!("credential-{i}")), Instant(i64::MAX));
        index.insert(i, &Target::Agent(format!("agent-{i}")), Instant(i64::MAX));
    }
    let view = RevocationView::from_parts(NOW, index, Halt::None);
    let replays = InProcess::default();
    let known = Known { keys: &keys, revocations: &view, replays: &replays };
    let arguments = Value::parse(r#"{"amount": 120.50, "currency": "USD", "target": "crm-db"}"#).unwrap();
    let request = Request { tool: Some("transfer".into()), arguments, ..Request::default() };
    let decide = |token: &str| {
        let verdict = policy.check_at(&known, &Presented::bearer(black_box(token)), &request, NOW);
        assert!(verdict.is_allow(), "{:?}", verdict.reasons());
    };

    let token = access::seal(&claims(2), &key).unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let signature = base64::Engine::decode(&engine, signature).unwrap();
    let jws = UnverifiedJws::parse(&token).unwrap();
    let input = jws.signing_input().as_bytes();
    let raw = || key.public().verify(jws.alg(), black_box(input), &signature).unwrap();
    let (bare, whole) = best_of_both(raw, || decide(&token));
    println!("access token to the decision: {whole:.1} us = {:.2} x its ES256 verification", whole / bare);

    let mut group = c.benchmark_group("verifier");
    group.bench_function("raw ES256 verification", |b| b.iter(raw));
    group.bench_function("access token, root + 1 hop, to the decision", |b| b.iter(|| decide(&token)));

    let mut root = claims(1);
    root.mandate.max_depth = 4;
    let deep = (0..3_u8).fold(capability::seal(&root, &secret).unwrap(), |parent, i| {
        let step = Attenuation { name: format!("worker-{i}"), ..Attenuation::default() };
        attenuate(&parent, &step, [i; 16]).unwrap()
    });
    group.bench_function("capability, root + 3 hops, to the decision", |b| b.iter(|| decide(&deep)));
    group.finish();
}

criterion_group!(benches, decisions);
criterion_main!(benches);
