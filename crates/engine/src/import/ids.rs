//! The ids of what a manifest names: those that are known, and new ones for what it makes.

use std::collections::HashMap;

use deputy_manifest::{Fleet, ItemKind, Plan};

use super::current::find_role;
use crate::{Refusal, Sources, view::TenantState};

/// Ids by name.
pub(super) struct Ids {
    /// Of the file's agents and of their parents.
    agents: HashMap<String, String>,
    /// Of the roles that the file declares or binds.
    roles: HashMap<String, String>,
}

impl Ids {
    pub(super) fn of(
        fleet: &Fleet,
        state: &TenantState,
        plan: &Plan,
        sources: &Sources,
    ) -> Result<Self, Refusal> {
        let mut ids = Self { agents: HashMap::new(), roles: HashMap::new() };
        for item in &plan.created {
            match item.kind {
                ItemKind::Agent => drop(ids.agents.insert(item.name.clone(), sources.id()?)),
                ItemKind::Role => drop(ids.roles.insert(item.name.clone(), sources.id()?)),
                ItemKind::Resource | ItemKind::Tool | ItemKind::Binding => {}
            }
        }
        for agent in &fleet.agents {
            let named = [Some(agent.entry.name.as_str()), agent.entry.parent.as_ref().map(AsRef::as_ref)];
            for name in named.into_iter().flatten() {
                if let (false, Some(id)) = (ids.agents.contains_key(name), state.agent_names.get(name)) {
                    ids.agents.insert(name.to_owned(), id.clone());
                }
            }
            for role in &agent.roles {
                if let (false, Some(known)) =
                    (ids.roles.contains_key(role.as_str()), find_role(state, role.as_str()))
                {
                    ids.roles.insert(role.as_str().to_owned(), known.id.clone());
                }
            }
        }
        Ok(ids)
    }

    /// An agent's id.
    pub(super) fn agent(&self, name: &str) -> Result<&str, Refusal> {
        self.agents.get(name).map(String::as_str).ok_or_else(|| missing(name))
    }

    /// A role's id.
    pub(super) fn role(&self, name: &str) -> Result<&str, Refusal> {
        self.roles.get(name).map(String::as_str).ok_or_else(|| missing(name))
    }
}

fn missing(name: &str) -> Refusal {
    tracing::error!(name, "a name that was checked has no id");
    Refusal::Internal
}
