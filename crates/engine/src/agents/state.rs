//! Suspending, reactivating and decommissioning; each takes authority away in the same transaction.

use deputy_store::model::{Agent, AgentState};
use deputy_token::revocation::Target;

use super::{
    ShownAgent,
    change::{about, owner_names},
    require_agent, require_living,
};
use crate::{Caller, Engine, Refusal, view::TenantView};

impl Engine {
    /// Suspends an agent: its outstanding credentials die, and it gets no new ones.
    pub async fn suspend_agent(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
        reason: &str,
    ) -> Result<ShownAgent, Refusal> {
        caller.require_admin()?;
        let agent = require_living(&view.read(), id)?;
        self.set_state(view, caller, &agent.id, AgentState::Suspended, reason).await
    }

    /// Lets a suspended agent work again. What was revoked stays dead; it asks for new credentials.
    pub async fn reactivate_agent(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
    ) -> Result<ShownAgent, Refusal> {
        caller.require_admin()?;
        let agent = {
            let state = view.read();
            let agent = require_living(&state, id)?;
            if state.is_orphan(&agent) {
                return Err(Refusal::conflict("the agent has no live owner: assign one first"));
            }
            agent
        };
        self.set_state(view, caller, &agent.id, AgentState::Active, "").await
    }

    /// Ends an agent for good: its credentials die and its name stays used.
    pub async fn decommission_agent(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
    ) -> Result<(), Refusal> {
        caller.require_admin()?;
        let agent = require_agent(&view.read(), id)?;
        if agent.state == AgentState::Decommissioned {
            return Ok(());
        }
        self.set_state(view, caller, &agent.id, AgentState::Decommissioned, "decommissioned").await.map(drop)
    }

    async fn set_state(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
        state: AgentState,
        reason: &str,
    ) -> Result<ShownAgent, Refusal> {
        let (by, agent_id, reason) = (caller.clone(), id.to_owned(), reason.to_owned());
        let revocation = self.inner.sources.id()?;
        self.change(view, move |tx| {
            Box::pin(async move {
                let mut agent = tx.find::<Agent>(&agent_id).await?.ok_or(Refusal::NotFound)?;
                if agent.state == AgentState::Decommissioned || agent.state == state {
                    return Ok(());
                }
                agent.state = state;
                agent.updated_at = tx.now();
                tx.update(&agent).await?;
                let owners = owner_names(tx, &agent).await?;
                let action = match state {
                    AgentState::Active => "agent.reactivated",
                    AgentState::Suspended => "agent.suspended",
                    AgentState::Decommissioned => "agent.decommissioned",
                };
                let mut event = about(&by, action, &agent, owners.clone());
                if !reason.is_empty() {
                    let detail =
                        serde_json::json!({"name": agent.name, "reason": reason, "state": state.as_str()});
                    event = event.detail(&detail);
                }
                tx.changed(&agent, event);
                if state != AgentState::Active {
                    let event = about(&by, "revocation.created", &agent, owners);
                    tx.revoke(revocation, Target::Agent(agent_id), &reason, event);
                }
                Ok(())
            })
        })
        .await?;
        self.shown(view, id)
    }
}
