//! Agents: what an administrator makes, changes, suspends and decommissions.
//!
//! An entry ([`AgentEntry`]) is what people write; a record is what is stored. Both ways between
//! them are in `build`, so that create, change and import follow the same rules.

mod build;
mod ceiling;
mod change;
mod credentials;
mod list;
mod owners;
mod shown;
mod state;

pub use ceiling::{Ceiling, CeilingLeg};
pub use credentials::{NewCredential, ShownCredential};
pub use list::{AgentFilter, Page};
pub use owners::ShownOwner;
pub use shown::ShownAgent;

pub(crate) use build::{Built, build, entry_of, parent_line};
pub(crate) use change::{about, owner_names, principals};
pub(crate) use credentials::{make_credential, parse_jwk};

use std::sync::Arc;

use deputy_store::model::{Agent, AgentState};

use crate::{Refusal, view::TenantState};

/// An agent by id or by name; a decommissioned one is still there to be read.
pub(crate) fn require_agent(state: &TenantState, id_or_name: &str) -> Result<Arc<Agent>, Refusal> {
    let id = state.agent_names.get(id_or_name).map_or(id_or_name, String::as_str);
    state.agents.get(id).cloned().ok_or(Refusal::NotFound)
}

/// An agent by id or by name that can still be changed.
pub(crate) fn require_living(state: &TenantState, id_or_name: &str) -> Result<Arc<Agent>, Refusal> {
    let agent = require_agent(state, id_or_name)?;
    if agent.state == AgentState::Decommissioned {
        return Err(Refusal::conflict("the agent is decommissioned, which cannot be undone"));
    }
    Ok(agent)
}
