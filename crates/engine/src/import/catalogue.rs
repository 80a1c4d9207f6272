//! The resources, tools and roles of an import: made, changed, deleted.

use deputy_mandate::Instant;
use deputy_manifest::{Item, ItemKind, ToolEntry};
use deputy_store::model::Tool;
use serde_json::json;

use super::{
    agents::Source,
    current::find_role,
    write::{Writes, changes},
};
use crate::{Refusal, resources::resource_of, roles::role_of};

/// Resources, tools and roles.
pub(super) fn write(writes: &mut Writes, from: &Source<'_>) -> Result<(), Refusal> {
    let created = from.plan.created.iter().map(|item| (item, true));
    for (item, is_new) in created.chain(from.plan.updated.iter().map(|item| (item, false))) {
        match item.kind {
            ItemKind::Resource => put_resource(writes, from, item, is_new)?,
            ItemKind::Tool => put_tool(writes, from, item, is_new)?,
            ItemKind::Role => put_role(writes, from, item, is_new)?,
            ItemKind::Agent | ItemKind::Binding => {}
        }
    }
    from.plan.deleted.iter().for_each(|item| delete(writes, from, item));
    Ok(())
}

fn put_resource(writes: &mut Writes, from: &Source<'_>, item: &Item, is_new: bool) -> Result<(), Refusal> {
    let Some(entry) = item.index.and_then(|index| from.fleet.resources.get(index)) else { return Ok(()) };
    let before = from.state.resources.get(&item.name).map(AsRef::as_ref);
    let id = before.map_or_else(|| from.sources.id(), |known| Ok(known.id.clone()))?;
    let mut resource = resource_of(entry, &id, before, from.request.now);
    resource.from_manifest |= is_new;
    let (action, detail) = if is_new {
        ("resource.created", json!({"id": id, "uri": item.name, "policy": resource.policy}))
    } else {
        ("resource.changed", json!({"id": id, "uri": item.name, "changes": changes(item)}))
    };
    writes.changed(&resource, from.request.caller.event(action).detail(&detail));
    writes.resources.put(resource, is_new);
    Ok(())
}

fn put_tool(writes: &mut Writes, from: &Source<'_>, item: &Item, is_new: bool) -> Result<(), Refusal> {
    let Some(entry) = item.index.and_then(|index| from.fleet.tools.get(index)) else { return Ok(()) };
    let before = from.state.tools.get(&item.name).map(AsRef::as_ref);
    let id = before.map_or_else(|| from.sources.id(), |known| Ok(known.id.clone()))?;
    let mut tool = tool_of(entry, id, before, from.request.now);
    tool.from_manifest |= is_new;
    let (action, detail) = if is_new {
        ("tool.created", json!({"id": tool.id, "name": item.name, "args": tool.args}))
    } else {
        ("tool.changed", json!({"id": tool.id, "name": item.name, "changes": changes(item)}))
    };
    writes.changed(&tool, from.request.caller.event(action).detail(&detail));
    writes.tools.put(tool, is_new);
    Ok(())
}

fn put_role(writes: &mut Writes, from: &Source<'_>, item: &Item, is_new: bool) -> Result<(), Refusal> {
    let Some(entry) = item.index.and_then(|index| from.fleet.roles.get(index)) else { return Ok(()) };
    let before = find_role(from.state, &item.name).map(AsRef::as_ref);
    let id = before.map_or_else(|| from.ids.role(&item.name), |known| Ok(known.id.as_str()))?;
    let mut role = role_of(entry, id, before, from.request.now);
    role.from_manifest |= is_new;
    let (action, detail) = if is_new {
        ("role.created", json!({"id": id, "name": item.name, "entry": entry}))
    } else {
        ("role.changed", json!({"id": id, "name": item.name, "changes": changes(item)}))
    };
    writes.changed(&role, from.request.caller.event(action).detail(&detail));
    writes.roles.put(role, is_new);
    Ok(())
}

fn delete(writes: &mut Writes, from: &Source<'_>, item: &Item) {
    let by = &from.request.caller;
    match item.kind {
        ItemKind::Resource => {
            let Some(resource) = from.state.resources.get(&item.name) else { return };
            let detail = json!({"id": resource.id, "uri": resource.uri});
            writes.changed(resource.as_ref(), by.event("resource.deleted").detail(&detail));
            writes.resources.gone.push(resource.id.clone());
        }
        ItemKind::Tool => {
            let Some(tool) = from.state.tools.get(&item.name) else { return };
            let detail = json!({"id": tool.id, "name": tool.name});
            writes.changed(tool.as_ref(), by.event("tool.deleted").detail(&detail));
            writes.tools.gone.push(tool.id.clone());
        }
        ItemKind::Role => {
            let Some(role) = find_role(from.state, &item.name) else { return };
            let detail = json!({"id": role.id, "name": role.name});
            writes.changed(role.as_ref(), by.event("role.deleted").detail(&detail));
            writes.roles.gone.push(role.id.clone());
        }
        ItemKind::Agent | ItemKind::Binding => {}
    }
}

fn tool_of(entry: &ToolEntry, id: String, before: Option<&Tool>, now: Instant) -> Tool {
    Tool {
        id,
        name: entry.name.as_str().to_owned(),
        args: entry.args.iter().map(|arg| arg.as_str().to_owned()).collect(),
        description: before.and_then(|tool| tool.description.clone()),
        from_manifest: before.is_some_and(|tool| tool.from_manifest),
        created_at: before.map_or(now, |tool| tool.created_at),
        updated_at: now,
    }
}
