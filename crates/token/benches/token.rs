//! What sealing and verifying an access token costs, beside the bare signature in the same run.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

use std::hint::black_box;

use aws_lc_rs::rand::SystemRandom;
use criterion::{Criterion, criterion_group, criterion_main};
use deputy_mandate::{Instant, Mandate};
use deputy_token::access::{self, AccessClaims, AgentClaim, Hop, UnverifiedAccess};
use deputy_token::keys::{Alg, Kid, SigningKey, VerifyAlg};
use deputy_token::revocation::{RevocationIndex, Target};

const ISSUER: &str = "https://deputy.example/t/acme";
const NOW: Instant = Instant::from_secs(1_800_000_000);

/// The reference example of the manifest, sealed at depth `hops - 1`.
fn claims(hops: usize) -> AccessClaims {
    let mandate = r#"{
        "scopes": ["read:docs", "write:drafts"],
        "tools": {"search": {}, "brain_query": {}, "read_db": {}, "transfer": {
            "amount": {"constraint_type": "range", "min": 0, "max": 500},
            "currency": {"constraint_type": "exact", "value": "USD"},
            "target": {"constraint_type": "wildcard"}}},
        "blocked_tools": ["shell", "deploy", "delete_record"],
        "limits": {
            "amount": {"constraint_type": "range", "min": 0, "max": 500},
            "env": {"constraint_type": "one_of", "values": ["staging", "development"]},
            "target": {"constraint_type": "one_of", "values": ["crm-db", "marketing-api"]}},
        "declared": {"transfer": ["amount", "currency", "target"]},
        "limit_required": {"transfer": ["amount", "target"]},
        "audience": ["https://crm.example.com/"], "binding": {},
        "not_before": 1800000000000, "expires_at": 1800000900000,
        "max_depth": 3, "may_delegate": true}"#;
    let agent = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
    let hop = |i: usize| Hop {
        id: format!("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a{i:02}"),
        agent: agent.into(),
        sub: None,
        jkt: None,
        rt: Some("mZ3rU0l8Zb1JtQdE0o4cWk3h5cQ2o1f5fY9p8s7r6q5".into()),
        bind: None,
        crit: false,
        seq: 1000,
    };
    let spiffe_id = "spiffe://deputy.example/t/acme/agent/crm-research-agent";
    AccessClaims {
        iss: ISSUER.into(),
        sub: spiffe_id.into(),
        iat: NOW,
        client_id: agent.into(),
        agent: AgentClaim {
            id: agent.into(),
            name: "crm-research-agent".into(),
            spiffe_id: spiffe_id.into(),
            owners: vec!["user:0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a00".into()],
        },
        chain: (0..hops).map(hop).collect(),
        mandate: Mandate::from_json(mandate).unwrap(),
        act: None,
        may_act: None,
        cnf: None,
    }
}

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
