//! The files of `manifests/`, as they are shipped.

use std::collections::BTreeSet;

use deputy_mandate::Scope;
use deputy_manifest::{CredentialEntry, Fleet, OutsideKind, parse};

const FLEET: &str = include_str!("../../../../manifests/fleet.yaml");
const MINIMAL: &str = include_str!("../../../../manifests/minimal.yaml");

fn shipped(text: &str) -> Fleet {
    parse(text.as_bytes()).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn the_fleet_has_fifty_agents_and_needs_nothing_but_people() {
    let fleet = shipped(FLEET);
    assert_eq!(fleet.agents.len(), 50);
    let kinds: BTreeSet<OutsideKind> = fleet.outside().iter().map(|it| it.kind).collect();
    assert_eq!(kinds, BTreeSet::from([OutsideKind::User, OutsideKind::Group]));
    assert!(fleet.agents.iter().all(|agent| agent.credentials == [CredentialEntry::Secret]));
    assert!(fleet.agents.iter().any(|agent| agent.entry.parent.is_some()));
}

#[test]
fn the_reference_agent_is_in_it() {
    let fleet = shipped(FLEET);
    let agent = fleet.agents.iter().find(|agent| agent.entry.name.as_str() == "crm-research-agent").unwrap();
    assert_eq!(agent.roles.iter().map(AsRef::as_ref).collect::<Vec<&str>>(), ["crm-researcher"]);
    assert_eq!(agent.entry.allowed_scopes, Scope::parse_list("read:docs write:drafts").unwrap());
    let role = fleet.roles.iter().find(|role| role.name.as_str() == "crm-researcher").unwrap().to_role();
    assert_eq!(
        role.blocked_tools.iter().map(String::as_str).collect::<Vec<_>>(),
        ["delete_record", "deploy", "shell"]
    );
    assert_eq!(
        role.limits.keys().map(String::as_str).collect::<Vec<_>>(),
        ["amount", "data_tier", "env", "target"]
    );
    assert_eq!(role.ttl_secs, Some(3600));
    assert_eq!(
        serde_json::to_string(&role.limits["amount"]).unwrap(),
        r#"{"constraint_type":"range","max":500,"min":0}"#
    );
}

#[test]
fn every_tool_that_a_role_gives_takes_the_arguments_of_the_catalogue() {
    let fleet = shipped(FLEET);
    for role in &fleet.roles {
        for (tool, arguments) in &role.tools {
            let entry = fleet
                .tools
                .iter()
                .find(|entry| entry.name.as_str() == tool)
                .unwrap_or_else(|| panic!("{tool}"));
            let named: BTreeSet<&str> = arguments.keys().map(String::as_str).collect();
            let known: BTreeSet<&str> = entry.args.iter().map(AsRef::as_ref).collect();
            assert!(named.is_empty() || named == known, "{}: {tool}", role.name);
        }
    }
}

#[test]
fn the_minimal_file_makes_one_agent_with_a_secret() {
    let fleet = shipped(MINIMAL);
    assert_eq!(fleet.agents.len(), 1);
    assert_eq!(fleet.agents[0].credentials, [CredentialEntry::Secret]);
}
