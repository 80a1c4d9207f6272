//! The agents of an import and their bindings: made, changed, unbound, decommissioned.

use std::collections::BTreeSet;

use deputy_manifest::{Fleet, Item, ItemKind, Plan};
use deputy_store::model::{Agent, AgentState, Role, RoleBinding};
use serde_json::json;

use super::{
    Request,
    current::find_role,
    ids::Ids,
    normal::reference_to,
    people::People,
    write::{Writes, changes, holder},
};
use crate::{
    Refusal, Sources,
    agents::{Built, about, build},
    resolve::Known,
    roles::binding_event,
    view::TenantState,
};

/// What agents and bindings are built from.
pub(super) struct Source<'f> {
    pub(super) fleet: &'f Fleet,
    pub(super) state: &'f TenantState,
    pub(super) people: &'f People,
    pub(super) plan: &'f Plan,
    pub(super) ids: &'f Ids,
    pub(super) request: &'f Request,
    pub(super) sources: &'f Sources,
}

/// Agents and their bindings.
pub(super) fn write(writes: &mut Writes, from: &Source<'_>) -> Result<(), Refusal> {
    let principals = from.people.meant.values();
    let known: Known =
        principals.map(|one| Ok((reference_to(one)?, one.clone()))).collect::<Result<_, Refusal>>()?;
    let created = from.plan.created.iter().map(|item| (item, true));
    for (item, is_new) in created.chain(from.plan.updated.iter().map(|item| (item, false))) {
        match item.kind {
            ItemKind::Agent => put_agent(writes, from, &known, item, is_new)?,
            ItemKind::Binding => bind(writes, from, item)?,
            ItemKind::Resource | ItemKind::Tool | ItemKind::Role => {}
        }
    }
    let mut unbound: BTreeSet<&str> = BTreeSet::new();
    for item in &from.plan.deleted {
        match item.kind {
            ItemKind::Agent => decommission(writes, from, &item.name)?,
            ItemKind::Binding => {
                let bound =
                    item.role.as_ref().and_then(|role| find_role(from.state, role)).and_then(|role| {
                        let agent = from.state.agent_names.get(&item.name)?;
                        from.state.bindings.get(from.state.bound.get(&holder(agent))?.get(&role.id)?)
                    });
                unbound.extend(bound.map(|binding| binding.id.as_str()));
            }
            // Whatever still points at a role that goes, goes with it.
            ItemKind::Role => {
                let role = find_role(from.state, &item.name).map(|role| &role.id);
                let bound = from.state.bindings.values().filter(|binding| Some(&binding.role) == role);
                unbound.extend(bound.map(|binding| binding.id.as_str()));
            }
            ItemKind::Resource | ItemKind::Tool => {}
        }
    }
    for binding in unbound.into_iter().filter_map(|id| from.state.bindings.get(id)) {
        let Some(role) = from.state.roles.get(&binding.role) else { continue };
        writes.event(binding_event(&from.request.caller, "role_binding.deleted", role, binding));
        writes.bindings.gone.push(binding.id.clone());
    }
    Ok(())
}

fn put_agent(
    writes: &mut Writes,
    from: &Source<'_>,
    known: &Known,
    item: &Item,
    is_new: bool,
) -> Result<(), Refusal> {
    let Some(listed) = item.index.and_then(|index| from.fleet.agents.get(index)) else { return Ok(()) };
    let id = from.ids.agent(&item.name)?;
    let parent = listed.entry.parent.as_ref().map(|name| from.ids.agent(name.as_str())).transpose()?;
    let before = from.state.agents.get(id).map(AsRef::as_ref);
    let built = build(&listed.entry, id, before, known, parent.map(str::to_owned), from.request.now)?;
    let Built { mut agent, runtime_changed } = built;
    agent.from_manifest |= is_new;
    let by = &from.request.caller;
    let owners = writes.owners(from.state, &agent);
    if is_new {
        writes.changed(&agent, about(by, "agent.created", &agent, owners.clone()));
    } else {
        let detail = json!({"name": agent.name, "state": agent.state.as_str(), "changes": changes(item)});
        writes.changed(&agent, about(by, "agent.changed", &agent, owners.clone()).detail(&detail));
    }
    if runtime_changed {
        let event = about(by, "revocation.created", &agent, owners);
        writes.revoke(&agent, "the runtime changed", event, from.sources)?;
    }
    writes.agents.put(agent, is_new);
    Ok(())
}

fn bind(writes: &mut Writes, from: &Source<'_>, item: &Item) -> Result<(), Refusal> {
    let Some(name) = &item.role else { return Ok(()) };
    let (role, agent) = (from.ids.role(name)?, from.ids.agent(&item.name)?);
    let binding = RoleBinding {
        id: from.sources.id()?,
        role: role.to_owned(),
        subject: holder(agent),
        from_manifest: true,
        from_scim: false,
        follow_scim: false,
        created_at: from.request.now,
    };
    let made = || writes.roles.new.iter().find(|role| role.name == *name);
    let role: Option<&Role> = from.state.roles.get(role).map(AsRef::as_ref).or_else(made);
    let Some(role) = role else { return Ok(()) };
    let event = binding_event(&from.request.caller, "role_binding.created", role, &binding);
    writes.event(event);
    writes.bindings.new.push(binding);
    Ok(())
}

fn decommission(writes: &mut Writes, from: &Source<'_>, name: &str) -> Result<(), Refusal> {
    let id = from.state.agent_names.get(name);
    let Some(known) = id.and_then(|id| from.state.agents.get(id)) else { return Ok(()) };
    let state = AgentState::Decommissioned;
    let agent = Agent { state, updated_at: from.request.now, ..known.as_ref().clone() };
    let by = &from.request.caller;
    let owners = writes.owners(from.state, &agent);
    writes.changed(&agent, about(by, "agent.decommissioned", &agent, owners.clone()));
    let event = about(by, "revocation.created", &agent, owners);
    writes.revoke(&agent, "decommissioned", event, from.sources)?;
    writes.agents.changed.push(agent);
    Ok(())
}
