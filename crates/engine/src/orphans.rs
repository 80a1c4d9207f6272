//! Agents without a live owner: why, since when, and who answers for them from now on.
//!
//! That an agent is an orphan is decided where its owners change (`ownership`); here it is shown, and put right: by an
//! administrator who assigns an owner, or by the manager to whom the tenant's policy proposes it.

use std::{collections::BTreeSet, sync::Arc};

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
    /// Since when (RFC 3339).
    pub since: String,
    /// Until when it may still get credentials, by the policy `grace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Who might answer for it: the manager who may accept it, by the policy `handover`, else an owner of its parent.
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
    pub fn orphans(
        &self,
        view: &TenantView,
        caller: &Caller,
        paging: &Paging,
    ) -> Result<Page<Orphan>, Refusal> {
        caller.require_reader()?;
        let limit = paging.limit()?;
        let state = view.read();
        let orphans = state.agents.values().filter(|agent| state.is_orphan(agent));
        let mut found: Vec<(Instant, &Arc<Agent>)> =
            orphans.filter_map(|agent| Some((agent.orphaned.as_ref()?.since, agent))).collect();
        found.sort_by(|(since, agent), (other, than)| (since, &agent.name).cmp(&(other, &than.name)));
        if let Some(cursor) = paging.cursor.as_deref() {
            let (at, name) = position(cursor)?;
            found.retain(|(since, agent)| (since.0, agent.name.as_str()) > (at, name));
        }
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1));
        let page = Page::cut(found, limit, |(since, agent)| format!("{}:{}", since.0, agent.name));
        Ok(page.map(|(since, agent)| shown(&state, since, agent)))
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
        let read = self.inner.database.tenant(&view.id);
        let owner = resolve::require(&read, "owner", &owner).await?;
        if read.live(&BTreeSet::from([owner.clone()])).await?.is_empty() {
            return Err(Refusal::invalid("owner", "is not live: name an active person, or a group with one"));
        }
        self.take_over(view, caller, &agent.id, owner).await
    }

    /// The manager to whom an orphan is proposed takes it: from now on they answer for it.
    ///
    /// # Errors
    /// `Forbidden` for anybody else; `NotFound`; `Conflict` for an agent that is no orphan or is proposed to nobody.
    pub async fn accept_orphan(
        &self,
        view: &TenantView,
        caller: &Caller,
        agent: &str,
    ) -> Result<ShownAgent, Refusal> {
        caller.require_reader()?;
        let (id, proposed) = {
            let state = view.read();
            let agent = require_agent(&state, agent)?;
            let orphaned = agent.orphaned.as_ref().filter(|_| state.is_orphan(&agent));
            let orphaned = orphaned.ok_or_else(|| Refusal::conflict("the agent is no orphan"))?;
            let proposed = orphaned.proposed.clone();
            (agent.id.clone(), proposed.ok_or_else(|| Refusal::conflict("the agent is proposed to nobody"))?)
        };
        if caller.person.as_ref() != Some(&proposed) {
            return Err(Refusal::Forbidden);
        }
        self.take_over(view, caller, &id, Principal::User(proposed)).await
    }

    /// Whether an orphan, by id, is proposed to this very caller.
    #[must_use]
    pub fn may_accept_orphan(&self, view: &TenantView, caller: &Caller, id: &str) -> bool {
        let state = view.read();
        let orphaned = state.agents.get(id).and_then(|agent| agent.orphaned.as_ref());
        let proposed = orphaned.and_then(|orphaned| orphaned.proposed.as_ref());
        proposed.is_some() && proposed == caller.person.as_ref()
    }
}

fn position(cursor: &str) -> Result<(i64, &str), Refusal> {
    let parts = cursor.split_once(':').and_then(|(at, name)| Some((at.parse().ok()?, name)));
    parts.ok_or_else(|| Refusal::invalid("cursor", "is not one that this list gave out"))
}

fn shown(state: &TenantState, since: Instant, agent: &Agent) -> Orphan {
    let orphaned = agent.orphaned.as_ref();
    Orphan {
        agent: agent.name.clone(),
        agent_id: agent.id.clone(),
        state: agent.state,
        why: orphaned.map(|orphaned| orphaned.why.clone()).unwrap_or_default(),
        since: rfc3339(since),
        until: orphaned.and_then(|orphaned| orphaned.until).map(rfc3339),
        proposed_owner: proposed(state, agent),
    }
}

fn proposed(state: &TenantState, agent: &Agent) -> Option<String> {
    if let Some(manager) = agent.orphaned.as_ref().and_then(|orphaned| orphaned.proposed.clone()) {
        return Some(state.label(&Principal::User(manager)));
    }
    let parent = state.agents.get(agent.parent.as_ref()?).filter(|parent| !state.is_orphan(parent))?;
    parent.owners.iter().next().map(|owner| state.label(owner))
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
