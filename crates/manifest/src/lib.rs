//! Parses a fleet manifest and plans the change.
//!
//! A **manifest** is one YAML document (`apiVersion: deputy/v1`, `kind: Fleet`) that says which agents a tenant has,
//! who owns them and what they may do. [`parse`] turns bytes into a [`Fleet`] or into [`Problems`], all of them at
//! once, each with its line and column. [`plan`] compares a fleet with the tenant's state and says what an import
//! would change. Neither reads a clock, a database or a network.
//!
//! The entries ([`AgentEntry`], [`RoleEntry`], …) are those of the management API too: reading one from JSON
//! follows the same rules and gives the same sentences, without lines.

mod entry;
mod fleet;
mod plan;
mod problem;
mod reader;
mod words;
mod yaml;

pub use entry::{
    AgentEntry, AgentName, BindingEntry, CredentialEntry, DisplayName, Entry, FederatedEntry, MemberName,
    NameError, PolicyEntry, PrincipalKind, PublicKeyEntry, Reference, ReferenceError, ResourceEntry,
    ResourceUri, RoleEntry, RoleName, RuntimeEntry, RuntimeEvidence, ToolEntry, ToolName, Ttl, TtlError,
};
pub use fleet::{API_VERSION, Fleet, FleetAgent, KIND, Outside, OutsideKind, parse};
pub use plan::{Change, Current, CurrentState, Item, ItemKind, Options, Plan, plan};
pub use problem::{MAX_PROBLEMS, Position, Problem, Problems};
pub use yaml::{MAX_BYTES, MAX_DEPTH, MAX_VALUES, Step};
