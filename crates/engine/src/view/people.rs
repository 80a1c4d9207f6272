//! Owners and groups: what they are called, who is in what, and which agents nobody answers for.
//!
//! Memory holds the people whom records name, and of groups the agents and groups in them. Whether an owner is live
//! is decided in the transaction that changes it (`ownership`), and stands on the agent.

use std::collections::BTreeSet;

use deputy_mandate::Instant;
use deputy_store::model::{Agent, AgentState, ApiKey, Principal};

use super::TenantState;

impl TenantState {
    /// Whether the agent should have a live owner and has none.
    #[must_use]
    pub fn is_orphan(&self, agent: &Agent) -> bool {
        agent.state != AgentState::Decommissioned && agent.orphaned.is_some()
    }

    /// Whether an owner was named here before any sync knew it.
    #[must_use]
    pub fn is_placeholder(&self, owner: &Principal) -> bool {
        match owner {
            Principal::User(id) => self.users.get(id).is_some_and(|user| user.placeholder),
            Principal::Group(id) => self.groups.get(id).is_some_and(|group| group.placeholder),
            Principal::Agent(_) => false,
        }
    }

    /// Whether a key counts: it has not ended, and neither has the person who holds it.
    #[must_use]
    pub fn admits(&self, key: &ApiKey, now: Instant) -> bool {
        let is_active = |holder: &String| self.users.get(holder).is_some_and(|user| user.active);
        key.lives_at(now) && key.holder.as_ref().is_none_or(is_active)
    }

    /// Every group that a principal is in, directly or through other groups.
    #[must_use]
    pub fn groups_of(&self, principal: &Principal) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut next: Vec<String> = self.direct_groups(&principal.to_string());
        while let Some(group) = next.pop() {
            if found.insert(group.clone()) {
                next.extend(self.direct_groups(&format!("group:{group}")));
            }
        }
        found
    }

    fn direct_groups(&self, member: &str) -> Vec<String> {
        self.member_of.get(member).into_iter().flatten().cloned().collect()
    }

    /// A principal as people write it: `user:alice@example.com`, `group:crm`, `agent:planner`.
    #[must_use]
    pub fn label(&self, principal: &Principal) -> String {
        let name = match principal {
            Principal::User(id) => self.users.get(id).map(|user| user.user_name.as_str()),
            Principal::Group(id) => self.groups.get(id).map(|group| group.name.as_str()),
            Principal::Agent(id) => self.agents.get(id).map(|agent| agent.name.as_str()),
        };
        format!("{}:{}", principal.kind(), name.unwrap_or(principal.id()))
    }

    /// An agent's owners as people write them.
    #[must_use]
    pub fn owner_labels(&self, agent: &Agent) -> Vec<String> {
        agent.owners.iter().map(|owner| self.label(owner)).collect()
    }

    /// Who did something, in words: events and halts name actors by opaque ids.
    #[must_use]
    pub fn actor_label(&self, actor: &str) -> String {
        match actor.split_once(':') {
            Some(("key", id)) => self.key_label(id).unwrap_or_else(|| actor.to_owned()),
            Some(_) => actor.parse().map_or_else(|_| actor.to_owned(), |who: Principal| self.label(&who)),
            None => actor.to_owned(),
        }
    }

    fn key_label(&self, id: &str) -> Option<String> {
        let key = self.keys.values().find(|key| key.id == id)?;
        let holder = key.holder.as_ref().map(|holder| self.label(&Principal::User(holder.clone())));
        let (role, prefix) = (key.role.as_str(), &key.prefix);
        Some(holder.map_or_else(|| format!("{role} key {prefix}…"), |holder| format!("{holder} ({prefix}…)")))
    }
}
