//! A copy of the part of the state that authority is computed from, to try a change on.

use std::collections::BTreeSet;

use deputy_store::{Membership, model::Principal};

use super::TenantState;

/// Whom something reaches, by id.
pub(crate) struct Reached {
    pub(crate) agents: BTreeSet<String>,
    pub(crate) people: BTreeSet<String>,
    pub(crate) groups: BTreeSet<String>,
}

impl TenantState {
    /// A copy of what authority is computed from; records are shared, not copied.
    pub(crate) fn authority_part(&self) -> Self {
        Self {
            status: self.status,
            settings: self.settings.clone(),
            agents: self.agents.clone(),
            agent_names: self.agent_names.clone(),
            roles: self.roles.clone(),
            bindings: self.bindings.clone(),
            bound: self.bound.clone(),
            catalogue: self.catalogue.clone(),
            resources: self.resources.clone(),
            users: self.users.clone(),
            groups: self.groups.clone(),
            member_of: self.member_of.clone(),
            ..Self::default()
        }
    }

    /// The agents, the people and the groups among these principals and in the groups among them, however deep, by
    /// id; of the people only those whom it names directly.
    pub(crate) fn reached<'p>(&self, principals: impl Iterator<Item = &'p Principal>) -> Reached {
        let (mut agents, mut people, mut seen) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut next: Vec<String> = principals.map(ToString::to_string).collect();
        while let Some(member) = next.pop() {
            match member.split_once(':') {
                Some(("agent", id)) => drop(agents.insert(id.to_owned())),
                Some(("user", id)) => drop(people.insert(id.to_owned())),
                Some(("group", id)) if seen.insert(id.to_owned()) => {
                    next.extend(
                        self.groups.get(id).into_iter().flat_map(|group| group.members.iter().cloned()),
                    );
                }
                _ => {}
            }
        }
        Reached { agents, people, groups: seen }
    }

    /// Takes in which groups people are, so that their entitlements can be computed.
    pub(crate) fn know_members(&mut self, memberships: &[Membership]) {
        for Membership { group, member, .. } in memberships {
            self.member_of.entry(member.clone()).or_default().insert(group.clone());
        }
    }
}
