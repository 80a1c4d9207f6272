//! Agents that match, of those in memory.
//!
//! The names are in order, so a list without a filter reads its page alone; a look-up by name or id reads one agent;
//! any other filter is evaluated over all, a thousand under each lock.

use std::{cmp::Ordering, ops::Bound, sync::Arc};

use deputy_scim::{Filter, Resource, filter::Literal};
use deputy_store::model::{Agent, AgentState};

use super::shown::shown_from;
use crate::{
    Engine, Refusal,
    scim::list::{From, Part, Slice},
    view::{TenantState, TenantView},
};

/// Agents that are looked at before the lock is given to others.
const AT_A_TIME: usize = 1_000;

impl Engine {
    pub(in crate::scim) async fn agents_slice(
        &self,
        view: &TenantView,
        part: &Part<'_>,
        from: From<'_>,
    ) -> Result<Slice, Refusal> {
        if part.filter.is_none() && part.sort.is_none() {
            return Ok(self.agents_by_name(view, from));
        }
        let candidates = candidates(&view.read(), part.filter.as_ref());
        let (base, now) = (self.scim_base(view), self.inner.sources.now());
        let mut matching: Vec<Resource> = Vec::new();
        for some in candidates.chunks(AT_A_TIME) {
            {
                let state = view.read();
                let shown = some.iter().map(|agent| shown_from(&state, agent, &base, now));
                let matches =
                    |agent: &Resource| part.filter.as_ref().is_none_or(|filter| filter.matches(agent.body()));
                matching.extend(shown.filter(matches));
            }
            tokio::task::yield_now().await;
        }
        let total = u64::try_from(matching.len()).ok();
        let order = |a: &Resource, b: &Resource| match &part.sort {
            Some(sort) => sort.compare(a, b),
            None => a.text("agentUserName").cmp(&b.text("agentUserName")),
        };
        matching.sort_by(order);
        // An agent that was decommissioned since still says where the page begins.
        let place = from.after.and_then(|place| {
            let state = view.read();
            state.agents.get(&place.id).map(|agent| shown_from(&state, agent, &base, now))
        });
        let begin = place
            .map_or(0, |place| matching.partition_point(|agent| order(agent, &place) != Ordering::Greater));
        let skip = begin.saturating_add(usize::try_from(from.skip).unwrap_or(usize::MAX));
        let resources = matching.into_iter().skip(skip).take(from.limit).collect();
        Ok(Slice { resources, total })
    }

    fn agents_by_name(&self, view: &TenantView, from: From<'_>) -> Slice {
        let (base, now) = (self.scim_base(view), self.inner.sources.now());
        let state = view.read();
        let living = |agent: &&Arc<Agent>| agent.state != AgentState::Decommissioned;
        let after = from.after.and_then(|place| state.agents.get(&place.id)).map(|agent| agent.name.as_str());
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let resources = state
            .agent_names
            .range::<str, _>(range)
            .filter_map(|(_, id)| state.agents.get(id))
            .filter(living)
            .skip(usize::try_from(from.skip).unwrap_or(usize::MAX))
            .take(from.limit)
            .map(|agent| shown_from(&state, agent, &base, now))
            .collect();
        let total = u64::try_from(state.agents.values().filter(living).count()).ok();
        Slice { resources, total }
    }
}

/// The agents that a filter could match, in the order of their names.
fn candidates(state: &TenantState, filter: Option<&Filter>) -> Vec<Arc<Agent>> {
    let found = |id: &String| state.agents.get(id).cloned();
    let mut agents: Vec<Arc<Agent>> = match filter.and_then(Filter::as_lookup) {
        Some((path, Literal::Text(text))) if path.key() == ("", "agentUserName", "") => {
            state.agent_names.get(text).and_then(found).into_iter().collect()
        }
        Some((path, Literal::Text(id))) if path.key() == ("", "id", "") => found(id).into_iter().collect(),
        _ => state.agent_names.values().filter_map(found).collect(),
    };
    agents.retain(|agent| agent.state != AgentState::Decommissioned);
    agents
}
