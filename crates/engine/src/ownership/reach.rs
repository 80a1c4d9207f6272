//! Which agents a change of people reaches, and who answers for each.
//!
//! An agent answers to its own owners; one that names none answers to its parent's, and so on up.

use std::collections::{BTreeMap, BTreeSet};

use deputy_store::{
    TenantRead,
    model::{Agent, AgentState, Principal},
};

use crate::Refusal;

/// How far a line of parents is followed.
const MOST_PARENTS: usize = 17;

/// The agents that answer to any of these directly, or through the groups that these are in.
pub(super) async fn owned_by(
    read: &TenantRead<'_>,
    changed: &BTreeSet<Principal>,
) -> Result<Vec<Agent>, Refusal> {
    let members: Vec<String> = changed.iter().map(Principal::to_string).collect();
    let mut owners = changed.clone();
    owners.extend(read.groups_above(&members).await?.into_iter().map(Principal::Group));
    let links: Vec<String> = owners.iter().map(Principal::to_string).collect();
    let mut agents = read.linked_any::<Agent>(&links).await?;
    agents.retain(|agent| agent.owners.iter().any(|owner| owners.contains(owner)));
    Ok(agents)
}

/// These agents and those below them that answer to the same owners; nobody answers for a decommissioned one.
pub(super) async fn with_heirs(
    read: &TenantRead<'_>,
    agents: Vec<Agent>,
) -> Result<BTreeMap<String, Agent>, Refusal> {
    let mut all = BTreeMap::new();
    let mut next = agents;
    while !next.is_empty() {
        let links: Vec<String> = next.iter().map(|agent| format!("agent:{}", agent.id)).collect();
        all.extend(next.into_iter().map(|agent| (agent.id.clone(), agent)));
        let children = read.linked_any::<Agent>(&links).await?;
        let heirs = children.into_iter().filter(|child| child.owners.is_empty() && child.parent.is_some());
        next = heirs.filter(|child| !all.contains_key(&child.id)).collect();
    }
    all.retain(|_, agent| agent.state != AgentState::Decommissioned);
    Ok(all)
}

/// Who answers for each of these agents, by its id.
pub(super) async fn answering(
    read: &TenantRead<'_>,
    agents: &BTreeMap<String, Agent>,
) -> Result<BTreeMap<String, BTreeSet<Principal>>, Refusal> {
    let mut above: BTreeMap<String, Agent> = BTreeMap::new();
    let mut wanted: BTreeSet<String> = heirs_of(agents.values());
    for _ in 0..MOST_PARENTS {
        wanted.retain(|id| !above.contains_key(id));
        if wanted.is_empty() {
            break;
        }
        let ids: Vec<String> = std::mem::take(&mut wanted).into_iter().collect();
        let found = read.some::<Agent>(&ids).await?;
        wanted = heirs_of(found.iter());
        above.extend(found.into_iter().map(|agent| (agent.id.clone(), agent)));
    }
    let owners_of = |agent: &Agent| {
        let mut at = agent;
        for _ in 0..MOST_PARENTS {
            if !at.owners.is_empty() {
                break;
            }
            match at.parent.as_ref().and_then(|parent| above.get(parent)) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at.owners.clone()
    };
    Ok(agents.iter().map(|(id, agent)| (id.clone(), owners_of(agent))).collect())
}

/// The parents whose owners these agents answer to.
fn heirs_of<'a>(agents: impl Iterator<Item = &'a Agent>) -> BTreeSet<String> {
    agents.filter(|agent| agent.owners.is_empty()).filter_map(|agent| agent.parent.clone()).collect()
}
