//! Refuses an agent whose roles give it one tool with different argument maps (mandates §4).
//!
//! Asked inside the transaction, after its writes, from what the transaction reads: two changes that
//! are each harmless cannot meet in a conflict. Agents with the same roles are judged once.

use std::collections::{BTreeMap, BTreeSet};

use deputy_mandate::{Role as RoleAuthority, ToolConflict, tool_conflicts};
use deputy_store::{
    TenantRead,
    model::{Agent, AgentState, Principal, Role, RoleBinding},
};

use crate::{Refusal, view::authority_of};

/// Refuses when one of these agents, by id, would have one tool with different argument maps.
pub(crate) async fn require_no_tool_conflicts(
    read: &TenantRead<'_>,
    agents: &BTreeSet<String>,
) -> Result<(), Refusal> {
    if agents.is_empty() {
        return Ok(());
    }
    let groups = groups_of(read, agents).await?;
    let mut links: BTreeSet<String> = agents.iter().map(|id| format!("agent:{id}")).collect();
    links.extend(groups.values().flatten().map(|id| format!("group:{id}")));
    let links: Vec<String> = links.into_iter().collect();
    let mut bound: BTreeMap<Principal, BTreeSet<String>> = BTreeMap::new();
    let provisioned = provisioned(read, &groups).await?;
    for binding in read.linked_any::<RoleBinding>(&links).await? {
        // What does not follow the members that an identity provider keeps reaches none of them.
        if !binding.follow_scim && provisioned.contains(&binding.subject) {
            continue;
        }
        bound.entry(binding.subject).or_default().insert(binding.role);
    }
    let ids: BTreeSet<&String> = bound.values().flatten().collect();
    let ids: Vec<String> = ids.into_iter().cloned().collect();
    let roles = read.some::<Role>(&ids).await?;
    let roles: BTreeMap<&str, RoleAuthority> =
        roles.iter().map(|role| (role.id.as_str(), authority_of(role))).collect();

    let mut judged: BTreeSet<BTreeSet<&str>> = BTreeSet::new();
    for agent in agents {
        let own = bound.get(&Principal::Agent(agent.clone())).into_iter().flatten();
        let through = groups.get(agent).into_iter().flatten();
        let through = through.filter_map(|id| bound.get(&Principal::Group(id.clone()))).flatten();
        let held: BTreeSet<&str> = own.chain(through).map(String::as_str).collect();
        if held.len() < 2 || !judged.insert(held.clone()) {
            continue;
        }
        let conflicts = tool_conflicts(held.iter().filter_map(|id| roles.get(id)));
        if let Some(conflict) = conflicts.first() {
            // A decommissioned agent gets nothing; another one with the same roles is judged again.
            match read.find::<Agent>(agent).await? {
                Some(known) if known.state != AgentState::Decommissioned => {
                    return Err(refusal(&known.name, conflict));
                }
                _ => drop(judged.remove(&held)),
            }
        }
    }
    Ok(())
}

/// The refusal, which names agent, tool and both roles.
pub(super) fn refusal(agent: &str, conflict: &ToolConflict) -> Refusal {
    let ToolConflict { tool, role, other } = conflict;
    Refusal::conflict(format!(
        "the agent `{agent}` would get the tool `{tool}` with different argument maps from the roles `{role}` and `{other}`: \
         make them the same, or bind one of the two"
    ))
}

/// Those of these groups whose members an identity provider keeps.
async fn provisioned(
    read: &TenantRead<'_>,
    groups: &BTreeMap<String, BTreeSet<String>>,
) -> Result<BTreeSet<Principal>, Refusal> {
    let ids: BTreeSet<&String> = groups.values().flatten().collect();
    let ids: Vec<String> = ids.into_iter().cloned().collect();
    let found = read.groups(Some(&ids)).await?.into_iter();
    Ok(found.filter(|group| !group.placeholder).map(|group| Principal::Group(group.id)).collect())
}

/// The groups that each agent is in, directly or through other groups.
async fn groups_of(
    read: &TenantRead<'_>,
    agents: &BTreeSet<String>,
) -> Result<BTreeMap<String, BTreeSet<String>>, Refusal> {
    let mut parents: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut next: Vec<String> = agents.iter().map(|id| format!("agent:{id}")).collect();
    while !next.is_empty() {
        let found = read.memberships(&std::mem::take(&mut next)).await?;
        let groups: BTreeSet<String> = found.iter().map(|(_, group)| format!("group:{group}")).collect();
        for (member, group) in found {
            parents.entry(member).or_default().insert(group);
        }
        next.extend(groups.into_iter().filter(|group| !parents.contains_key(group)));
    }
    let mut groups = BTreeMap::new();
    for agent in agents {
        let mut above: BTreeSet<String> = BTreeSet::new();
        let mut next: Vec<&String> = parents.get(&format!("agent:{agent}")).into_iter().flatten().collect();
        while let Some(group) = next.pop() {
            if above.insert(group.clone()) {
                next.extend(parents.get(&format!("group:{group}")).into_iter().flatten());
            }
        }
        if !above.is_empty() {
            groups.insert(agent.clone(), above);
        }
    }
    Ok(groups)
}
