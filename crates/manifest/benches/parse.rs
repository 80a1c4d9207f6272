//! How long a fleet of 10,000 agents takes to parse and to plan.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use deputy_manifest::{CurrentState, Options, parse, plan};

const AGENTS: usize = 10_000;

fn fleet() -> String {
    let mut text = String::from("apiVersion: deputy/v1\nkind: Fleet\nroles:\n");
    for n in 0..50 {
        let _ = writeln!(
            text,
            "  - name: role-{n}\n    scopes: [read:docs, write:drafts]\n    tools: {{search: {{}}, transfer: {{amount: {{max: 500}}, currency: {{exact: USD}}}}}}\n    limits: {{amount: {{max: 500}}, env: {{one_of: [staging, development]}}}}\n    ttl: 1h"
        );
    }
    text.push_str("agents:\n");
    for n in 0..AGENTS {
        let role = n % 50;
        let _ = writeln!(
            text,
            "  - name: agent-{n}\n    owner: user:person-{n}@example.com\n    default_audience: https://crm.example.com/\n    runtime: {{model: gpt-4o, tools: [search, brain_query, read_db], config: {{temperature: 0.2, seed: {n}}}}}\n    allowed_scopes: [read:docs, write:drafts]\n    roles: [role-{role}]\n    credentials: [secret]"
        );
    }
    text
}

fn benches(c: &mut Criterion) {
    let text = fleet();
    let mut group = c.benchmark_group("manifest");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse 10,000 agents", |b| b.iter(|| parse(black_box(text.as_bytes())).is_ok()));
    if let Ok(fleet) = parse(text.as_bytes()) {
        let empty = CurrentState::default();
        group.bench_function("what 10,000 agents take from the tenant", |b| b.iter(|| fleet.outside().len()));
        group.bench_function("plan 10,000 agents", |b| {
            b.iter(|| plan(&empty, &fleet, Options::default()).created.len())
        });
    }
    group.finish();
}

criterion_group!(parsing, benches);
criterion_main!(parsing);
