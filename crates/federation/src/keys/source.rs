//! Where an issuer's keys are, and which of them is asked for.

use std::sync::Arc;

use deputy_token::keys::{JwkSet, VerifyAlg};

/// Where an issuer's keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// In the key set that the issuer's discovery document names (OpenID Connect Discovery section 4).
    Discovery {
        /// The issuer, exactly as its tokens say it.
        issuer: String,
    },
    /// In a key set at this address (RFC 7517 section 5).
    Url {
        /// The address.
        jwks_uri: String,
    },
    /// In a SPIFFE trust bundle at this address (SPIFFE Trust Domain and Bundle section 4).
    Bundle {
        /// The address.
        url: String,
    },
    /// In the configuration.
    Fixed(Arc<JwkSet>),
}

impl KeySource {
    /// What the cache knows it by; `None` where there is nothing to fetch.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Discovery { issuer } => Some(format!("discovery {issuer}")),
            Self::Url { jwks_uri } => Some(format!("keys {jwks_uri}")),
            Self::Bundle { url } => Some(format!("bundle {url}")),
            Self::Fixed(_) => None,
        }
    }
}

/// The key that a token says it was signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'t> {
    /// Its `kid`.
    pub kid: Option<&'t str>,
    /// Its algorithm.
    pub alg: VerifyAlg,
}

impl Wanted<'_> {
    /// Whether the set has such a key.
    pub(super) fn is_in(self, keys: &JwkSet) -> bool {
        keys.candidates(self.kid, self.alg).next().is_some()
    }
}
