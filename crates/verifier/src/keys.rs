//! The issuer's public keys, by their `kid`.

use deputy_token::keys::{JwkError, JwkSet, PublicKey};

/// A set of keys that one issuer published.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    set: JwkSet,
}

impl KeySet {
    /// Reads a JWK Set (RFC 7517 section 5). Keys of a kind that is not supported are left out.
    ///
    /// # Errors
    /// [`JwkError`] when the set is malformed, or when any key in it is malformed or private.
    pub fn parse(text: &str) -> Result<Self, JwkError> {
        Ok(Self { set: JwkSet::parse(text)? })
    }

    /// The key of that name.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&PublicKey> {
        self.set.keys.iter().find(|key| key.kid() == Some(kid)).map(|key| key.key())
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.set.keys.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.keys.is_empty()
    }
}

impl From<JwkSet> for KeySet {
    fn from(set: JwkSet) -> Self {
        Self { set }
    }
}
