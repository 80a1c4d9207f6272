//! Tokens that the crate itself would never write.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_token::aat::{AatError, SignedAat, UnverifiedAat};
use deputy_token::keys::SigningKey;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::fixture::{ISSUER, KID, tenant};

/// Signs any payload under the header of a token.
pub(crate) fn sign(payload: &str, key: &SigningKey) -> String {
    sign_under(&format!(r#"{{"alg":"Ed25519","kid":"{KID}","typ":"aat+jwt"}}"#), payload, key)
}

pub(crate) fn sign_under(header: &str, payload: &str, key: &SigningKey) -> String {
    let input = format!("{}.{}", B64.encode(header), B64.encode(payload));
    format!("{input}.{}", B64.encode(key.sign(input.as_bytes()).unwrap()))
}

/// The claims of the last token of a chain.
pub(crate) fn leaf_claims(chain: &str) -> Value {
    let leaf = chain.rsplit('~').next().unwrap();
    serde_json::from_slice(&B64.decode(leaf.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

/// The chain with its last token changed and signed again.
pub(crate) fn with_leaf(chain: &str, key: &SigningKey, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = leaf_claims(chain);
    change(&mut claims);
    replace_leaf(chain, &sign(&claims.to_string(), key))
}

pub(crate) fn replace_leaf(chain: &str, leaf: &str) -> String {
    chain.rsplit_once('~').map_or_else(|| leaf.to_owned(), |(before, _)| format!("{before}~{leaf}"))
}

/// The digest that names the last token of a chain.
pub(crate) fn leaf_digest(chain: &str) -> String {
    let leaf = chain.rsplit('~').next().unwrap();
    B64.encode(Sha256::digest(leaf.rsplit_once('.').unwrap().0))
}

pub(crate) fn verify(chain: &str) -> Result<SignedAat, AatError> {
    let tenant = tenant();
    UnverifiedAat::parse(chain)?.verify_signature(|kid| (kid == KID).then_some(tenant.public()), ISSUER)
}
