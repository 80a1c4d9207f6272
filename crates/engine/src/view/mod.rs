//! What a server holds of a tenant in memory, and how it is kept true.
//!
//! Invariant: this memory changes in one way only, by applying what was read behind a position of
//! the tenant's log ([`TenantState::apply`]); a request never writes to it. So every replica that
//! has applied a position knows everything up to it, and nothing that it issued before survives a
//! revocation after it.

mod apply;
mod authority;
mod import;
mod people;
mod preview;
mod registry;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use deputy_mandate::{Catalogue, Instant};
use deputy_store::{
    Group, TenantStatus, User,
    model::{
        Agent, ApiKey, Approval, AuditKey, CapabilitySecret, Credential, Halt, IdentityProvider, Principal,
        Resource, Review, Role, RoleBinding, Settings, SigningKey, Tool, TrustedIssuer,
    },
};
use deputy_token::revocation::RevocationIndex;
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use tokio::sync::watch;

pub use authority::{AgentAuthority, LegError, authority_of};
pub(crate) use preview::Reached;
pub use registry::{Registry, TailFailure};

/// A tenant in memory.
pub struct TenantView {
    /// Opaque id.
    pub id: Arc<str>,
    /// Its name in URLs.
    pub slug: Arc<str>,
    /// Its issuer, `{public_url}/t/{slug}`.
    pub issuer: Arc<str>,
    applied: AtomicI64,
    fresh_at: AtomicI64,
    state: RwLock<TenantState>,
    moved: watch::Sender<i64>,
}

impl TenantView {
    /// The position up to which memory is complete. Read it before the state that a grant rests on.
    #[must_use]
    pub fn applied(&self) -> i64 {
        self.applied.load(Ordering::Acquire)
    }

    /// When the log was last seen to hold nothing newer.
    #[must_use]
    pub fn fresh_at(&self) -> Instant {
        Instant(self.fresh_at.load(Ordering::Acquire))
    }

    /// The state; hold it briefly, and never across an await.
    pub fn read(&self) -> RwLockReadGuard<'_, TenantState> {
        self.state.read()
    }

    /// Is told of each position that memory reaches.
    #[must_use]
    pub fn moves(&self) -> watch::Receiver<i64> {
        self.moved.subscribe()
    }
}

impl std::fmt::Debug for TenantView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantView")
            .field("slug", &self.slug)
            .field("applied", &self.applied())
            .finish_non_exhaustive()
    }
}

/// A tenant's state at a position of its log.
#[derive(Debug, Default)]
pub struct TenantState {
    /// Whether the tenant works; absent until its row was read.
    pub status: Option<TenantStatus>,
    /// The settings.
    pub settings: Option<Arc<Settings>>,
    /// The halt, if one was ever set.
    pub halt: Option<Halt>,
    /// Agents by id.
    pub agents: HashMap<String, Arc<Agent>>,
    /// Ids of agents by name.
    pub agent_names: BTreeMap<String, String>,
    /// Roles by id.
    pub roles: HashMap<String, Arc<Role>>,
    /// Bindings by id.
    pub bindings: HashMap<String, Arc<RoleBinding>>,
    /// Roles by whom they are bound to, with the binding's id.
    pub bound: HashMap<Principal, BTreeMap<String, String>>,
    /// The tool catalogue's records by name.
    pub tools: BTreeMap<String, Arc<Tool>>,
    /// The catalogue as grants use it.
    pub catalogue: Arc<Catalogue>,
    /// Resource servers by URI.
    pub resources: BTreeMap<String, Arc<Resource>>,
    /// Credentials by id.
    pub credentials: HashMap<String, Arc<Credential>>,
    /// Ids of credentials by agent.
    pub credentials_of: HashMap<String, BTreeSet<String>>,
    /// Ids of federated credentials by issuer and subject.
    pub workloads: HashMap<(String, String), String>,
    /// Identity providers by issuer.
    pub identity_providers: BTreeMap<String, Arc<IdentityProvider>>,
    /// Trusted issuers by issuer.
    pub trusted_issuers: BTreeMap<String, Arc<TrustedIssuer>>,
    /// API keys by the digest of the key.
    pub keys: HashMap<String, Arc<ApiKey>>,
    /// Signing keys by `kid`.
    pub signing: BTreeMap<String, Arc<SigningKey>>,
    /// Audit keys by `kid`.
    pub audit: BTreeMap<String, Arc<AuditKey>>,
    /// Secrets of capabilities by `kid`.
    pub capability_secrets: BTreeMap<String, Arc<CapabilitySecret>>,
    /// Approvals that wait, by id.
    pub approvals: BTreeMap<String, Arc<Approval>>,
    /// Reviews of findings, by the finding's id.
    pub reviews: HashMap<String, Arc<Review>>,
    /// The people whom records name, by id.
    pub users: HashMap<String, Arc<User>>,
    /// Groups by id.
    pub groups: HashMap<String, Arc<Group>>,
    /// Groups that an agent or a group is a direct member of.
    pub member_of: HashMap<String, BTreeSet<String>>,
    /// Agents by owner.
    pub owned: HashMap<Principal, BTreeSet<String>>,
    /// What has been taken away.
    pub revocations: RevocationIndex,
    /// Legs that were computed from this very state; emptied by every change.
    authorities: Mutex<AuthorityCache>,
}

/// Legs by agent and audience.
type AuthorityCache = HashMap<(String, BTreeSet<String>), Arc<AgentAuthority>>;
