//! Keys, grants and chains that are the same in every run.

use deputy_mandate::{Instant, Mandate, ToolMap};
use deputy_token::aat::{self, Derivation};
use deputy_token::access::{AccessClaims, AgentClaim, Cnf, Hop};
use deputy_token::keys::{Alg, Jwk, Kid, SigningKey};

pub(crate) const ISSUER: &str = "https://deputy.example/t/acme";
pub(crate) const AUDIENCE: &str = "https://tools.example.com/";
pub(crate) const NOW: Instant = Instant::from_secs(1_800_000_000);
pub(crate) const AGENT: &str = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
pub(crate) const KID: &str = "2026-11";

/// The Ed25519 key whose seed is this byte, 32 times (RFC 8410 section 7 says what stands before it).
pub(crate) fn ed25519(seed: u8) -> SigningKey {
    let mut pkcs8 =
        vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    pkcs8.extend([seed; 32]);
    SigningKey::from_pkcs8(Kid::new(KID).unwrap(), Alg::EdDsa, &pkcs8).unwrap()
}

/// The tenant's key.
pub(crate) fn tenant() -> SigningKey {
    ed25519(1)
}

/// The key of the holder of the token at `depth`.
pub(crate) fn holder(depth: u8) -> SigningKey {
    ed25519(2 + depth)
}

pub(crate) fn tools(json: &str) -> ToolMap {
    mandate(json).tools
}

/// A grant of these tools, ready for a root: nothing but tools, fifteen minutes, four hops.
pub(crate) fn mandate(tools: &str) -> Mandate {
    let text = format!(
        r#"{{"scopes": [], "tools": {tools}, "blocked_tools": [], "limits": {{}}, "declared": {{}},
            "limit_required": {{}}, "audience": ["{AUDIENCE}"], "binding": {{}}, "not_before": {from},
            "expires_at": {to}, "max_depth": 4, "may_delegate": true}}"#,
        from = NOW.0,
        to = NOW.plus_secs(900).0,
    );
    Mandate::from_json(&text).unwrap()
}

/// Everyday tools.
pub(crate) const TOOLS: &str = r#"{"search": {}, "read_db": {"table": {"constraint_type": "one_of",
    "values": ["customers", "orders"]}}, "transfer": {
    "amount": {"constraint_type": "range", "min": 0, "max": 500},
    "currency": {"constraint_type": "exact", "value": "EUR"}}}"#;

/// What a root of `mandate` for the holder of `jwk` says.
pub(crate) fn claims(mandate: Mandate, jwk: &Jwk) -> AccessClaims {
    let jkt = jwk.thumbprint();
    let spiffe_id = "spiffe://deputy.example/t/acme/agent/planner";
    AccessClaims {
        iss: ISSUER.into(),
        sub: "user:0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a00".into(),
        iat: NOW,
        client_id: AGENT.into(),
        agent: AgentClaim {
            id: AGENT.into(),
            name: "planner".into(),
            spiffe_id: spiffe_id.into(),
            owners: vec!["user:0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a00".into()],
        },
        chain: vec![Hop {
            id: "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01".into(),
            agent: AGENT.into(),
            sub: Some("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a00".into()),
            jkt: Some(jkt.clone()),
            rt: Some("mZ3rU0l8Zb1JtQdE0o4cWk3h5cQ2o1f5fY9p8s7r6q5".into()),
            bind: None,
            crit: true,
            seq: 1000,
        }],
        mandate,
        act: None,
        may_act: None,
        cnf: Some(Cnf { jkt }),
    }
}

/// A root of these tools for `holder(0)`.
pub(crate) fn root(tools: &str) -> String {
    let holder = holder(0);
    aat::seal_root(&claims(mandate(tools), holder.jwk()), holder.jwk(), &tenant()).unwrap()
}

/// The next token of a chain: same tools, a minute less for each hop, for `holder(depth)`.
pub(crate) fn next<'a>(depth: u8, tools: &'a ToolMap, jwk: &'a Jwk, jti: &'a str) -> Derivation<'a> {
    Derivation {
        name: "worker",
        tools,
        audience: None,
        expires_at: NOW.plus_secs(900 - 30 * i64::from(depth)),
        del_max_depth: 4,
        iat: NOW.plus_secs(i64::from(depth)),
        holder: jwk,
        jti,
    }
}

/// A root and `hops` tokens derived from it, all with these tools.
pub(crate) fn chain(json: &str, hops: u8) -> String {
    let tools = tools(json);
    (1..=hops).fold(root(json), |chain, depth| {
        let (jwk, jti) = (holder(depth), format!("hop-{depth}"));
        aat::derive(&chain, &next(depth, &tools, jwk.jwk(), &jti), &holder(depth - 1)).unwrap()
    })
}
