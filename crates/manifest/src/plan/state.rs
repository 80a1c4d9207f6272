//! The tenant's state as far as a manifest can change it.
//!
//! Invariant: everything is keyed by the name that a manifest would use for it.

use std::collections::BTreeMap;

use crate::entry::{AgentEntry, BindingEntry, ResourceEntry, ResourceUri, RoleEntry, ToolEntry};

/// An entry of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current<T> {
    /// What it is.
    pub entry: T,
    /// Whether a manifest made it; only then may a manifest delete it.
    pub managed_by_manifest: bool,
}

/// The tenant's state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CurrentState {
    /// Resource servers by URI.
    pub resources: BTreeMap<String, Current<ResourceEntry>>,
    /// The tool catalogue by name.
    pub tools: BTreeMap<String, Current<ToolEntry>>,
    /// Roles by name.
    pub roles: BTreeMap<String, Current<RoleEntry>>,
    /// Agents by name, those that were not decommissioned.
    pub agents: BTreeMap<String, Current<AgentEntry>>,
    /// Role bindings of agents (subject by agent name), users and groups, and whether a manifest made them.
    pub bindings: BTreeMap<BindingEntry, bool>,
}

impl CurrentState {
    /// The audiences that entries made elsewhere refer to.
    pub(super) fn audiences_elsewhere(&self) -> impl Iterator<Item = &str> {
        let roles = self.roles.values().filter(|role| !role.managed_by_manifest);
        let agents = self.agents.values().filter(|agent| !agent.managed_by_manifest);
        let covered = roles.filter_map(|role| role.entry.audience.as_ref()).flatten();
        covered
            .chain(agents.filter_map(|agent| agent.entry.default_audience.as_ref()))
            .map(ResourceUri::as_str)
    }
}
