//! SPIFFE trust bundles: a JWK Set whose keys say what they sign (SPIFFE Trust Domain and Bundle section 4.2).
//!
//! Invariant: only keys of use `jwt-svid` verify a JWT-SVID; the X.509 authorities beside them, and keys that do not
//! say their use, are none.

use deputy_mandate::Value;
use deputy_token::keys::{Jwk, JwkError, JwkSet};

/// Most keys of a bundle.
const MAX_KEYS: usize = 64;

/// The keys of a bundle that sign JWT-SVIDs.
///
/// # Errors
/// [`JwkError`] when the bundle is malformed, or one of those keys is malformed or private.
pub fn svid_keys(text: &str) -> Result<JwkSet, JwkError> {
    let bundle = Value::parse(text).map_err(|_| JwkError::Malformed)?;
    let keys = bundle.as_object().and_then(|bundle| bundle.get("keys"));
    let Some(Value::Array(entries)) = keys else { return Err(JwkError::Malformed) };
    if entries.len() > MAX_KEYS {
        return Err(JwkError::Malformed);
    }
    let mut keys = Vec::new();
    for entry in entries {
        let mut members = entry.as_object().ok_or(JwkError::Malformed)?.clone();
        if members.remove("use") != Some(Value::from("jwt-svid")) {
            continue;
        }
        match Jwk::parse(&Value::Object(members).to_canonical()) {
            // Section 4.2.2 requires the `kid`: without one a key could not be withdrawn by name.
            Ok(jwk) if jwk.kid().is_none() => return Err(JwkError::Kid),
            Ok(jwk) => keys.push(jwk),
            Err(JwkError::Unsupported | JwkError::Alg) => {}
            Err(refused) => return Err(refused),
        }
    }
    Ok(JwkSet { keys })
}
