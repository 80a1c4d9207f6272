//! Who comes into a group and who goes, of those who were not there already or still are.

use std::collections::{BTreeMap, BTreeSet};

use deputy_scim::MemberDelta;
use deputy_store::{
    TenantRead, TenantTx,
    model::{Agent, AgentState, Principal},
};
use serde_json::Value;

use super::texts::{invalid, nobody};
use crate::{
    Refusal,
    roles::{agents_reached, require_no_tool_conflicts},
};

const KINDS: [&str; 3] = ["user", "group", "agent"];

/// What a change of members came to, each as `user:{id}`, `group:{id}` or `agent:{id}`.
#[derive(Debug, Default)]
pub(super) struct Moved {
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
}

impl Moved {
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// Whether agents or groups are among them.
    pub(super) fn more_than_people(&self) -> bool {
        self.added.iter().chain(&self.removed).any(|one| !one.starts_with("user:"))
    }
}

/// The members that a body names, as ones to add.
pub(super) fn delta_of(members: Vec<Value>) -> MemberDelta {
    let id = |member: &Value| member.get("value").and_then(Value::as_str).map(str::to_owned);
    let add = members.into_iter().filter_map(|member| Some((id(&member)?, member)));
    MemberDelta { add: add.collect(), ..MemberDelta::default() }
}

/// Writes a change of members.
///
/// # Errors
/// `Scim` for somebody who is not there, and for a group that would be in itself.
pub(super) async fn apply(tx: &mut TenantTx<'_>, group: &str, delta: &MemberDelta) -> Result<Moved, Refusal> {
    let wanted = known(tx, &delta.add).await?;
    let there: BTreeSet<String> = if delta.replaced {
        tx.member_keys(group).await?.into_iter().collect()
    } else {
        tx.members_among(group, &wanted).await?.into_iter().collect()
    };
    let added: Vec<String> = wanted.iter().filter(|member| !there.contains(*member)).cloned().collect();
    let removed = if delta.replaced {
        let kept: BTreeSet<&String> = wanted.iter().collect();
        there.into_iter().filter(|member| !kept.contains(member)).collect()
    } else {
        let ids = delta.remove.iter().flat_map(|id| KINDS.map(|kind| format!("{kind}:{id}")));
        tx.members_among(group, &ids.collect::<Vec<_>>()).await?
    };
    require_living(tx, &added).await?;
    require_no_circle(tx, group, &added).await?;
    tx.remove_members(group, &removed).await?;
    tx.add_members(group, &added).await?;
    Ok(Moved { added, removed })
}

/// Who is meant by ids; all of them must be there.
async fn known(read: &TenantRead<'_>, add: &BTreeMap<String, Value>) -> Result<Vec<String>, Refusal> {
    let ids: Vec<String> = add.keys().cloned().collect();
    let found = read.principals_with(&ids).await?;
    if found.len() < ids.len() {
        let there: BTreeSet<&str> = found.iter().filter_map(|one| Some(one.split_once(':')?.1)).collect();
        let missing = ids.iter().find(|id| !there.contains(id.as_str())).map_or("", String::as_str);
        return Err(nobody("members", "nobody", missing));
    }
    Ok(found)
}

/// A decommissioned agent is nobody any more.
async fn require_living(read: &TenantRead<'_>, added: &[String]) -> Result<(), Refusal> {
    let ids = added.iter().filter_map(|one| one.strip_prefix("agent:"));
    let ids: Vec<String> = ids.map(str::to_owned).collect();
    let agents = read.some::<Agent>(&ids).await?;
    match agents.iter().find(|agent| agent.state == AgentState::Decommissioned) {
        Some(gone) => Err(nobody("members", "nobody", &gone.id)),
        None => Ok(()),
    }
}

async fn require_no_circle(read: &TenantRead<'_>, group: &str, added: &[String]) -> Result<(), Refusal> {
    let nested: BTreeSet<&str> = added.iter().filter_map(|one| one.strip_prefix("group:")).collect();
    if nested.is_empty() {
        return Ok(());
    }
    let mut above = read.groups_above(&[format!("group:{group}")]).await?;
    above.insert(group.to_owned());
    match nested.into_iter().find(|id| above.contains(*id)) {
        Some(id) => Err(invalid(format!("`members`: the group `{id}` would be in itself"))),
        None => Ok(()),
    }
}

/// Refuses when those who come would get one tool with different argument maps.
pub(super) async fn require_no_conflicts(tx: &TenantTx<'_>, moved: &Moved) -> Result<(), Refusal> {
    let come = moved.added.iter().filter(|one| !one.starts_with("user:"));
    let come: Vec<Principal> = come.filter_map(|one| one.parse().ok()).collect();
    if come.is_empty() {
        return Ok(());
    }
    let agents = agents_reached(tx, come).await?;
    require_no_tool_conflicts(tx, &agents).await
}
