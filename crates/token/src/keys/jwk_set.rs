//! A JWK Set (RFC 7517 section 5): what a tenant publishes, and what a client publishes for itself.

use serde::{Deserialize, Serialize};

use super::{Jwk, JwkError, VerifyAlg};

/// Upper bound of keys in a set that somebody else publishes.
const MAX_KEYS: usize = 64;

/// A set of public keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// The keys, in the order in which they are published.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// Reads a set. A key of a type, curve or use that is not supported is left out, as RFC 7517 section 5
    /// recommends.
    ///
    /// # Errors
    /// [`JwkError`] when the set is malformed, or when any key in it is malformed or private.
    pub fn parse(text: &str) -> Result<Self, JwkError> {
        #[derive(Deserialize)]
        struct Wire<'a> {
            #[serde(borrow)]
            keys: Vec<&'a serde_json::value::RawValue>,
        }
        let wire: Wire<'_> = serde_json::from_str(text).map_err(|_| JwkError::Malformed)?;
        if wire.keys.len() > MAX_KEYS || !text.trim_start().starts_with('{') {
            return Err(JwkError::Malformed);
        }
        let mut keys = Vec::with_capacity(wire.keys.len());
        for raw in wire.keys {
            match Jwk::parse(raw.get()) {
                Ok(jwk) => keys.push(jwk),
                Err(JwkError::Unsupported | JwkError::Use | JwkError::Alg | JwkError::Size(_)) => {}
                Err(refused) => return Err(refused),
            }
        }
        Ok(Self { keys })
    }

    /// The keys that a signature with this header may come from: those of that `kid` (every one, when the
    /// header names none) that are bound to `alg`.
    pub fn candidates<'a>(&'a self, kid: Option<&'a str>, alg: VerifyAlg) -> impl Iterator<Item = &'a Jwk> {
        self.keys.iter().filter(move |jwk| (kid.is_none() || jwk.kid() == kid) && jwk.key().is_bound_to(alg))
    }
}
