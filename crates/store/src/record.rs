//! Records: what a tenant's administrators manage, one typed body a row.
//!
//! A kind's natural key (`name`) is unique within its tenant, and a record says what it points at
//! (`links`), so that "which agents does this person own" is one indexed look-up on both databases.

use serde::{Serialize, de::DeserializeOwned};

/// The kinds of record. The text form is stored and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A software principal.
    Agent,
    /// A named ceiling of authority.
    Role,
    /// A role's assignment to an agent, user or group.
    RoleBinding,
    /// A tool of the catalogue.
    Tool,
    /// A resource server.
    Resource,
    /// What an agent authenticates with.
    Credential,
    /// A key of the management API.
    ApiKey,
    /// A key that signs tokens.
    SigningKey,
    /// A key that signs checkpoints.
    AuditKey,
    /// The secret that capabilities are sealed under.
    CapabilitySecret,
    /// The tenant's settings: one record.
    Settings,
    /// The tenant's halt: one record.
    Halt,
    /// A lowering of an emergency that waits for a second person.
    Approval,
    /// Who looked at a finding, and what they decided.
    Review,
    /// An OpenID provider for people.
    IdentityProvider,
    /// An issuer of workloads' tokens.
    TrustedIssuer,
}

impl Kind {
    const ALL: [Self; 16] = [
        Self::Agent,
        Self::Role,
        Self::RoleBinding,
        Self::Tool,
        Self::Resource,
        Self::Credential,
        Self::ApiKey,
        Self::SigningKey,
        Self::AuditKey,
        Self::CapabilitySecret,
        Self::Settings,
        Self::Halt,
        Self::Approval,
        Self::Review,
        Self::IdentityProvider,
        Self::TrustedIssuer,
    ];

    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Role => "role",
            Self::RoleBinding => "role_binding",
            Self::Tool => "tool",
            Self::Resource => "resource",
            Self::Credential => "credential",
            Self::ApiKey => "api_key",
            Self::SigningKey => "signing_key",
            Self::AuditKey => "audit_key",
            Self::CapabilitySecret => "capability_secret",
            Self::Settings => "settings",
            Self::Halt => "halt",
            Self::Approval => "approval",
            Self::Review => "review",
            Self::IdentityProvider => "identity_provider",
            Self::TrustedIssuer => "trusted_issuer",
        }
    }

    /// Reads the stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// A typed record.
pub trait Record: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Its kind.
    const KIND: Kind;
    /// Its id, unique in the tenant.
    fn id(&self) -> &str;
    /// Its natural key, unique in the tenant among its kind.
    fn name(&self) -> String;
    /// What it points at, as `kind:id`.
    fn links(&self) -> Vec<String> {
        Vec::new()
    }
}
