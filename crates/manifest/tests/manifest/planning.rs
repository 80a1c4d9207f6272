//! What an import would change.

use deputy_manifest::{
    BindingEntry, Current, CurrentState, Fleet, Item, ItemKind, Options, Plan, Reference, plan,
};
use serde_json::json;

use crate::fleet;

const FLEET: &str = "\
resources: [{uri: https://crm.example.com/}]
tools: {transfer: {args: [amount]}}
roles:
  - {name: reader, scopes: [read], audience: [https://crm.example.com/]}
  - {name: writer, scopes: [write]}
agents:
  - {name: a, owner: user:x, allowed_scopes: [read], roles: [reader, writer], ttl: 1h}
  - {name: b, owner: user:x}
";

const KEEP: Options = Options { prune: false };
const PRUNE: Options = Options { prune: true };

/// The state after importing a fleet into an empty tenant.
fn imported(fleet: &Fleet) -> CurrentState {
    let mut state = CurrentState::default();
    let made = |entry| Current { entry, managed_by_manifest: true };
    for entry in &fleet.resources {
        state
            .resources
            .insert(entry.uri.to_string(), Current { entry: entry.clone(), managed_by_manifest: true });
    }
    for entry in &fleet.tools {
        state
            .tools
            .insert(entry.name.to_string(), Current { entry: entry.clone(), managed_by_manifest: true });
    }
    for entry in &fleet.roles {
        state
            .roles
            .insert(entry.name.to_string(), Current { entry: entry.clone(), managed_by_manifest: true });
    }
    for agent in &fleet.agents {
        state.agents.insert(agent.entry.name.to_string(), made(agent.entry.clone()));
        for role in &agent.roles {
            state.bindings.insert(binding(agent.entry.name.as_str(), role.as_str()), true);
        }
    }
    state
}

fn binding(agent: &str, role: &str) -> BindingEntry {
    BindingEntry {
        role: role.try_into().unwrap(),
        subject: Reference::try_from(format!("agent:{agent}")).unwrap(),
        follow_scim: false,
    }
}

fn names(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .map(|item| {
            format!(
                "{:?} {}{}",
                item.kind,
                item.name,
                item.role.as_ref().map(|role| format!("/{role}")).unwrap_or_default()
            )
        })
        .collect()
}

fn all() -> Vec<String> {
    [
        "Resource https://crm.example.com/",
        "Tool transfer",
        "Role reader",
        "Role writer",
        "Agent a",
        "Agent b",
        "Binding a/reader",
        "Binding a/writer",
    ]
    .map(ToOwned::to_owned)
    .into()
}

#[test]
fn everything_is_new_to_an_empty_tenant() {
    let plan = plan(&CurrentState::default(), &fleet(FLEET).unwrap(), PRUNE);
    assert_eq!(names(&plan.created), all());
    assert!(plan.updated.is_empty() && plan.unchanged.is_empty() && plan.deleted.is_empty());
    assert_eq!(plan.created[5].index, Some(1));
}

#[test]
fn a_second_import_changes_nothing() {
    let fleet = fleet(FLEET).unwrap();
    let plan = plan(&imported(&fleet), &fleet, PRUNE);
    assert!(plan.is_empty());
    assert_eq!(names(&plan.unchanged), all());
}

#[test]
fn another_spelling_changes_nothing() {
    let before =
        fleet("roles: [{name: r, scopes: [b, a], limits: {x: {max: 5}, y: {one_of: [b, a]}}, ttl: 1h}]")
            .unwrap();
    let after = fleet(
        "roles: [{ttl: 3600, name: r, scopes: [a, b], limits: {y: {constraint_type: one_of, values: [a, b, a]}, x: {min: 0, max: 5.0}}}]",
    )
    .unwrap();
    assert!(plan(&imported(&before), &after, PRUNE).is_empty());
}

#[test]
fn differences_are_told_member_by_member() {
    let state = imported(&fleet(FLEET).unwrap());
    let changed = FLEET
        .replace("allowed_scopes: [read], roles", "allowed_scopes: [read, write], max_depth: 2, roles")
        .replace(", ttl: 1h", "");
    let plan = plan(&state, &fleet(&changed).unwrap(), KEEP);
    assert_eq!(names(&plan.updated), ["Agent a"]);
    assert_eq!(
        serde_json::to_value(&plan.updated).unwrap(),
        json!([{"kind": "agent", "name": "a", "changes": [
            {"field": "allowed_scopes", "from": ["read"], "to": ["read", "write"]},
            {"field": "max_depth", "from": null, "to": 2},
            {"field": "ttl", "from": 3600, "to": null},
        ]}])
    );
}

fn without_b_and_writer() -> Fleet {
    fleet(
        "\
resources: [{uri: https://crm.example.com/}]
roles: [{name: reader, scopes: [read], audience: [https://crm.example.com/]}]
agents: [{name: a, owner: user:x, allowed_scopes: [read], roles: [reader], ttl: 1h}]
",
    )
    .unwrap()
}

#[test]
fn what_the_file_no_longer_has_goes_only_with_prune() {
    let state = imported(&fleet(FLEET).unwrap());
    let kept = plan(&state, &without_b_and_writer(), KEEP);
    assert_eq!(
        names(&kept.deleted),
        ["Binding a/writer"],
        "an agent in the file has the roles that the file says"
    );
    let pruned = plan(&state, &without_b_and_writer(), PRUNE);
    assert_eq!(names(&pruned.deleted), ["Tool transfer", "Role writer", "Agent b", "Binding a/writer"]);
}

#[test]
fn prune_deletes_only_what_a_manifest_made() {
    let mut state = imported(&fleet(FLEET).unwrap());
    state.tools.get_mut("transfer").unwrap().managed_by_manifest = false;
    state.roles.get_mut("writer").unwrap().managed_by_manifest = false;
    state.agents.get_mut("b").unwrap().managed_by_manifest = false;
    state.bindings.insert(binding("a", "writer"), false);
    assert!(plan(&state, &without_b_and_writer(), PRUNE).is_empty());
}

#[test]
fn a_pruned_agent_takes_its_bindings_with_it() {
    let state = imported(&fleet(FLEET).unwrap());
    let empty = fleet("").unwrap();
    let expected = [
        "Resource https://crm.example.com/",
        "Tool transfer",
        "Role reader",
        "Role writer",
        "Agent a",
        "Agent b",
        "Binding a/reader",
        "Binding a/writer",
    ];
    assert_eq!(names(&plan(&state, &empty, PRUNE).deleted), expected);
    assert!(plan(&state, &empty, KEEP).is_empty());
}

#[test]
fn what_something_made_elsewhere_uses_is_kept() {
    let mut state = imported(&fleet(FLEET).unwrap());
    let subject = Reference::try_from("group:crm").unwrap();
    state
        .bindings
        .insert(BindingEntry { role: "writer".try_into().unwrap(), subject, follow_scim: false }, false);
    state.roles.get_mut("reader").unwrap().managed_by_manifest = false;
    let plan = plan(&state, &fleet("").unwrap(), PRUNE);
    assert_eq!(names(&plan.kept), ["Resource https://crm.example.com/", "Role writer"]);
    assert!(plan.deleted.iter().all(|item| !matches!(item.kind, ItemKind::Resource | ItemKind::Role)));
}

#[test]
fn the_answer_of_an_import() {
    let mut state = imported(&fleet(FLEET).unwrap());
    state.agents.remove("b");
    let plan: Plan = plan(&state, &without_b_and_writer(), PRUNE);
    assert_eq!(
        serde_json::to_value(&plan).unwrap(),
        json!({
            "created": [], "updated": [],
            "unchanged": [
                {"kind": "resource", "name": "https://crm.example.com/"}, {"kind": "role", "name": "reader"},
                {"kind": "agent", "name": "a"}, {"kind": "binding", "name": "a", "role": "reader"},
            ],
            "deleted": [
                {"kind": "tool", "name": "transfer"}, {"kind": "role", "name": "writer"},
                {"kind": "binding", "name": "a", "role": "writer"},
            ],
        })
    );
}
