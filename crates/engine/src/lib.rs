//! The use cases: provision, issue, decide, revoke, halt, import, audit.
//!
//! A use case takes a [`Caller`], a tenant in memory ([`view::TenantView`]) and an input that has been
//! parsed, and answers with a value or with a [`Refusal`]. Reads come from memory or from the
//! store's tenant-scoped reads; writes go through one change in the store's writer, with their
//! events. Nothing here knows HTTP.

mod agents;
mod audit;
mod caller;
mod capability_keys;
mod clients;
mod connect;
mod decide;
mod engine;
mod entries;
mod events;
mod federation;
mod feed;
mod halt;
mod import;
mod introspect;
mod issue;
mod keys;
mod listing;
mod orphans;
mod overview;
mod ownership;
mod page;
mod platform_keys;
mod proofs;
mod public;
mod recent;
pub mod refusal;
mod resolve;
mod resources;
mod revocations;
mod revoke_token;
mod roles;
pub mod scim;
mod sessions;
mod settings;
mod setup;
mod signing;
mod signing_keys;
mod sources;
#[cfg(test)]
mod started;
mod tail;
mod tenants;
mod tokens;
mod tools;
mod uses;
mod verify;
pub mod view;

pub use agents::{
    AgentFilter, Ceiling, CeilingLeg, NewCredential, Page, ShownAgent, ShownCredential, ShownOwner,
};
pub use audit::{AuditProblem, CheckpointAnswer, LogVerifier, Start, VerifiedLog, verify_log};
pub use caller::{Actor, Caller};
pub use capability_keys::ShownCapabilityKey;
pub use clients::Client;
pub use connect::MOST_SCIM_KEYS;
pub use decide::{
    AnswerContext, DecisionPointMetadata, EvaluationAnswer, EvaluationError, EvaluationsAnswer,
};
pub use deputy_store::{Database, DatabaseUrl, StoreError, model};
pub use engine::{Engine, Installation, MAX_STALENESS_MS, Tasks};
pub use events::{EventExport, EventOrder, EventQuery};
pub use federation::{
    BegunSignIn, CameBack, DashboardProvider, NotSignedIn, PreviewedPerson, ProbeAnswer, ProbeStep,
    ShownIdentityProvider, ShownTrustedIssuer, SpiffeBundle,
};
pub use feed::{Feed, FeedEntry, FeedMessage, FeedTail};
pub use halt::{ApprovalAnswer, ApprovalNeeded, HaltAnswer, HaltOutcome, NewHalt};
pub use import::{ImportOptions, Imported, ImportedCredential};
pub use keys::{NewKey, ShownKey};
pub use orphans::{NewOwner, Orphan};
pub use overview::{Activity, Overview};
pub use page::Paging;
pub use platform_keys::NewPlatformKey;
pub use recent::{ReadableEvent, RecentEvents};
pub use refusal::{Problem, Refusal};
pub use resources::ShownResource;
pub use revocations::{
    NewRevocation, Preview, ReachAnswer, RevocationAnswer, Revoked, RevokedOne, TargetInput,
};
pub use roles::{
    AgentDifference, AuthorityChange, AuthorityPreview, BindingFilter, Changed, Difference, NameDifference,
    PersonDifference, ShownBinding, ShownRole, Written,
};
pub use sessions::{NewSession, SignedIn};
pub use setup::OneTimeCode;
pub use signing_keys::ShownSigningKey;
pub use sources::Sources;
pub use tail::{EventTail, Followed};
pub use tenants::{NewTenant, ShownTenant, TenantChange};
pub use tokens::{RevokedBy, TokenAnswer, TokenQuery, TokenSummary, TokenTree};
pub use tools::ShownTool;
pub use uses::{Answer as UseAnswer, MOST_USES, ReportedUse, UsesAnswer};
pub use verify::{Examined, SignedToken};
