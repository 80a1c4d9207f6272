//! Reading agents: one, or a page of them in the order of their names.

use std::ops::Bound;

use deputy_store::model::AgentState;
use serde::Serialize;

use super::{ShownAgent, require_agent};
use crate::{Caller, Engine, Refusal, view::TenantView};

/// A page of a list.
#[derive(Debug, Clone, Serialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    pub next_cursor: Option<String>,
}

/// Which agents to list; absent members do not constrain.
#[derive(Debug, Clone, Default)]
pub struct AgentFilter {
    /// In this state.
    pub state: Option<AgentState>,
    /// Owned by this principal, as `user:…` or `group:…`.
    pub owner: Option<String>,
    /// With this in its name or display name.
    pub search: Option<String>,
    /// Only those without a live owner.
    pub orphaned: bool,
    /// Names after this one.
    pub cursor: Option<String>,
}

/// Largest page.
pub(crate) const MOST_ITEMS: usize = 200;

impl Engine {
    /// One agent by id or name.
    pub fn agent(&self, view: &TenantView, caller: &Caller, id: &str) -> Result<ShownAgent, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let agent = require_agent(&state, id)?;
        Ok(self.show_agent(view, &state, &agent))
    }

    /// Agents in the order of their names.
    pub fn agents(
        &self,
        view: &TenantView,
        caller: &Caller,
        filter: &AgentFilter,
        limit: usize,
    ) -> Result<Page<ShownAgent>, Refusal> {
        caller.require_reader()?;
        let limit = limit.clamp(1, MOST_ITEMS);
        let state = view.read();
        let after = filter.cursor.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let search = filter.search.as_deref().map(str::to_lowercase);
        let mut items = Vec::with_capacity(limit);
        let mut more = false;
        for id in state.agent_names.range((after, Bound::Unbounded)).map(|(_, id)| id) {
            let Some(agent) = state.agents.get(id) else { continue };
            let display = agent.display_name.as_deref().unwrap_or_default().to_lowercase();
            let matches = filter.state.is_none_or(|wanted| agent.state == wanted)
                && search.as_ref().is_none_or(|text| agent.name.contains(text) || display.contains(text))
                && filter.owner.as_ref().is_none_or(|owner| state.owner_labels(agent).contains(owner))
                && (!filter.orphaned || state.is_orphan(agent));
            if !matches {
                continue;
            }
            if items.len() == limit {
                more = true;
                break;
            }
            items.push(self.show_agent(view, &state, agent));
        }
        let next_cursor = if more { items.last().map(|agent: &ShownAgent| agent.name.clone()) } else { None };
        Ok(Page { items, next_cursor })
    }
}
