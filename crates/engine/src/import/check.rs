//! What only the tenant's state can show to be wrong with a manifest.

use std::collections::HashMap;

use deputy_manifest::{Fleet, Outside, OutsideKind, PrincipalKind, Problems, Reference};
use deputy_store::model::{AgentState, Principal};

use super::{current::find_role, people::People};
use crate::view::TenantState;

/// How far a line of parents may reach.
const MOST_PARENTS: usize = 16;

/// What the file refers to without declaring it, and the tenant has not.
pub(super) fn outside(fleet: &Fleet, state: &TenantState, people: &People, problems: &mut Problems) {
    for one in fleet.outside() {
        let missing = match one.kind {
            OutsideKind::User => person(people, PrincipalKind::User, &one),
            OutsideKind::Group => person(people, PrincipalKind::Group, &one),
            OutsideKind::Role => find_role(state, &one.name).is_none().then(|| unknown(&one)),
            OutsideKind::Resource => (!state.is_audience(&one.name)).then(|| {
                format!("`{}` is not a registered resource: declare it under `resources`", one.name)
            }),
            OutsideKind::Agent => {
                let id = state.agent_names.get(&one.name).unwrap_or(&one.name);
                match state.agents.get(id).map(|agent| agent.state) {
                    None => Some(unknown(&one)),
                    Some(AgentState::Decommissioned) => {
                        Some(format!("the agent `{}` is decommissioned", one.name))
                    }
                    Some(AgentState::Active | AgentState::Suspended) => None,
                }
            }
        };
        if let Some(message) = missing {
            problems.push(one.problem(message));
        }
    }
}

fn unknown(one: &Outside) -> String {
    format!("the {} `{}` is neither in this file nor in this tenant", one.kind.as_str(), one.name)
}

fn person(people: &People, kind: PrincipalKind, one: &Outside) -> Option<String> {
    let reference = Reference::new(kind, &one.name).ok()?;
    people.problems.get(&reference).cloned()
}

/// Names that were used before, and agents whom nobody active would answer for.
pub(super) fn agents(fleet: &Fleet, state: &TenantState, people: &People, problems: &mut Problems) {
    for (index, agent) in fleet.agents.iter().enumerate() {
        let name = agent.entry.name.as_str();
        let known = state.agent_names.get(name).and_then(|id| state.agents.get(id));
        if known.is_some_and(|known| known.state == AgentState::Decommissioned) {
            let message = format!("the name `{name}` has been used before, and stays used: choose another");
            problems.push(fleet.problem(&["agents".into(), index.into(), "name".into()], message));
        }
        let owners: Vec<_> = agent.entry.owners.iter().filter_map(|owner| people.meant.get(owner)).collect();
        let all_known = owners.len() == agent.entry.owners.len();
        let answers = |owner: &Principal| people.is_new(owner) || people.live.contains(owner);
        if all_known && !owners.is_empty() && !owners.into_iter().any(answers) {
            let message = "none of its owners is active: name one who can answer for it";
            problems.push(fleet.problem(&["agents".into(), index.into(), "owners".into()], message));
        }
    }
}

/// Lines of parents that come back to themselves through agents of the tenant, or are too long.
pub(super) fn parents(fleet: &Fleet, state: &TenantState, problems: &mut Problems) {
    let listed: HashMap<&str, Option<&str>> = fleet
        .agents
        .iter()
        .map(|agent| (agent.entry.name.as_str(), agent.entry.parent.as_ref().map(AsRef::as_ref)))
        .collect();
    let parent_of = |name: &str| match listed.get(name) {
        Some(parent) => *parent,
        None => {
            let agent = state.agents.get(state.agent_names.get(name)?)?;
            state.agents.get(agent.parent.as_ref()?).map(|parent| parent.name.as_str())
        }
    };
    for (index, agent) in fleet.agents.iter().enumerate() {
        let own = agent.entry.name.as_str();
        let line = std::iter::successors(parent_of(own), |name| parent_of(name)).take(MOST_PARENTS + 1);
        let (mut circle, mut length) = (false, 0_usize);
        for name in line {
            length += 1;
            circle |= name == own;
        }
        let message = match (circle, length > MOST_PARENTS) {
            (true, _) => format!("`{own}` would be its own ancestor: parents may not go in a circle"),
            (false, true) => format!("more than {MOST_PARENTS} parents in a line"),
            (false, false) => continue,
        };
        problems.push(fleet.problem(&["agents".into(), index.into(), "parent".into()], message));
    }
}
