//! Claims and keys for the laws.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::{Instant, Mandate};
use deputy_token::access::{AccessClaims, AgentClaim, Hop};
use deputy_token::capability::{
    AudienceKey, CapabilityError, CapabilitySecret, SignedCapability, UnverifiedCapability,
};
use deputy_token::keys::Kid;

pub(crate) const ISSUER: &str = "https://deputy.example/t/acme";
pub(crate) const AUDIENCE: &str = "https://a.example/";

pub(crate) fn key() -> AudienceKey {
    key_of(7, "k1", AUDIENCE)
}

pub(crate) fn key_of(secret: u8, kid: &str, audience: &str) -> AudienceKey {
    CapabilitySecret::from_bytes(&[secret; 32]).audience_key(&Kid::new(kid).unwrap(), audience)
}

/// Claims of a root credential with this mandate, made fit to be sealed.
pub(crate) fn claims(mandate: Mandate) -> AccessClaims {
    let mandate = Mandate {
        audience: [AUDIENCE.to_owned()].into(),
        max_depth: 16,
        may_delegate: true,
        ..mandate.in_whole_seconds().normalized()
    };
    let bind = Some(mandate.binding.clone()).filter(|binding| !binding.is_empty());
    let spiffe_id = "spiffe://deputy.example/t/acme/agent/root";
    AccessClaims {
        iss: ISSUER.into(),
        sub: spiffe_id.into(),
        iat: Instant(0),
        client_id: "a1".into(),
        agent: AgentClaim {
            id: "a1".into(),
            name: "root".into(),
            owners: vec!["user:u1".into()],
            spiffe_id: spiffe_id.into(),
        },
        chain: vec![Hop {
            agent: "a1".into(),
            bind,
            crit: true,
            id: "c1".into(),
            jkt: None,
            rt: Some("rt".into()),
            seq: 7,
            sub: None,
        }],
        mandate,
        act: None,
        may_act: None,
        cnf: None,
    }
}

pub(crate) fn verify(text: &str) -> Result<SignedCapability, CapabilityError> {
    UnverifiedCapability::parse(text)?.verify_signature(&key(), ISSUER)
}

/// The blocks and the tag, in base64url.
pub(crate) fn parts(text: &str) -> (Vec<&str>, &str) {
    let mut parts: Vec<&str> = text.split('.').skip(1).collect();
    let tag = parts.pop().unwrap();
    (parts, tag)
}

pub(crate) fn join(blocks: &[&str], tag: &str) -> String {
    format!("dpyc1.{}.{tag}", blocks.join("."))
}

pub(crate) fn decode(part: &str) -> Vec<u8> {
    B64.decode(part).unwrap()
}
