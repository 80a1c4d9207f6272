//! What an import would change: a pure comparison of a fleet with the tenant's state.
//!
//! Invariant: nothing is deleted that a manifest did not make. An entry in the file is the whole truth about that
//! entry (a member left out goes back to its default, a role left out is unbound again); an entry that is not in
//! the file is left alone, unless `prune` is asked for.

mod diff;
mod item;
mod state;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::entry::{BindingEntry, PrincipalKind, ResourceUri};
use crate::fleet::Fleet;
pub use item::{Change, Item, ItemKind, Plan};
pub use state::{Current, CurrentState};

/// How to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Delete what a manifest made and this file no longer has.
    pub prune: bool,
}

/// Compares.
///
/// References to people are compared as they are written, so both sides must use the same spelling: ids, or the
/// user names that both were resolved to.
#[must_use]
pub fn plan(current: &CurrentState, fleet: &Fleet, options: Options) -> Plan {
    let mut planner = Planner { options, plan: Plan::default() };
    let resources = fleet.resources.iter().map(|entry| (entry.uri.as_str(), entry));
    planner.compare(ItemKind::Resource, resources, &current.resources);
    planner.compare(
        ItemKind::Tool,
        fleet.tools.iter().map(|entry| (entry.name.as_str(), entry)),
        &current.tools,
    );
    planner.compare(
        ItemKind::Role,
        fleet.roles.iter().map(|entry| (entry.name.as_str(), entry)),
        &current.roles,
    );
    let agents = fleet.agents.iter().map(|agent| (agent.entry.name.as_str(), &agent.entry));
    planner.compare(ItemKind::Agent, agents, &current.agents);
    planner.compare_bindings(current, fleet);
    planner.keep_what_others_use(current, fleet);
    planner.plan
}

struct Planner {
    options: Options,
    plan: Plan,
}

impl Planner {
    fn compare<'a, T: PartialEq + Serialize + 'a>(
        &mut self,
        kind: ItemKind,
        wanted: impl Iterator<Item = (&'a str, &'a T)>,
        current: &BTreeMap<String, Current<T>>,
    ) {
        let mut listed: BTreeSet<&str> = BTreeSet::new();
        for (index, (name, entry)) in wanted.enumerate() {
            listed.insert(name);
            let item = Item::at(kind, name, index);
            match current.get(name) {
                None => self.plan.created.push(item),
                Some(known) if known.entry == *entry => self.plan.unchanged.push(item),
                Some(known) => {
                    let changes = diff::fields(&known.entry, entry);
                    self.plan.updated.push(Item { changes, ..item });
                }
            }
        }
        if self.options.prune {
            let gone = current
                .iter()
                .filter(|(name, known)| known.managed_by_manifest && !listed.contains(name.as_str()));
            self.plan.deleted.extend(gone.map(|(name, _)| Item::new(kind, name)));
        }
    }

    /// A binding goes when the file has its agent and no longer lists its role, or when its agent goes.
    fn compare_bindings(&mut self, current: &CurrentState, fleet: &Fleet) {
        let mut listed: BTreeSet<(&str, &str)> = BTreeSet::new();
        let mut agents: BTreeSet<&str> = BTreeSet::new();
        let known: BTreeSet<(&str, &str)> = current.bindings.keys().filter_map(of_agent).collect();
        for (index, agent) in fleet.agents.iter().enumerate() {
            let name = agent.entry.name.as_str();
            agents.insert(name);
            for role in &agent.roles {
                let key = (name, role.as_str());
                listed.insert(key);
                let list =
                    if known.contains(&key) { &mut self.plan.unchanged } else { &mut self.plan.created };
                list.push(Item::binding(name, role.as_str(), Some(index)));
            }
        }
        let deleted: BTreeSet<String> = self
            .plan
            .deleted
            .iter()
            .filter(|item| item.kind == ItemKind::Agent)
            .map(|item| item.name.clone())
            .collect();
        for (binding, managed) in &current.bindings {
            let Some((agent, role)) = of_agent(binding) else { continue };
            let left_out = agents.contains(agent) && !listed.contains(&(agent, role));
            if *managed && (left_out || deleted.contains(agent)) {
                self.plan.deleted.push(Item::binding(agent, role, None));
            }
        }
    }

    /// A role or a resource that something made elsewhere refers to stays.
    fn keep_what_others_use(&mut self, current: &CurrentState, fleet: &Fleet) {
        let bound = current
            .bindings
            .iter()
            .filter(|(_, managed)| !**managed)
            .map(|(binding, _)| binding.role.as_str());
        let listed_roles = fleet.agents.iter().flat_map(|agent| &agent.roles).map(AsRef::as_ref);
        let roles: BTreeSet<&str> = bound.chain(listed_roles).collect();
        let named = fleet.agents.iter().filter_map(|agent| agent.entry.default_audience.as_ref());
        let covered = fleet.roles.iter().filter_map(|role| role.audience.as_ref()).flatten();
        let elsewhere = current.audiences_elsewhere();
        let resources: BTreeSet<&str> =
            named.chain(covered).map(ResourceUri::as_str).chain(elsewhere).collect();
        let is_used = |item: &Item| match item.kind {
            ItemKind::Role => roles.contains(item.name.as_str()),
            ItemKind::Resource => resources.contains(item.name.as_str()),
            ItemKind::Tool | ItemKind::Agent | ItemKind::Binding => false,
        };
        let (kept, deleted) = std::mem::take(&mut self.plan.deleted).into_iter().partition(is_used);
        self.plan.kept = kept;
        self.plan.deleted = deleted;
    }
}

/// Agent and role of a binding whose subject is an agent.
fn of_agent(binding: &BindingEntry) -> Option<(&str, &str)> {
    (binding.subject.kind() == PrincipalKind::Agent)
        .then(|| (binding.subject.target(), binding.role.as_str()))
}
