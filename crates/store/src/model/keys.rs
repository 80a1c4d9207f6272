//! The tenant's keys: of its management API, of its tokens, of its checkpoints, of its capabilities.

use std::collections::BTreeSet;

use deputy_mandate::Instant;
use deputy_token::keys::Jwk;
use serde::{Deserialize, Serialize};

use crate::{Kind, Record};

/// What a key of the management API may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiRole {
    /// Everything in the tenant.
    Admin,
    /// Reads, previews and dry runs.
    Auditor,
    /// SCIM provisioning.
    Scim,
    /// Imports.
    Importer,
    /// Introspection, decisions, the feed, uses and capability keys, for its audiences only.
    Verifier,
}

impl ApiRole {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Scim => "scim",
            Self::Importer => "importer",
            Self::Verifier => "verifier",
        }
    }

    /// Reads the stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Admin, Self::Auditor, Self::Scim, Self::Importer, Self::Verifier]
            .into_iter()
            .find(|role| role.as_str() == text)
    }
}

/// A key of the management API; only its digest is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApiKey {
    /// Opaque id.
    pub id: String,
    /// SHA-256 of the key, base64url.
    pub hash: String,
    /// The part of it that may be shown.
    pub prefix: String,
    /// What it may do.
    pub role: ApiRole,
    /// For a verifier: whose tokens it may ask about.
    #[serde(default)]
    pub audiences: BTreeSet<String>,
    /// The person who holds it, by user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
}

impl ApiKey {
    /// Whether it has not ended by itself.
    #[must_use]
    pub fn lives_at(&self, now: Instant) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

impl Record for ApiKey {
    const KIND: Kind = Kind::ApiKey;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.hash.clone()
    }

    fn links(&self) -> Vec<String> {
        self.holder.iter().map(|id| format!("user:{id}")).collect()
    }
}

/// Where a signing key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, so that verifiers know it before it signs.
    Next,
    /// It signs.
    Current,
    /// Published until what it signed has expired.
    Retired,
    /// Withdrawn at once; nothing that it signed is accepted.
    Compromised,
}

/// A key that signs tokens. The private part is encrypted under the master key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SigningKey {
    /// `kid`.
    pub id: String,
    /// Where it is in its life.
    pub state: KeyState,
    /// The public part.
    pub jwk: Jwk,
    /// The sealed private part.
    pub sealed: String,
    /// When it was made.
    pub created_at: Instant,
    /// When a retired key leaves the key set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_until: Option<Instant>,
}

impl Record for SigningKey {
    const KIND: Kind = Kind::SigningKey;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.id.clone()
    }
}

/// A key that signs checkpoints; its public part is published for ever.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditKey {
    /// `kid`.
    pub id: String,
    /// Whether it signs now.
    pub current: bool,
    /// The public part.
    pub jwk: Jwk,
    /// The sealed private part.
    pub sealed: String,
    /// When it was made.
    pub created_at: Instant,
}

impl Record for AuditKey {
    const KIND: Kind = Kind::AuditKey;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.id.clone()
    }
}

/// What the keys of capabilities are derived from, encrypted under the master key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CapabilitySecret {
    /// `kid`.
    pub id: String,
    /// Whether new capabilities are sealed under it.
    pub current: bool,
    /// The sealed secret.
    pub sealed: String,
    /// When it was made.
    pub created_at: Instant,
}

impl Record for CapabilitySecret {
    const KIND: Kind = Kind::CapabilitySecret;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.id.clone()
    }
}
