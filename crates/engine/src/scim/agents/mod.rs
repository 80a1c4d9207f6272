//! Agents as SCIM sees them: the identity provider may make them, name their owners and stop them.
//!
//! It gives them no authority: an agent that comes this way has no scopes until an administrator allows some. What it
//! stops stays stopped until an administrator says otherwise, and a removed agent is decommissioned: its name stays
//! used.

mod list;
mod shown;
mod write;

pub(super) use shown::shown;
pub(super) use write::{create, delete, rewrite};
