//! Refuses an import after which an agent would have one tool with different argument maps (mandates §4).
//!
//! Judged on the state as it would be: the file's roles, those of the tenant, and those that reach an agent
//! through groups. Agents with the same roles are judged once.

use std::collections::{BTreeSet, HashMap};

use deputy_mandate::{Role as RoleAuthority, ToolConflict, tool_conflicts};
use deputy_manifest::{Fleet, ItemKind, Plan, Problems};
use deputy_store::model::{AgentState, Principal};

use super::current::find_role;
use crate::view::{TenantState, authority_of};

pub(super) fn find(fleet: &Fleet, state: &TenantState, plan: &Plan, problems: &mut Problems) {
    let mut judge = Judge::of(fleet, state);
    let mut listed: BTreeSet<&str> = BTreeSet::new();
    for (index, agent) in fleet.agents.iter().enumerate() {
        let mut held: BTreeSet<&str> = agent.roles.iter().map(AsRef::as_ref).collect();
        if let Some(id) = state.agent_names.get(agent.entry.name.as_str()) {
            listed.insert(id);
            held.extend(kept(state, id));
        }
        if let Some(ToolConflict { tool, role, other }) = judge.conflict(held) {
            let message = format!(
                "the roles `{role}` and `{other}` give `{tool}` with different arguments: make them the same, or bind one of the two"
            );
            problems.push(fleet.problem(&["agents".into(), index.into(), "roles".into()], message));
        }
    }
    // A role that changes also reaches agents that the file does not list.
    let updated = plan.updated.iter().filter(|item| item.kind == ItemKind::Role);
    for (index, role) in updated.filter_map(|item| Some((item.index?, find_role(state, &item.name)?))) {
        let bound = state.bindings.values().filter(|binding| binding.role == role.id);
        let agents = state.reached(bound.map(|binding| &binding.subject)).agents;
        for agent in
            agents.iter().filter(|id| !listed.contains(id.as_str())).filter_map(|id| state.agents.get(id))
        {
            if agent.state == AgentState::Decommissioned {
                continue;
            }
            let held = state.roles_of(&agent.id).into_iter().map(|role| role.name.as_str()).collect();
            if let Some(ToolConflict { tool, role, other }) = judge.conflict(held) {
                let message = format!(
                    "the agent `{}`, which has the roles `{role}` and `{other}`, would get `{tool}` with different arguments",
                    agent.name
                );
                problems.push(fleet.problem(&["roles".into(), index.into(), "tools".into()], message));
            }
        }
    }
}

/// The roles that an agent has otherwise than by a manifest: bound elsewhere, or through groups.
fn kept<'s>(state: &'s TenantState, agent: &str) -> Vec<&'s str> {
    let principal = Principal::Agent(agent.to_owned());
    let own = state.bound.get(&principal).into_iter().flatten();
    let own =
        own.filter(|(_, binding)| state.bindings.get(*binding).is_some_and(|binding| !binding.from_manifest));
    let mut roles: Vec<&String> = own.map(|(role, _)| role).collect();
    roles.extend(state.roles_through_groups(&principal));
    roles.into_iter().filter_map(|id| state.roles.get(id)).map(|role| role.name.as_str()).collect()
}

/// The roles as they would be, and what was found about each set of them.
struct Judge<'f> {
    roles: HashMap<&'f str, RoleAuthority>,
    judged: HashMap<BTreeSet<&'f str>, Option<ToolConflict>>,
}

impl<'f> Judge<'f> {
    fn of(fleet: &'f Fleet, state: &'f TenantState) -> Self {
        let known = state.roles.values().map(|role| (role.name.as_str(), authority_of(role)));
        let mut roles: HashMap<&str, RoleAuthority> = known.collect();
        roles.extend(fleet.roles.iter().map(|role| (role.name.as_str(), role.to_role())));
        Self { roles, judged: HashMap::new() }
    }

    fn conflict(&mut self, held: BTreeSet<&'f str>) -> Option<ToolConflict> {
        if held.len() < 2 {
            return None;
        }
        let roles = &self.roles;
        let judge = |held: &BTreeSet<&str>| {
            tool_conflicts(held.iter().filter_map(|name| roles.get(name))).into_iter().next()
        };
        self.judged.entry(held).or_insert_with_key(judge).clone()
    }
}
