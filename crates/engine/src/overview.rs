//! What the front page of a tenant counts, and what pages say about agents beside their entries.

use std::collections::HashMap;

use deputy_mandate::Instant;
use deputy_store::model::AgentState;
use deputy_token::{access::Hop, revocation::Everything};
use serde::Deserialize;

use crate::{Caller, Engine, HaltAnswer, ReachAnswer, Refusal, TargetInput, view::TenantView};

/// Unexpired credentials that are looked at for one page of agents.
const MOST_LOOKED_AT: u32 = 20_000;

/// A tenant in numbers.
#[derive(Debug, Clone)]
pub struct Overview {
    /// Agents that are not decommissioned.
    pub agents: usize,
    /// Those that are active.
    pub active: usize,
    /// Those that are suspended.
    pub suspended: usize,
    /// Those without a live owner.
    pub orphans: usize,
    /// Live tokens, and how many agents hold them.
    pub live: ReachAnswer,
    /// The halt in force.
    pub halt: HaltAnswer,
}

/// What an agent does at present.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Activity {
    /// Credentials that are not expired and not revoked.
    pub live_tokens: u64,
    /// When the last one was issued.
    pub last_token: Option<Instant>,
}

impl Engine {
    /// A tenant in numbers.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read.
    pub async fn overview(&self, view: &TenantView, caller: &Caller) -> Result<Overview, Refusal> {
        let halt = self.halt(view, caller)?;
        let live = self.preview_revocation(view, caller, &TargetInput::Tenant(Everything)).await?.reach;
        let state = view.read();
        let living = || state.agents.values().filter(|agent| agent.state != AgentState::Decommissioned);
        let active = living().filter(|agent| agent.state == AgentState::Active).count();
        let agents = living().count();
        let orphans = living().filter(|agent| state.is_orphan(agent)).count();
        Ok(Overview { agents, active, suspended: agents.saturating_sub(active), orphans, live, halt })
    }

    /// How many agents have no live owner.
    #[must_use]
    pub fn orphan_count(&self, view: &TenantView) -> usize {
        let state = view.read();
        state.agents.values().filter(|agent| state.is_orphan(agent)).count()
    }

    /// The tenant's name for people.
    ///
    /// # Errors
    /// `Unavailable` when the database is.
    pub async fn tenant_name(&self, view: &TenantView) -> Result<String, Refusal> {
        let found = self.inner.database.tenant_by_id(&view.id).await?;
        Ok(found.map_or_else(|| view.slug.to_string(), |tenant| tenant.name))
    }

    /// What these agents do at present, by id.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read.
    pub async fn activity(
        &self,
        view: &TenantView,
        caller: &Caller,
        agents: &[String],
    ) -> Result<HashMap<String, Activity>, Refusal> {
        #[derive(Deserialize)]
        struct Carried {
            chain: Vec<Hop>,
        }
        caller.require_reader()?;
        let read = self.inner.database.tenant(&view.id);
        let nothing = |id: &String| (id.clone(), Activity { live_tokens: 0, last_token: None });
        let mut found: HashMap<String, Activity> = agents.iter().map(nothing).collect();
        for (id, at) in read.last_issued(agents).await? {
            if let Some(activity) = found.get_mut(&id) {
                activity.last_token = Some(at);
            }
        }
        let unexpired = read.unexpired_of(agents, self.inner.sources.now(), MOST_LOOKED_AT).await?;
        let state = view.read();
        for candidate in unexpired {
            let alive = serde_json::from_str(&candidate.event)
                .is_ok_and(|Carried { chain }| state.revocations.reaches(&chain).is_none());
            if alive && let Some(activity) = found.get_mut(&candidate.agent) {
                activity.live_tokens += 1;
            }
        }
        Ok(found)
    }

    /// The names of agents, of those that memory knows.
    pub fn agent_names<'a>(&self, view: &TenantView, ids: impl Iterator<Item = &'a String>) -> Vec<String> {
        let state = view.read();
        ids.filter_map(|id| state.agents.get(id)).map(|agent| agent.name.clone()).collect()
    }

    /// Who did something, in words; see [`crate::view::TenantState::actor_label`].
    #[must_use]
    pub fn actor_label(&self, view: &TenantView, actor: &str) -> String {
        view.read().actor_label(actor)
    }
}
