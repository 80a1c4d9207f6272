//! The tenant's state in the form of a manifest's entries.

use std::{collections::BTreeSet, sync::Arc};

use deputy_manifest::{
    AgentEntry, BindingEntry, Current, CurrentState, Fleet, ItemKind, MemberName, Options, Plan, PolicyEntry,
    PrincipalKind, Reference, ResourceEntry, ResourceUri, RoleEntry, RoleName, ToolEntry, ToolName, Ttl,
};
use deputy_store::model::{AgentState, Principal, Resource, ResourcePolicy, Role, Tool};

use super::normal::reference_to;
use crate::{Refusal, agents::entry_of, view::TenantState};

/// A role by id or by name.
pub(super) fn find_role<'s>(state: &'s TenantState, id_or_name: &str) -> Option<&'s Arc<Role>> {
    state.roles.get(id_or_name).or_else(|| state.roles.values().find(|role| role.name == id_or_name))
}

/// What an import compares with: of the agents, all that could go; else those that the file lists.
pub(super) fn read(state: &TenantState, fleet: &Fleet, options: Options) -> Result<CurrentState, Refusal> {
    let mut current = CurrentState::default();
    for resource in state.resources.values() {
        let entry = resource_entry(resource)?;
        current.resources.insert(resource.uri.clone(), managed(entry, resource.from_manifest));
    }
    for tool in state.tools.values() {
        current.tools.insert(tool.name.clone(), managed(tool_entry(tool)?, tool.from_manifest));
    }
    for role in state.roles.values() {
        current.roles.insert(role.name.clone(), managed(role_entry(role)?, role.from_manifest));
    }
    let listed: BTreeSet<&str> = fleet.agents.iter().map(|agent| agent.entry.name.as_str()).collect();
    let relevant = |name: &str| options.prune || listed.contains(name);
    for agent in state.agents.values().filter(|agent| agent.state != AgentState::Decommissioned) {
        if relevant(&agent.name) {
            let entry: AgentEntry = entry_of(state, agent)?;
            current.agents.insert(agent.name.clone(), managed(entry, agent.from_manifest));
        }
    }
    for binding in state.bindings.values() {
        let subject = match &binding.subject {
            Principal::Agent(id) => match state.agents.get(id) {
                Some(agent) if agent.state != AgentState::Decommissioned && relevant(&agent.name) => {
                    Reference::new(PrincipalKind::Agent, &agent.name).map_err(|error| broken(&error))?
                }
                _ => continue,
            },
            other @ (Principal::User(_) | Principal::Group(_)) => reference_to(other)?,
        };
        let Some(role) = state.roles.get(&binding.role) else { continue };
        let role = RoleName::try_from(role.name.as_str()).map_err(|error| broken(&error))?;
        current
            .bindings
            .insert(BindingEntry { role, subject, follow_scim: binding.follow_scim }, binding.from_manifest);
    }
    Ok(current)
}

/// What the tenant's settings and the roles that stay refer to is not deleted.
pub(super) fn keep_what_the_tenant_uses(plan: &mut Plan, state: &TenantState) {
    let is_role = |kind| kind == ItemKind::Role;
    let kept =
        plan.kept.iter().filter(|item| is_role(item.kind)).filter_map(|item| find_role(state, &item.name));
    let mut used: BTreeSet<String> = kept.flat_map(|role| role.audience.iter().flatten().cloned()).collect();
    used.extend(state.default_audience().map(str::to_owned));
    let stays = |item: &deputy_manifest::Item| item.kind == ItemKind::Resource && used.contains(&item.name);
    let (kept, deleted) = std::mem::take(&mut plan.deleted).into_iter().partition(stays);
    plan.deleted = deleted;
    plan.kept.extend::<Vec<_>>(kept);
}

const fn managed<T>(entry: T, managed_by_manifest: bool) -> Current<T> {
    Current { entry, managed_by_manifest }
}

fn broken(error: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%error, "what is stored does not fit a manifest's entry");
    Refusal::Internal
}

fn tool_names(names: &BTreeSet<String>) -> Result<BTreeSet<ToolName>, Refusal> {
    names.iter().map(|name| ToolName::try_from(name.as_str()).map_err(|error| broken(&error))).collect()
}

fn ttl(secs: Option<u32>) -> Result<Option<Ttl>, Refusal> {
    secs.map(|secs| Ttl::from_secs(u64::from(secs)).map_err(|error| broken(&error))).transpose()
}

fn uri(text: &str) -> Result<ResourceUri, Refusal> {
    ResourceUri::try_from(text).map_err(|error| broken(&error))
}

fn resource_entry(resource: &Resource) -> Result<ResourceEntry, Refusal> {
    let policy = resource.policy.as_ref().map(policy_entry).transpose()?;
    Ok(ResourceEntry { uri: uri(&resource.uri)?, policy })
}

fn policy_entry(policy: &ResourcePolicy) -> Result<PolicyEntry, Refusal> {
    Ok(PolicyEntry {
        scopes: policy.scopes.clone(),
        tools: policy.tools.clone(),
        blocked_tools: tool_names(&policy.blocked_tools)?,
        limits: policy.limits.clone(),
        ttl: ttl(policy.ttl)?,
        max_depth: policy.max_depth,
        may_delegate: policy.may_delegate,
    })
}

fn tool_entry(tool: &Tool) -> Result<ToolEntry, Refusal> {
    let name = ToolName::try_from(tool.name.as_str()).map_err(|error| broken(&error))?;
    let arg = |arg: &String| MemberName::try_from(arg.as_str()).map_err(|error| broken(&error));
    Ok(ToolEntry { name, args: tool.args.iter().map(arg).collect::<Result<_, _>>()? })
}

fn role_entry(role: &Role) -> Result<RoleEntry, Refusal> {
    let audience = role.audience.as_ref().map(|covered| covered.iter().map(|one| uri(one)).collect());
    Ok(RoleEntry {
        name: RoleName::try_from(role.name.as_str()).map_err(|error| broken(&error))?,
        scopes: role.scopes.clone(),
        tools: role.tools.clone(),
        blocked_tools: tool_names(&role.blocked_tools)?,
        limits: role.limits.clone(),
        audience: audience.transpose()?,
        ttl: ttl(role.ttl)?,
        max_depth: role.max_depth,
        may_delegate: role.may_delegate,
    })
}
