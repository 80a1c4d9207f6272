//! What the vectors are sealed with, and a sealer that seals whatever it is given.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::{Instant, Mandate, Request, Scope, Value, allows};
use deputy_token::access::{AccessClaims, AgentClaim, Hop};
use deputy_token::capability::{
    Attenuation, AudienceKey, CapabilityError, CapabilitySecret, SignedCapability, UnverifiedCapability,
    attenuate,
};
use deputy_token::keys::Kid;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value as Json, json};
use sha2::Sha256;

pub(crate) const ISSUER: &str = "https://deputy.example/t/acme";
pub(crate) const AUDIENCE: &str = "https://crm.example.com/";
pub(crate) const NOW: i64 = 1_800_000_000;

fn secret() -> CapabilitySecret {
    CapabilitySecret::from_bytes(&std::array::from_fn(|i| u8::try_from(i).unwrap()))
}

pub(crate) fn key() -> AudienceKey {
    secret().audience_key(&Kid::new("2026-11").unwrap(), AUDIENCE)
}

/// The head of every file: what a verifier is configured with.
pub(crate) fn head() -> Json {
    json!({
        "secret": B64.encode(secret().as_bytes()),
        "kid": key().kid().as_str(),
        "audience": AUDIENCE,
        "key": B64.encode(key().as_bytes()),
        "issuer": ISSUER,
    })
}

/// The reference example of the model, with a tool whose arguments are constrained.
pub(crate) fn mandate() -> Mandate {
    Mandate::from_json(
        &json!({
            "scopes": ["read:docs", "write:drafts"],
            "tools": {
                "search": {}, "brain_query": {}, "read_db": {},
                "transfer": {
                    "amount": {"constraint_type": "range", "min": 0, "max": 500},
                    "currency": {"constraint_type": "one_of", "values": ["EUR", "USD"]},
                    "target": {"constraint_type": "wildcard"},
                },
            },
            "blocked_tools": ["shell", "deploy", "delete_record"],
            "limits": {
                "amount": {"constraint_type": "range", "max": 500},
                "env": {"constraint_type": "one_of", "values": ["staging", "development"]},
                "target": {"constraint_type": "one_of", "values": ["crm-db", "marketing-api"]},
            },
            "declared": {"transfer": ["amount", "currency", "target"]},
            "limit_required": {"transfer": ["amount", "target"]},
            "audience": [AUDIENCE],
            "binding": {},
            "not_before": NOW * 1000,
            "expires_at": (NOW + 900) * 1000,
            "max_depth": 3,
            "may_delegate": true,
        })
        .to_string(),
    )
    .unwrap()
}

pub(crate) fn hop(id: &str, agent: &str) -> Hop {
    let (agent, id) = (agent.into(), id.into());
    Hop { agent, bind: None, crit: false, id, jkt: None, rt: Some("rt-1".into()), seq: 1000, sub: None }
}

/// A root credential of the agent `a1`.
pub(crate) fn claims() -> AccessClaims {
    let spiffe_id = "spiffe://deputy.example/t/acme/agent/crm-research-agent";
    AccessClaims {
        iss: ISSUER.into(),
        sub: spiffe_id.into(),
        iat: Instant::from_secs(NOW),
        client_id: "a1".into(),
        agent: AgentClaim {
            id: "a1".into(),
            name: "crm-research-agent".into(),
            owners: vec!["user:u1".into()],
            spiffe_id: spiffe_id.into(),
        },
        chain: vec![hop("c1", "a1")],
        mandate: mandate(),
        act: None,
        may_act: None,
        cnf: None,
    }
}

/// Narrows once more; the nonce is the number of blocks, repeated.
pub(crate) fn narrowed(text: &str, step: &Attenuation) -> String {
    let blocks = u8::try_from(text.split('.').count() - 2).unwrap();
    attenuate(text, step, [blocks; 16]).unwrap()
}

/// The blocks of a capability, as text.
pub(crate) fn blocks(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split('.').collect();
    parts[1..parts.len() - 1]
        .iter()
        .map(|part| String::from_utf8(B64.decode(part).unwrap()).unwrap())
        .collect()
}

/// Seals any blocks with a right tag, as a careless or hostile holder of the key would.
pub(crate) fn forge(blocks: &[String]) -> String {
    let mut tag = *key().as_bytes();
    let mut text = "dpyc1".to_owned();
    for block in blocks {
        let mut mac = Hmac::<Sha256>::new_from_slice(&tag).unwrap();
        mac.update(block.as_bytes());
        tag = mac.finalize().into_bytes().into();
        text = format!("{text}.{}", B64.encode(block));
    }
    format!("{text}.{}", B64.encode(tag))
}

pub(crate) fn verify(text: &str) -> Result<SignedCapability, CapabilityError> {
    UnverifiedCapability::parse(text)?.verify_signature(&key(), ISSUER)
}

/// A decision with its request, as JSON.
pub(crate) fn decision(mandate: &Mandate, request: &Json, now: i64) -> Json {
    let value = |name: &str| {
        let member = request.get(name).cloned().unwrap_or_else(|| json!({}));
        Value::parse(&member.to_string()).unwrap()
    };
    let text = |name: &str| request.get(name).and_then(Json::as_str).map(str::to_owned);
    let asked = Request {
        scope: text("scope").map(|scope| Scope::try_from(scope).unwrap()),
        tool: text("tool"),
        arguments: value("arguments"),
        context: value("context"),
        audience: text("audience"),
        binding: serde_json::from_value(request.get("binding").cloned().unwrap_or_else(|| json!({})))
            .unwrap(),
        ..Request::default()
    };
    let answer = allows(mandate, &asked, Instant::from_secs(now));
    let reasons: Vec<Json> = answer
        .reasons()
        .iter()
        .map(|reason| match &reason.field {
            Some(field) => json!({"code": reason.code, "field": field}),
            None => json!({"code": reason.code}),
        })
        .collect();
    json!({"now": now, "request": request, "allow": answer.is_allow(), "reasons": reasons})
}
