//! Making and changing agents.

use std::collections::BTreeSet;

use deputy_mandate::Value;
use deputy_manifest::{AgentEntry, Reference};
use deputy_store::{TenantRead, event::EventDraft, model::Agent};
use deputy_token::revocation::Target;

use super::{
    Built, ShownAgent, build,
    build::{require_audience, require_parent},
    entry_of, require_living,
};
use crate::{
    Caller, Engine, Refusal, entries,
    ownership::{Settling, settle_agents},
    resolve::Known,
    view::TenantView,
};

impl Engine {
    /// Makes an agent. Owners who are not known yet become placeholders when `create_owners` says so.
    pub async fn create_agent(
        &self,
        view: &TenantView,
        caller: &Caller,
        body: &Value,
        create_owners: bool,
    ) -> Result<ShownAgent, Refusal> {
        caller.require_admin()?;
        let entry: AgentEntry = entries::read(body)?;
        let id = self.inner.sources.id()?;
        let placeholders = self.placeholder_ids(&entry, create_owners)?;
        let (by, new_id) = (caller.clone(), id.clone());
        let settling = self.settling(caller);
        self.change(view, move |tx| {
            Box::pin(async move {
                if tx.find_named::<Agent>(entry.name.as_str()).await?.is_some() {
                    return Err(Refusal::conflict("the name is in use, or has been used before"));
                }
                let mut known = Known::default();
                let unknown = known.owners(tx, &by, principals(&entry), placeholders).await?;
                refuse_unknown(&unknown)?;
                require_audience(tx, &entry).await?;
                let parent = require_parent(tx, &entry, &new_id).await?;
                let Built { agent, .. } = build(&entry, &new_id, None, &known, parent, tx.now())?;
                tx.insert(&agent).await?;
                let owners = owner_names(tx, &agent).await?;
                tx.changed(&agent, about(&by, "agent.created", &agent, owners));
                settle_agents(tx, &settling, vec![agent]).await
            })
        })
        .await?;
        self.shown(view, &id)
    }

    /// Changes members of an agent: an RFC 7396 merge patch over its entry.
    pub async fn change_agent(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
        patch: &Value,
    ) -> Result<ShownAgent, Refusal> {
        caller.require_admin()?;
        let (before, entry) = {
            let state = view.read();
            let agent = require_living(&state, id)?;
            let entry = entry_of(&state, &agent)?;
            (agent, entry)
        };
        let entry = patched(&entry, patch)?;
        if entry.name.as_str() != before.name {
            return Err(Refusal::invalid("name", "an agent's name cannot be changed"));
        }
        self.replace_agent(view, caller, before.id.clone(), entry, false).await?;
        self.shown(view, &before.id)
    }

    pub(super) async fn replace_agent(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: String,
        entry: AgentEntry,
        create_owners: bool,
    ) -> Result<(), Refusal> {
        let (by, revocation) = (caller.clone(), self.inner.sources.id()?);
        let placeholders = self.placeholder_ids(&entry, create_owners)?;
        let settling = self.settling(caller);
        self.change(view, move |tx| {
            Box::pin(async move {
                let before = tx.find::<Agent>(&id).await?.ok_or(Refusal::NotFound)?;
                let mut known = Known::default();
                let unknown = known.owners(tx, &by, principals(&entry), placeholders).await?;
                refuse_unknown(&unknown)?;
                require_audience(tx, &entry).await?;
                let parent = require_parent(tx, &entry, &id).await?;
                let built = build(&entry, &id, Some(&before), &known, parent, tx.now())?;
                tx.update(&built.agent).await?;
                let owners = owner_names(tx, &built.agent).await?;
                tx.changed(&built.agent, about(&by, "agent.changed", &built.agent, owners.clone()));
                if built.runtime_changed {
                    let event = about(&by, "revocation.created", &built.agent, owners);
                    tx.revoke(revocation, Target::Agent(id), "the runtime changed", event);
                }
                settle_agents(tx, &settling, vec![built.agent]).await
            })
        })
        .await?;
        Ok(())
    }

    pub(super) fn shown(&self, view: &TenantView, id: &str) -> Result<ShownAgent, Refusal> {
        let state = view.read();
        let agent = state.agents.get(id).ok_or(Refusal::Unavailable { retry_after_secs: 1 })?;
        Ok(self.show_agent(view, &state, agent))
    }

    /// What a change needs to settle who answers for whom.
    pub(crate) fn settling(&self, caller: &Caller) -> Settling {
        Settling { by: caller.clone(), person: None, sources: self.inner.sources.clone() }
    }

    /// One id for each owner who might have to be made.
    fn placeholder_ids(&self, entry: &AgentEntry, create: bool) -> Result<Option<Vec<String>>, Refusal> {
        if !create {
            return Ok(None);
        }
        principals(entry).iter().map(|_| self.inner.sources.id()).collect::<Result<_, _>>().map(Some)
    }
}

/// Everybody whom an entry names.
pub(crate) fn principals(entry: &AgentEntry) -> BTreeSet<Reference> {
    entry.owners.iter().chain(entry.may_act_for.iter().flatten()).cloned().collect()
}

fn refuse_unknown(unknown: &[Reference]) -> Result<(), Refusal> {
    let Some(first) = unknown.first() else { return Ok(()) };
    let hint = "is not known in this tenant; with `create_owners` it is made as a placeholder";
    Err(Refusal::invalid("owners", format!("`{first}` {hint}")))
}

/// The entry with a patch applied, read again by the same strict rules.
fn patched(entry: &AgentEntry, patch: &Value) -> Result<AgentEntry, Refusal> {
    let mut merged = entries::merged(entries::body_of(entry)?, patch)?;
    let replaces_owners = patch.as_object().is_some_and(|members| members.contains_key("owner"));
    if replaces_owners && let Value::Object(members) = &mut merged {
        members.remove("owners");
    }
    entries::read(&merged)
}

/// The owners of an agent as people write them.
pub(crate) async fn owner_names(read: &TenantRead<'_>, agent: &Agent) -> Result<Vec<String>, Refusal> {
    let labels = crate::resolve::labels(read, &agent.owners).await?;
    Ok(crate::resolve::named(&agent.owners, &labels))
}

/// The beginning of an event about an agent with these owners.
pub(crate) fn about(caller: &Caller, action: &'static str, agent: &Agent, owners: Vec<String>) -> EventDraft {
    let detail = serde_json::json!({"name": agent.name, "state": agent.state.as_str()});
    let mut event = caller.event(action).detail(&detail);
    event.agent = Some(agent.id.clone());
    event.owners = owners;
    event
}
