//! Owners: who is live, and what they are called.
//!
//! An owner is live when it is an active person, or a group with at least one active member. A
//! group named by a manifest before any sync knows it counts as live until the sync says otherwise.

use std::collections::BTreeSet;

use deputy_store::model::{Agent, AgentState, Principal};

use super::TenantState;

/// How deep groups may lie in groups before membership stops counting.
const MOST_NESTING: usize = 16;

impl TenantState {
    /// Whether at least one owner of the agent is live.
    #[must_use]
    pub fn has_live_owner(&self, agent: &Agent) -> bool {
        agent.owners.iter().any(|owner| self.is_live(owner))
    }

    /// Whether the agent should have a live owner and has none.
    #[must_use]
    pub fn is_orphan(&self, agent: &Agent) -> bool {
        agent.state != AgentState::Decommissioned && !self.has_live_owner(agent)
    }

    /// Whether an owner is live.
    #[must_use]
    pub fn is_live(&self, owner: &Principal) -> bool {
        match owner {
            Principal::User(id) => self.users.get(id).is_some_and(|user| user.active),
            Principal::Group(id) => self.is_live_group(id, MOST_NESTING),
            Principal::Agent(_) => false,
        }
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

    fn is_live_group(&self, id: &str, nesting: usize) -> bool {
        let Some(group) = self.groups.get(id) else { return false };
        if group.placeholder && group.members.is_empty() {
            return true;
        }
        group.members.iter().any(|member| match member.split_once(':') {
            Some(("user", id)) => self.users.get(id).is_some_and(|user| user.active),
            Some(("group", id)) => nesting > 0 && self.is_live_group(id, nesting - 1),
            _ => false,
        })
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
