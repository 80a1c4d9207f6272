//! What sealing and verifying an access token costs, beside the bare signature in the same run.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

mod example;

use std::hint::black_box;

use aws_lc_rs::rand::SystemRandom;
use criterion::{Criterion, criterion_group, criterion_main};
use deputy_mandate::Instant;
use deputy_token::access::{self, UnverifiedAccess};
use deputy_token::keys::{Alg, Kid, SigningKey, VerifyAlg};
use deputy_token::revocation::{RevocationIndex, Target};
use example::{ISSUER, NOW, claims};

fn access_tokens(c: &mut Criterion) {
    let key = SigningKey::generate(Kid::new("2026-11").unwrap(), Alg::Es256, &SystemRandom::new()).unwrap();
    let claims = claims(1);
    let token = access::seal(&claims, &key).unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, signature).unwrap();

    let mut group = c.benchmark_group("access");
    group.bench_function("raw ES256 verification", |b| {
        b.iter(|| key.public().verify(VerifyAlg::Es256, black_box(input.as_bytes()), &signature).unwrap());
    });
    group.bench_function("verify", |b| {
        b.iter(|| {
            let token = UnverifiedAccess::parse(black_box(&token)).unwrap();
            token.verify(|_| Some(key.public()), ISSUER, NOW, 0).unwrap()
        });
    });
    group.bench_function("raw ES256 signature", |b| {
        b.iter(|| key.sign(black_box(input.as_bytes())).unwrap());
    });
    group.bench_function("seal", |b| b.iter(|| access::seal(black_box(&claims), &key).unwrap()));
    group.finish();
}

fn revocations(c: &mut Criterion) {
    let mut group = c.benchmark_group("revocation");
    for size in [0u32, 1_000, 1_000_000] {
        let mut index = RevocationIndex::new();
        for i in 0..size {
            let (id, later) = (format!("credential-{i}"), Instant(i64::MAX));
            let target = if i % 2 == 0 { Target::Credential(id) } else { Target::Agent(id) };
            index.insert(i64::from(i), &target, later);
        }
        let chain = claims(4).chain;
        group.bench_function(format!("check of 4 hops among {size}"), |b| {
            b.iter(|| index.reaches(black_box(&chain)));
        });
    }
    group.finish();
}

criterion_group!(benches, access_tokens, revocations);
criterion_main!(benches);
