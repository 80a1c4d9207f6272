//! What a person may have done on their behalf: the scopes, blocked tools and limits of the roles bound to them, to
//! their groups, or given by their claims (mandates §4).
//!
//! Invariant: entitlements state scopes, so that a person with none entitles to nothing. They say nothing of tools,
//! which are the agent's.

use std::collections::BTreeSet;

use deputy_mandate::Leg;
use deputy_store::model::{Principal, Role};

use crate::{
    Engine, Refusal,
    view::{TenantState, TenantView},
};

impl Engine {
    /// Every group that a person is in, directly or through other groups, by id. Memory does not hold who is in what,
    /// for people; the database says it, and memory the groups above.
    pub(crate) async fn groups_of(
        &self,
        view: &TenantView,
        person: &str,
    ) -> Result<BTreeSet<String>, Refusal> {
        let read = self.inner.database.tenant(&view.id);
        let direct = read.memberships(&[format!("user:{person}")]).await?;
        Ok(groups_of_person(&view.read(), direct.into_iter().map(|(_, group)| group)))
    }
}

/// The groups that these are, and those that they are in.
fn groups_of_person(state: &TenantState, direct: impl Iterator<Item = String>) -> BTreeSet<String> {
    let mut groups = BTreeSet::new();
    for group in direct {
        groups.extend(state.groups_of(&Principal::Group(group.clone())));
        groups.insert(group);
    }
    groups
}

impl TenantState {
    /// The roles that entitle a person who is in these groups, each once.
    pub(crate) fn roles_of_person(&self, person: &str, groups: &BTreeSet<String>) -> BTreeSet<String> {
        let own = self.bound.get(&Principal::User(person.to_owned())).into_iter().flatten();
        let of_groups = groups.iter().filter_map(|group| self.bound.get(&Principal::Group(group.clone())));
        let followed = |id: &String| self.bindings.get(id).is_some_and(|one| self.is_followed(one));
        let through = of_groups.flatten().filter(|(_, binding)| followed(binding));
        own.chain(through).map(|(role, _)| role.clone()).collect()
    }
}

/// What these roles entitle to: scopes unite, what narrows is met. Roles that contradict each other entitle to
/// nothing.
pub(crate) fn entitlements<'r>(roles: impl Iterator<Item = &'r Role> + Clone) -> Leg {
    let narrowing = roles.clone().map(|role| Leg {
        blocked_tools: role.blocked_tools.clone(),
        limits: role.limits.clone(),
        ..Leg::default()
    });
    let narrowing: Vec<Leg> = narrowing.collect();
    let scopes = Some(roles.flat_map(|role| &role.scopes).cloned().collect());
    match Leg::meet_all(&narrowing) {
        Some(met) => Leg { scopes, ..met },
        None => Leg { scopes: Some(BTreeSet::new()), ..Leg::default() },
    }
}
