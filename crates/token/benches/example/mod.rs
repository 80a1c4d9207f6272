//! The reference example of the manifest, as claims.

use deputy_mandate::{Instant, Mandate};
use deputy_token::access::{AccessClaims, AgentClaim, Hop};

pub(crate) const ISSUER: &str = "https://deputy.example/t/acme";
pub(crate) const NOW: Instant = Instant::from_secs(1_800_000_000);

/// The reference example of the manifest, sealed at depth `hops - 1`.
pub(crate) fn claims(hops: usize) -> AccessClaims {
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
