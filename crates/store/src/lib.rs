//! Tenant-scoped persistence on SQLite and PostgreSQL, the event log and its group commit.
//!
//! Invariants that the types keep:
//! - Tenant data is reachable only through [`TenantRead`] and [`TenantTx`], and each of them carries its
//!   tenant: no query over tenant tables can be written without one.
//! - A change and its events commit together, and `seq` is gap-free per tenant: every write goes
//!   through the one [`Writer`] task, which allots `seq` under the lock of the tenant's log head.
//! - What is acknowledged is on disk: a reply is sent after its transaction has committed.
//!
//! Where to look: [`Database`] opens and migrates; `writer/` is the group commit; `tail` is how memory
//! follows the log, and `terms` how its index does; `model/` holds the records; `log`, `events`, `issued`, `people`, `membership`,
//! `installation`, `sessions` and `spent` hold the queries of their tables.

pub mod clock;
mod database;
mod error;
pub mod event;
mod events;
mod installation;
mod issued;
mod live;
mod log;
mod many;
mod membership;
pub mod model;
mod people;
mod reached;
mod record;
mod retention;
mod scim;
mod sessions;
mod spent;
mod sql;
mod tail;
mod tenant;
mod terms;
mod uses;
mod writer;

pub use database::{Database, DatabaseUrl, UrlError};
pub use deputy_scim::fold;
pub use error::StoreError;
pub use events::EventFilter;
pub use installation::{PlatformKey, Tenant, TenantStatus};
pub use issued::{Issue, Issued, IssuedFilter};
pub use log::{Checkpoint, LogHead, RevocationRow, StoredEvent};
pub use people::{Group, User};
pub use reached::{Candidate, Candidates};
pub use record::{Kind, Record};
pub use scim::{GroupColumns, Membership, Page, Person, Sync, Team, UserColumns};
pub use sessions::{Session, Vouched};
pub use spent::Spend;
pub use tail::{Changes, Snapshot};
pub use tenant::{TenantRead, TenantTx};
pub use uses::{Debit, Debited, Meter};
pub use writer::{Append, AppendError, BoxFuture, ChangeError, Committed, Watcher, Writer};
