//! SPIFFE trust bundles: a JWK Set whose keys say what they sign (SPIFFE Trust Domain and Bundle section 4.2).
//!
//! Invariant: only keys of use `jwt-svid` verify a JWT-SVID; the X.509 authorities beside them, and keys that do not
//! say their use, are none.

use deputy_mandate::Value;
use deputy_token::keys::{Jwk, JwkError, JwkSet};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Most keys of a bundle.
const MAX_KEYS: usize = 64;

/// The keys of a bundle that sign JWT-SVIDs.
///
/// # Errors
/// [`JwkError`] when the bundle is malformed, or one of those keys is malformed or private.
pub fn svid_keys(text: &str) -> Result<JwkSet, JwkError> {
    // Only the keys are read strictly: `spiffe_sequence` may have all of 64 bits (section 4.1.1).
    #[derive(Deserialize)]
    struct Wire<'a> {
        #[serde(borrow)]
        keys: Vec<&'a RawValue>,
    }
    let bundle: Wire<'_> = serde_json::from_str(text).map_err(|_| JwkError::Malformed)?;
    if bundle.keys.len() > MAX_KEYS || !text.trim_start().starts_with('{') {
        return Err(JwkError::Malformed);
    }
    let mut keys = Vec::new();
    for entry in bundle.keys {
        let Ok(Value::Object(mut members)) = Value::parse(entry.get()) else {
            return Err(JwkError::Malformed);
        };
        if members.remove("use") != Some(Value::from("jwt-svid")) {
            continue;
        }
        match Jwk::parse(&Value::Object(members).to_canonical()) {
            // Section 4.2.2 requires the `kid`: without one a key could not be withdrawn by name.
            Ok(jwk) if jwk.kid().is_none() => return Err(JwkError::Kid),
            Ok(jwk) => keys.push(jwk),
            // As in any other key set: what cannot be used is left out.
            Err(JwkError::Unsupported | JwkError::Use | JwkError::Alg | JwkError::Size(_)) => {}
            Err(refused) => return Err(refused),
        }
    }
    Ok(JwkSet { keys })
}
