//! Refuses an agent whose roles give it one tool with different argument maps (mandates section 4).
//!
//! Invariant: compares the roles that the file declares; where roles of the tenant join in, its state decides.
//! Constraints are in normal form already, so equal maps are equal values.

use std::collections::BTreeMap;

use deputy_mandate::{ArgumentMap, Value};

use super::FleetAgent;
use super::read::Parts;
use crate::entry::RoleEntry;
use crate::reader::Report;
use crate::words::quoted;
use crate::yaml::Node;

/// The tools of one role that some role gives differently, each with the number of its argument map.
type Contested<'p> = Vec<(&'p str, usize)>;

pub(super) fn verify<'n>(report: &mut Report<'n>, root: &'n Node, parts: &Parts) {
    let contested = contested(parts.roles.iter().flatten());
    if contested.is_empty() {
        return;
    }
    for (index, agent) in parts.agents.iter().enumerate() {
        let Some(agent) = agent else { continue };
        for message in conflicts(agent, &contested) {
            let at = root.locate(&["agents".into(), index.into(), "roles".into()]);
            report.within("agents", |report| {
                report.within(index, |report| report.within("roles", |report| report.note(at, message)));
            });
        }
    }
}

/// Per role, its contested tools; roles without any are left out.
fn contested<'p>(roles: impl Iterator<Item = &'p RoleEntry>) -> BTreeMap<&'p str, Contested<'p>> {
    let mut maps: BTreeMap<&str, BTreeMap<String, Vec<&str>>> = BTreeMap::new();
    for role in roles {
        for (tool, map) in &role.tools {
            maps.entry(tool).or_default().entry(text(map)).or_default().push(role.name.as_str());
        }
    }
    let mut contested: BTreeMap<&str, Contested<'_>> = BTreeMap::new();
    for (tool, variants) in maps.into_iter().filter(|(_, variants)| variants.len() > 1) {
        for (number, givers) in variants.into_values().enumerate() {
            for giver in givers {
                contested.entry(giver).or_default().push((tool, number));
            }
        }
    }
    contested
}

/// The argument map in one spelling.
fn text(map: &ArgumentMap) -> String {
    let members = map.iter().map(|(name, constraint)| (name.clone(), constraint.to_value()));
    Value::Object(members.collect()).to_canonical()
}

/// One sentence for each tool that the agent's roles disagree about.
fn conflicts(agent: &FleetAgent, contested: &BTreeMap<&str, Contested<'_>>) -> Vec<String> {
    let mut first: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    let mut messages = Vec::new();
    for role in &agent.roles {
        for (tool, number) in contested.get(role.as_str()).into_iter().flatten() {
            let (other, known) = *first.entry(tool).or_insert((role.as_str(), *number));
            if known != *number {
                let (tool, other, role) = (quoted(tool), quoted(other), quoted(role.as_str()));
                messages.push(format!("the roles {other} and {role} give {tool} with different arguments: make them the same, or bind one of the two"));
            }
        }
    }
    messages
}
