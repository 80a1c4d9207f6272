//! A copy of the part of the state that an import compares a manifest with.

use std::collections::BTreeSet;

use deputy_store::model::Principal;

use super::TenantState;

impl TenantState {
    /// A copy of what a manifest can change and of what it rests on; records are shared, not copied. Of the
    /// people, only these and the members of the groups among them.
    pub(crate) fn import_part<'p>(&self, people: impl Iterator<Item = &'p Principal>) -> Self {
        let mut users: BTreeSet<&str> = BTreeSet::new();
        let mut groups: BTreeSet<&str> = BTreeSet::new();
        let mut next: Vec<(&str, &str)> = people.map(|one| (one.kind(), one.id())).collect();
        while let Some((kind, id)) = next.pop() {
            match kind {
                "user" => drop(users.insert(id)),
                "group" => {
                    if let (true, Some(group)) = (groups.insert(id), self.groups.get(id)) {
                        next.extend(group.members.iter().filter_map(|member| member.split_once(':')));
                    }
                }
                _ => {}
            }
        }
        let user = |id: &str| Some((id.to_owned(), self.users.get(id)?.clone()));
        let members = if self.member_of.is_empty() {
            Vec::new()
        } else {
            let agents = self.agents.keys().map(|id| format!("agent:{id}"));
            agents.chain(self.groups.keys().map(|id| format!("group:{id}"))).collect()
        };
        let member_of =
            members.into_iter().filter_map(|key| Some((key.clone(), self.member_of.get(&key)?.clone())));
        Self {
            settings: self.settings.clone(),
            agents: self.agents.clone(),
            agent_names: self.agent_names.clone(),
            roles: self.roles.clone(),
            bindings: self.bindings.clone(),
            bound: self.bound.clone(),
            tools: self.tools.clone(),
            resources: self.resources.clone(),
            credentials: self.credentials.clone(),
            credentials_of: self.credentials_of.clone(),
            users: users.into_iter().filter_map(user).collect(),
            groups: self.groups.clone(),
            member_of: member_of.collect(),
            ..Self::default()
        }
    }
}
