//! Proofs and requests that are the same in every run, and proofs that the crate itself would never make.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::Instant;
use deputy_token::dpop::{self, Expected, Proof, ProofError, UnverifiedProof, VerifiedProof};
use deputy_token::freshness::Window;
use deputy_token::keys::{Alg, Kid, SigningKey};
use serde_json::{Value, json};

pub(crate) const METHOD: &str = "POST";
pub(crate) const URI: &str = "https://deputy.example/t/acme/token";
pub(crate) const NOW: Instant = Instant::from_secs(1_800_000_000);
pub(crate) const WINDOW: Window = Window { past_secs: 60, ahead_secs: 5 };

/// The Ed25519 key whose seed is this byte, 32 times (RFC 8410 section 7 says what stands before it).
pub(crate) fn ed25519(seed: u8) -> SigningKey {
    let mut pkcs8 =
        vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    pkcs8.extend([seed; 32]);
    SigningKey::from_pkcs8(Kid::new("k").unwrap(), Alg::EdDsa, &pkcs8).unwrap()
}

pub(crate) fn es256() -> SigningKey {
    SigningKey::generate(Kid::new("k").unwrap(), Alg::Es256, &aws_lc_rs::rand::SystemRandom::new()).unwrap()
}

pub(crate) const PROOF: Proof<'static> =
    Proof { method: METHOD, uri: URI, jti: "0193a1b2-0001", iat: NOW, token: None, nonce: None };

pub(crate) const EXPECTED: Expected<'static> =
    Expected { method: METHOD, uri: URI, token: None, now: NOW, window: WINDOW };

pub(crate) fn check(proof: &str, expected: &Expected<'_>) -> Result<VerifiedProof, ProofError> {
    UnverifiedProof::parse(proof)?.verify(expected)
}

pub(crate) fn made(key: &SigningKey) -> String {
    dpop::seal(&PROOF, key).unwrap()
}

pub(crate) fn header(key: &SigningKey) -> Value {
    json!({"alg": key.alg().as_str(), "typ": "dpop+jwt", "jwk": serde_json::from_str::<Value>(&key.jwk().bare()).unwrap()})
}

pub(crate) fn claims() -> Value {
    json!({"jti": PROOF.jti, "htm": METHOD, "htu": URI, "iat": NOW.as_secs_floor()})
}

/// Signs any header and claims.
pub(crate) fn sign(header: &str, claims: &str, key: &SigningKey) -> String {
    let input = format!("{}.{}", B64.encode(header), B64.encode(claims));
    format!("{input}.{}", B64.encode(key.sign(input.as_bytes()).unwrap()))
}
