//! What verifying an attenuating agent token costs, beside its bare Ed25519 verifications in the same run.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use deputy_mandate::{Decision, Request, Value, allows};
use deputy_token::aat::{self, Invocation, Pop, UnverifiedAat};
use deputy_token::freshness::Window;
use deputy_token::jws::UnverifiedJws;
use deputy_token::keys::{PublicKey, VerifyAlg};

mod best;
#[path = "../tests/aat/fixture.rs"]
mod fixture;

use best::best_of_both;
use fixture::{AUDIENCE, ISSUER, NOW, TOOLS};

const HOPS: u8 = 3;

fn chains(c: &mut Criterion) {
    let tenant = fixture::tenant();
    let chain = fixture::chain(TOOLS, HOPS);
    let keys: Vec<PublicKey> = std::iter::once(tenant.public().clone())
        .chain((0..HOPS).map(|i| fixture::holder(i).public().clone()))
        .collect();
    let signed: Vec<(&str, Vec<u8>)> = chain
        .split('~')
        .map(|token| {
            let (_, signature) = token.rsplit_once('.').unwrap();
            let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, signature);
            (UnverifiedJws::parse(token).unwrap().signing_input(), bytes.unwrap())
        })
        .collect();

    let signatures = || {
        for (key, (input, signature)) in keys.iter().zip(&signed) {
            key.verify(VerifyAlg::EdDsa, black_box(input.as_bytes()), signature).unwrap();
        }
    };
    let verify = || {
        let aat = UnverifiedAat::parse(black_box(&chain)).unwrap();
        let signed = aat.verify_signature(|_| Some(tenant.public()), ISSUER).unwrap();
        signed.verify_time(NOW.plus_secs(10), 0).unwrap()
    };
    let (bare, whole) = best_of_both(signatures, verify);
    println!("chain, root + 3 hops: {whole:.1} us = {:.2} x its Ed25519 verifications", whole / bare);

    let mut group = c.benchmark_group("aat");
    group.bench_function("raw Ed25519 verifications of root + 3 hops", |b| b.iter(signatures));
    group.bench_function("verify root + 3 hops", |b| b.iter(verify));
    let tools = fixture::tools(TOOLS);
    let (leaf, jwk) = (fixture::holder(HOPS), fixture::holder(HOPS + 1));
    group.bench_function("derive", |b| {
        let child = fixture::next(HOPS + 1, &tools, jwk.jwk(), "hop-4");
        b.iter(|| aat::derive(black_box(&chain), &child, &leaf).unwrap());
    });
    group.finish();
    proofs(c, &chain);
}

fn proofs(c: &mut Criterion, chain: &str) {
    let (tenant, leaf) = (fixture::tenant(), fixture::holder(HOPS));
    let arguments = Value::parse(r#"{"amount": 12.50, "currency": "EUR"}"#).unwrap();
    let (audience, tool, iat) = (AUDIENCE, "transfer", NOW.plus_secs(10));
    let pop = Pop { jti: "proof-1", iat, audience, tool, arguments: &arguments, nonce: None };
    let proof = aat::seal_pop(chain, &pop, &leaf).unwrap();
    let window = Window { past_secs: 30, ahead_secs: 30 };
    let call = Invocation { audience, tool, arguments: &arguments, now: iat, window };
    let signed =
        UnverifiedAat::parse(chain).unwrap().verify_signature(|_| Some(tenant.public()), ISSUER).unwrap();
    let request = Request {
        tool: Some(tool.to_owned()),
        arguments: arguments.clone(),
        audience: Some(audience.to_owned()),
        ..Request::default()
    };
    c.bench_function("aat/verify a proof of possession and decide", |b| {
        b.iter(|| {
            let proof = aat::verify_pop(&signed, black_box(&proof), &call).unwrap();
            assert_eq!(allows(&signed.claims().mandate, &request, iat), Decision::Allow);
            proof
        });
    });
}

criterion_group!(benches, chains);
criterion_main!(benches);
