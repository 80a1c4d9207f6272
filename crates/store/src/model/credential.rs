//! What an agent authenticates with at the token endpoint.

use std::collections::BTreeMap;

use deputy_mandate::Instant;
use deputy_token::keys::Jwk;
use serde::{Deserialize, Serialize};

use crate::{Kind, Record};

/// One way in which an agent authenticates.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credential {
    /// Opaque id.
    pub id: String,
    /// The agent, by id.
    pub agent: String,
    /// What it is.
    #[serde(flatten)]
    pub kind: CredentialKind,
    /// When it was made.
    pub created_at: Instant,
    /// When it stops working by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
}

/// The kinds of credential.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CredentialKind {
    /// A shared secret (RFC 6749 §2.3.1); only its digest is kept.
    Secret {
        /// SHA-256 of the secret, base64url.
        hash: String,
        /// Its first characters, so that people can tell two apart.
        hint: String,
    },
    /// A key pair of which the public part is kept (RFC 7523).
    PublicKey {
        /// The public key.
        jwk: Box<Jwk>,
    },
    /// The keys of a set that the agent publishes (RFC 7517 section 5).
    PublicKeySet {
        /// Where.
        jwks_uri: String,
    },
    /// Tokens of a trusted issuer.
    Federated {
        /// The issuer.
        issuer: String,
        /// The subject there.
        subject: String,
        /// Claims that must be equal.
        #[serde(default)]
        claims: BTreeMap<String, String>,
    },
}

impl CredentialKind {
    /// `secret`, `public_key` or `federated`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Secret { .. } => "secret",
            Self::PublicKey { .. } | Self::PublicKeySet { .. } => "public_key",
            Self::Federated { .. } => "federated",
        }
    }
}

impl Record for Credential {
    const KIND: Kind = Kind::Credential;

    fn id(&self) -> &str {
        &self.id
    }

    /// A federated identity belongs to one agent only; everything else is named by its id.
    fn name(&self) -> String {
        match &self.kind {
            CredentialKind::Federated { issuer, subject, .. } => format!("{issuer}|{subject}"),
            CredentialKind::Secret { .. }
            | CredentialKind::PublicKey { .. }
            | CredentialKind::PublicKeySet { .. } => self.id.clone(),
        }
    }

    fn links(&self) -> Vec<String> {
        vec![format!("agent:{}", self.agent)]
    }
}
