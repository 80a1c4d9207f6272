//! The records that a tenant's administrators manage, as they are stored.
//!
//! A body is the record's serde form. A member may be added with `#[serde(default)]`; none is ever renamed.

mod agent;
mod authority;
mod credential;
mod federation;
mod keys;
mod principal;
mod settings;

pub use agent::{Agent, AgentState, Orphaned, RuntimeEvidence, RuntimeRecord};
pub use authority::{Resource, ResourcePolicy, Role, RoleBinding, Tool};
pub use credential::{Credential, CredentialKind};
pub use federation::{
    AttributeMapping, ClaimMapping, IdentityProvider, IssuerKeys, PersonAttribute, SubjectRule, TrustedIssuer,
};
pub use keys::{ApiKey, ApiRole, AuditKey, CapabilitySecret, KeyState, SigningKey};
pub use principal::{Principal, PrincipalError};
pub use settings::{Approval, Halt, OrphanPolicy, Review, SINGLETON, Settings};

use crate::{Kind, Record, StoreError};

/// A record of any kind.
#[derive(Debug, Clone)]
pub enum AnyRecord {
    /// An agent.
    Agent(Box<Agent>),
    /// A role.
    Role(Box<Role>),
    /// A role binding.
    RoleBinding(RoleBinding),
    /// A tool.
    Tool(Tool),
    /// A resource server.
    Resource(Box<Resource>),
    /// A credential.
    Credential(Box<Credential>),
    /// An API key.
    ApiKey(Box<ApiKey>),
    /// A signing key.
    SigningKey(Box<SigningKey>),
    /// An audit key.
    AuditKey(Box<AuditKey>),
    /// A secret of capabilities.
    CapabilitySecret(CapabilitySecret),
    /// The settings.
    Settings(Box<Settings>),
    /// The halt.
    Halt(Halt),
    /// An approval that waits.
    Approval(Approval),
    /// A review of a finding.
    Review(Review),
    /// An identity provider.
    IdentityProvider(Box<IdentityProvider>),
    /// A trusted issuer.
    TrustedIssuer(Box<TrustedIssuer>),
}

impl AnyRecord {
    /// Tells every person whom the record names, by id.
    pub(crate) fn each_person(&self, mut tell: impl FnMut(&str)) {
        let mut one = |principal: &Principal| {
            if let Principal::User(id) = principal {
                tell(id);
            }
        };
        match self {
            Self::Agent(agent) => {
                agent.owners.iter().chain(agent.may_act_for.iter().flatten()).for_each(one);
                let orphaned = agent.orphaned.as_ref();
                orphaned.and_then(|orphaned| orphaned.proposed.as_deref()).into_iter().for_each(tell);
            }
            Self::RoleBinding(binding) => one(&binding.subject),
            Self::ApiKey(key) => key.holder.iter().for_each(|id| tell(id)),
            _ => {}
        }
    }

    /// Reads a stored body.
    pub(crate) fn decode(kind: Kind, id: &str, body: &str) -> Result<Self, StoreError> {
        fn read<R: Record>(id: &str, body: &str) -> Result<R, StoreError> {
            serde_json::from_str(body).map_err(|cause| StoreError::Corrupt {
                what: R::KIND.as_str(),
                id: id.to_owned(),
                cause: cause.to_string(),
            })
        }
        Ok(match kind {
            Kind::Agent => Self::Agent(Box::new(read(id, body)?)),
            Kind::Role => Self::Role(Box::new(read(id, body)?)),
            Kind::RoleBinding => Self::RoleBinding(read(id, body)?),
            Kind::Tool => Self::Tool(read(id, body)?),
            Kind::Resource => Self::Resource(Box::new(read(id, body)?)),
            Kind::Credential => Self::Credential(Box::new(read(id, body)?)),
            Kind::ApiKey => Self::ApiKey(Box::new(read(id, body)?)),
            Kind::SigningKey => Self::SigningKey(Box::new(read(id, body)?)),
            Kind::AuditKey => Self::AuditKey(Box::new(read(id, body)?)),
            Kind::CapabilitySecret => Self::CapabilitySecret(read(id, body)?),
            Kind::Settings => Self::Settings(Box::new(read(id, body)?)),
            Kind::Halt => Self::Halt(read(id, body)?),
            Kind::Approval => Self::Approval(read(id, body)?),
            Kind::Review => Self::Review(read(id, body)?),
            Kind::IdentityProvider => Self::IdentityProvider(Box::new(read(id, body)?)),
            Kind::TrustedIssuer => Self::TrustedIssuer(Box::new(read(id, body)?)),
        })
    }
}
