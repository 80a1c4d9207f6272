//! The entries of a tenant as people write them, the same in the management API (JSON) and in a manifest (YAML).
//!
//! Invariant: an entry that exists is well formed: every name, reference, URI, duration and constraint in it has
//! been checked. What it refers to may still be missing; only the tenant's state can tell.

mod agent;
mod authority;
mod constraint;
mod credential;
mod duration;
mod json;
mod name;
mod reference;
mod resource;
mod role;
mod runtime;
mod tool;

pub(crate) use agent::{AGENT_MEMBERS, read as read_agent};
pub use agent::{AgentEntry, RuntimeEvidence};
pub(crate) use credential::read as read_credential;
pub use credential::{CredentialEntry, FederatedEntry, PublicKeyEntry};
pub use duration::{Ttl, TtlError};
pub use json::Entry;
pub use name::{AgentName, DisplayName, MemberName, NameError, ResourceUri, RoleName, ToolName};
pub use reference::{PrincipalKind, Reference, ReferenceError};
pub(crate) use resource::read as read_resource;
pub use resource::{PolicyEntry, ResourceEntry};
pub(crate) use role::read as read_role;
pub use role::{BindingEntry, RoleEntry};
pub use runtime::RuntimeEntry;
pub use tool::ToolEntry;
pub(crate) use tool::read_catalogue;
