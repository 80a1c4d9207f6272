//! Agents without a live owner: why, since when, and who answers for them from now on.
//!
//! Invariant: an orphan is what memory says it is at this moment; nothing is stored about it, so an agent
//! ceases to be one the moment somebody live owns it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use deputy_mandate::Instant;
use deputy_manifest::Reference;
use deputy_store::{
    event::rfc3339,
    model::{Agent, AgentState, Principal},
};
use serde::{Deserialize, Serialize};

use crate::{
    Caller, Engine, Refusal, ShownAgent,
    agents::require_agent,
    page::{Page, Paging},
    resolve,
    view::{TenantState, TenantView},
};

/// An agent without a live owner.
#[derive(Debug, Clone, Serialize)]
pub struct Orphan {
    /// The agent's name.
    pub agent: String,
    /// The agent's opaque id.
    pub agent_id: String,
    /// Whether it still works.
    pub state: AgentState,
    /// What became of each owner, in words.
    pub why: String,
    /// When the last of its owners changed (RFC 3339).
    pub since: String,
    /// A live owner of its parent, who might answer for it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed_owner: Option<String>,
}

/// Who is to answer for an orphan.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOwner {
    /// `user:` or `group:` and a name or an id; somebody live.
    pub owner: String,
}

impl Engine {
    /// Agents without a live owner, the longest first.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read; `Invalid` for a page that cannot be.
    pub async fn orphans(
        &self,
        view: &TenantView,
        caller: &Caller,
        paging: &Paging,
    ) -> Result<Page<Orphan>, Refusal> {
        caller.require_reader()?;
        let limit = paging.limit()?;
        let agents: Vec<Arc<Agent>> = {
            let state = view.read();
            state.agents.values().filter(|agent| state.is_orphan(agent)).cloned().collect()
        };
        let changed = self.owners_changed_at(view, &agents).await?;
        let mut found: Vec<(Instant, Arc<Agent>)> =
            agents.into_iter().map(|agent| (since(&agent, &changed), agent)).collect();
        found.sort_by(|(since, agent), (other, than)| (since, &agent.name).cmp(&(other, &than.name)));
        if let Some(cursor) = paging.cursor.as_deref() {
            let (at, name) = position(cursor)?;
            found.retain(|(since, agent)| (since.0, agent.name.as_str()) > (at, name));
        }
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1));
        let page = Page::cut(found, limit, |(since, agent)| format!("{}:{}", since.0, agent.name));
        let state = view.read();
        Ok(page.map(|(since, agent)| shown(&state, since, &agent)))
    }

    /// Gives an orphan an owner in place of those who are gone.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator asks; `NotFound`; `Conflict` for an agent that is no orphan;
    /// `Invalid` for an owner who is unknown or gone.
    pub async fn assign_orphan(
        &self,
        view: &TenantView,
        caller: &Caller,
        agent: &str,
        new: &NewOwner,
    ) -> Result<ShownAgent, Refusal> {
        caller.require_admin()?;
        let agent = {
            let state = view.read();
            let agent = require_agent(&state, agent)?;
            if !state.is_orphan(&agent) {
                return Err(Refusal::conflict("the agent is no orphan"));
            }
            agent
        };
        let owner = Reference::try_from(new.owner.as_str()).and_then(Reference::into_owner);
        let owner = owner.map_err(|error| Refusal::invalid("owner", error.to_string()))?;
        let owner = resolve::require(&self.inner.database.tenant(&view.id), "owner", &owner).await?;
        if !view.read().is_live(&owner) {
            return Err(Refusal::invalid("owner", "is not live: name an active person, or a group with one"));
        }
        self.set_owners(view, caller, &agent.id, &[owner.to_string()], false).await
    }

    async fn owners_changed_at(
        &self,
        view: &TenantView,
        agents: &[Arc<Agent>],
    ) -> Result<HashMap<String, Instant>, Refusal> {
        let ids = |kind: &str| -> Vec<String> {
            let owners = agents.iter().flat_map(|agent| &agent.owners).filter(|owner| owner.kind() == kind);
            let ids: BTreeSet<&str> = owners.map(Principal::id).collect();
            ids.into_iter().map(str::to_owned).collect()
        };
        Ok(self.inner.database.tenant(&view.id).changed_at(&ids("user"), &ids("group")).await?)
    }
}

/// When the last of the owners changed; the agent's own last change when none of them is there any more.
fn since(agent: &Agent, changed: &HashMap<String, Instant>) -> Instant {
    let last = agent.owners.iter().filter_map(|owner| changed.get(&owner.to_string())).max();
    last.copied().unwrap_or(agent.updated_at)
}

fn position(cursor: &str) -> Result<(i64, &str), Refusal> {
    let parts = cursor.split_once(':').and_then(|(at, name)| Some((at.parse().ok()?, name)));
    parts.ok_or_else(|| Refusal::invalid("cursor", "is not one that this list gave out"))
}

fn shown(state: &TenantState, since: Instant, agent: &Agent) -> Orphan {
    Orphan {
        agent: agent.name.clone(),
        agent_id: agent.id.clone(),
        state: agent.state,
        why: why(state, agent),
        since: rfc3339(since),
        proposed_owner: proposed(state, agent),
    }
}

fn why(state: &TenantState, agent: &Agent) -> String {
    let gone = |owner: &Principal| {
        let label = state.label(owner);
        match owner {
            Principal::User(id) if state.users.contains_key(id) => format!("{label} is not active"),
            Principal::Group(id) if state.groups.contains_key(id) => format!("{label} has no active member"),
            Principal::User(_) | Principal::Group(_) | Principal::Agent(_) => format!("{label} is gone"),
        }
    };
    if agent.owners.is_empty() {
        return "it was made without an owner".to_owned();
    }
    agent.owners.iter().map(gone).collect::<Vec<_>>().join("; ")
}

fn proposed(state: &TenantState, agent: &Agent) -> Option<String> {
    let parent = state.agents.get(agent.parent.as_ref()?)?;
    parent.owners.iter().find(|owner| state.is_live(owner)).map(|owner| state.label(owner))
}

#[cfg(test)]
mod tests {
    use super::position;

    #[test]
    fn a_cursor_is_an_instant_and_a_name() {
        assert_eq!(position("17:deploy-bot"), Ok((17, "deploy-bot")));
        assert!(position("deploy-bot").is_err() && position("x:deploy-bot").is_err());
    }
}
