//! The use cases: provision, issue, decide, revoke, halt, import, audit.
//!
//! A use case takes a [`Caller`], a tenant in memory ([`view::TenantView`]) and an input that has been
//! parsed, and answers with a value or with a [`Refusal`]. Reads come from memory or from the
//! store's tenant-scoped reads; writes go through one change in the store's writer, with their
//! events. Nothing here knows HTTP.

mod caller;
mod clients;
mod engine;
mod issue;
mod refusal;
mod signing;
mod sources;
mod tenants;
pub mod view;

pub use caller::{Actor, Caller};
pub use clients::Client;
pub use engine::{Engine, Installation, MAX_STALENESS_MS, Tasks};
pub use refusal::{Problem, Refusal};
pub use sources::Sources;
pub use tenants::NewTenant;
