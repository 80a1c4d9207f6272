//! Who answers for an agent.

use deputy_manifest::Reference;
use deputy_store::model::Principal;
use serde::Serialize;

use super::{Page, ShownAgent, entry_of, require_agent, require_living};
use crate::{Caller, Engine, Refusal, view::TenantView};

/// An owner of an agent.
#[derive(Debug, Clone, Serialize)]
pub struct ShownOwner {
    /// `user:` or `group:` and the name.
    pub owner: String,
    /// Opaque id.
    pub id: String,
    /// Whether it is an active person, or a group with one.
    pub live: bool,
    /// Whether it was named here before any sync knew it.
    pub unconfirmed: bool,
}

impl Engine {
    /// The owners of an agent.
    pub async fn owners(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
    ) -> Result<Page<ShownOwner>, Refusal> {
        caller.require_reader()?;
        let agent = require_agent(&view.read(), id)?;
        let live = self.inner.database.tenant(&view.id).live(&agent.owners).await?;
        let state = view.read();
        let items = agent.owners.iter().map(|owner| ShownOwner {
            owner: state.label(owner),
            id: owner.id().to_owned(),
            live: live.contains(owner),
            unconfirmed: state.is_placeholder(owner),
        });
        Ok(Page { items: items.collect(), next_cursor: None })
    }

    /// Replaces the owners of an agent.
    pub async fn set_owners(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
        owners: &[String],
        create_owners: bool,
    ) -> Result<ShownAgent, Refusal> {
        caller.require_admin()?;
        let (agent, mut entry) = {
            let state = view.read();
            let agent = require_living(&state, id)?;
            let entry = entry_of(&state, &agent)?;
            (agent, entry)
        };
        let reference = |text: &String| {
            let owner = Reference::try_from(text.as_str()).and_then(Reference::into_owner);
            owner.map_err(|error| Refusal::invalid("owners", error.to_string()))
        };
        entry.owners = owners.iter().map(reference).collect::<Result<_, _>>()?;
        if entry.owners.is_empty() {
            return Err(Refusal::invalid("owners", "every agent has an owner: name at least one"));
        }
        self.replace_agent(view, caller, agent.id.clone(), entry, create_owners).await?;
        self.shown(view, &agent.id)
    }

    /// Makes somebody the one owner of an agent; whether they may is the caller's to know.
    pub(crate) async fn take_over(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
        owner: Principal,
    ) -> Result<ShownAgent, Refusal> {
        let mut entry = {
            let state = view.read();
            let agent = require_living(&state, id)?;
            entry_of(&state, &agent)?
        };
        entry.owners = [reference(&owner)?].into();
        self.replace_agent(view, caller, id.to_owned(), entry, false).await?;
        self.shown(view, id)
    }
}

fn reference(owner: &Principal) -> Result<Reference, Refusal> {
    Reference::try_from(owner.to_string().as_str()).map_err(|_| Refusal::Internal)
}
