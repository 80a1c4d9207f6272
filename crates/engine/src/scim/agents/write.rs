//! Agents: made, changed and decommissioned.

use std::collections::{BTreeMap, BTreeSet};

use deputy_manifest::{AgentName, DisplayName, PrincipalKind, Reference};
use deputy_scim::Resource;
use deputy_store::{
    TenantRead, TenantTx,
    event::Touched,
    model::{Agent, AgentState, Principal, RuntimeEvidence},
};
use deputy_token::revocation::Target;
use serde_json::{Map, Value};

use super::{shown, shown::bare};
use crate::{
    Refusal,
    agents::{about, owner_names, parent_line},
    ownership::settle_agents,
    resolve,
    scim::{
        Change, roles,
        texts::{invalid, nobody, taken},
    },
};

/// What is kept as it was sent, because nothing of Deputy's own says it.
const KEPT: [&str; 6] = ["externalId", "description", "agentType", "entitlements", "roles", "subject"];

/// POST.
pub(in crate::scim) async fn create(
    tx: &mut TenantTx<'_>,
    change: &Change,
    resource: Resource,
    id: String,
) -> Result<Agent, Refusal> {
    let name = resource.text("agentUserName").unwrap_or_default();
    let name = AgentName::try_from(name).map_err(|error| invalid(error.to_string()))?;
    if tx.find_named::<Agent>(name.as_str()).await?.is_some() {
        return Err(taken(format!("the name `{}` is in use, or has been used before", name.as_str())));
    }
    let now = tx.now();
    let mut agent = Agent {
        id,
        name: name.as_str().to_owned(),
        display_name: None,
        state: AgentState::Active,
        owners: BTreeSet::new(),
        orphaned: None,
        runtime: None,
        runtime_evidence: RuntimeEvidence::Registered,
        allowed_scopes: BTreeSet::new(),
        tools: None,
        default_audience: None,
        may_act_for: None,
        parent: None,
        require_dpop: false,
        critical: false,
        max_depth: None,
        ttl: None,
        provisioned: Map::new(),
        from_manifest: false,
        created_at: now,
        updated_at: now,
    };
    take(tx, &mut agent, &resource).await?;
    if resource.flag("active") == Some(false) {
        agent.state = AgentState::Suspended;
    }
    tx.insert(&agent).await?;
    let owners = owner_names(tx, &agent).await?;
    tx.changed(&agent, about(&change.settling.by, "agent.created", &agent, owners));
    let own = Principal::Agent(agent.id.clone());
    roles::follow(tx, change, &own, None, Some(&resource)).await?;
    settle_agents(tx, &change.settling, vec![agent.clone()]).await?;
    require(tx, &agent.id).await
}

/// PUT and PATCH: what `rewritten` makes of the agent.
pub(in crate::scim) async fn rewrite(
    tx: &mut TenantTx<'_>,
    change: &Change,
    id: &str,
    base: &str,
    rewritten: impl FnOnce(&Resource) -> Result<Resource, Refusal>,
) -> Result<Agent, Refusal> {
    let before = require(tx, id).await?;
    let old = resource(tx, &before, base).await?;
    change.require_version(&version(&old))?;
    let new = rewritten(&old)?;
    let mut after = before.clone();
    take(tx, &mut after, &new).await?;
    let stops = new.flag("active") == Some(false)
        && old.flag("active") == Some(true)
        && before.state == AgentState::Active;
    if stops {
        after.state = AgentState::Suspended;
    }
    if unchanged(&before, &after) {
        return Ok(before);
    }
    after.updated_at = tx.now();
    tx.update(&after).await?;
    let owners = owner_names(tx, &after).await?;
    let by = &change.settling.by;
    let action = if stops { "agent.suspended" } else { "agent.changed" };
    tx.changed(&after, about(by, action, &after, owners.clone()));
    if stops {
        let event = about(by, "revocation.created", &after, owners);
        let reason = "the identity provider deactivated the agent";
        tx.revoke(change.settling.sources.id()?, Target::Agent(id.to_owned()), reason, event);
    }
    roles::follow(tx, change, &Principal::Agent(id.to_owned()), Some(&old), Some(&new)).await?;
    settle_agents(tx, &change.settling, vec![after]).await?;
    require(tx, id).await
}

/// DELETE.
pub(in crate::scim) async fn delete(
    tx: &mut TenantTx<'_>,
    change: &Change,
    id: &str,
    base: &str,
) -> Result<(), Refusal> {
    let mut agent = require(tx, id).await?;
    change.require_version(&version(&resource(tx, &agent, base).await?))?;
    agent.state = AgentState::Decommissioned;
    agent.updated_at = tx.now();
    tx.update(&agent).await?;
    let (by, owners) = (&change.settling.by, owner_names(tx, &agent).await?);
    let mut gone = about(by, "agent.decommissioned", &agent, owners.clone());
    let member = format!("agent:{id}");
    let groups = tx.groups_with(std::slice::from_ref(&member)).await?;
    gone.touched.extend(groups.into_iter().map(|one| Touched::Group(one.group)));
    tx.leave_groups(&member).await?;
    tx.changed(&agent, gone);
    let event = about(by, "revocation.created", &agent, owners);
    tx.revoke(change.settling.sources.id()?, Target::Agent(id.to_owned()), "decommissioned", event);
    settle_agents(tx, &change.settling, vec![agent]).await
}

/// An agent that still lives, as this transaction has it.
async fn require(read: &TenantRead<'_>, id: &str) -> Result<Agent, Refusal> {
    let agent = read.find::<Agent>(id).await?;
    agent.filter(|agent| agent.state != AgentState::Decommissioned).ok_or(Refusal::NotFound)
}

async fn resource(tx: &TenantTx<'_>, agent: &Agent, base: &str) -> Result<Resource, Refusal> {
    let labels = resolve::labels(tx, &agent.owners).await?;
    let mut names: BTreeMap<String, String> =
        labels.iter().map(|(owner, label)| (owner.to_string(), bare(label))).collect();
    if let Some(parent) = &agent.parent
        && let Some(parent) = tx.find::<Agent>(parent).await?
    {
        names.insert(format!("agent:{}", parent.id), parent.name);
    }
    let groups = tx.groups_with(&[format!("agent:{}", agent.id)]).await?;
    Ok(shown(agent, &names, &groups, base, tx.now()))
}

fn version(resource: &Resource) -> String {
    let version = resource.body().get("meta").and_then(|meta| meta.get("version"));
    version.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Takes from the resource what it says of the agent; its name and whether it works are not taken here.
async fn take(tx: &TenantTx<'_>, agent: &mut Agent, resource: &Resource) -> Result<(), Refusal> {
    let display = resource.text("displayName").filter(|name| !name.is_empty());
    let display = display.map(|name| DisplayName::try_from(name).map_err(|error| invalid(error.to_string())));
    agent.display_name = display.transpose()?.map(|name| name.as_str().to_owned());
    agent.owners = owners(tx, resource).await?;
    agent.parent = parent(tx, agent, resource).await?;
    agent.provisioned = KEPT
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), resource.body().get(*name)?.clone())))
        .collect();
    Ok(())
}

async fn owners(tx: &TenantTx<'_>, resource: &Resource) -> Result<BTreeSet<Principal>, Refusal> {
    let entries = resource.body().get("owners").and_then(Value::as_array);
    let ids: BTreeSet<&str> = entries
        .into_iter()
        .flatten()
        .filter_map(|owner| owner.get("value").and_then(Value::as_str))
        .collect();
    let wanted: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let found: BTreeSet<Principal> = tx
        .principals_with(&wanted)
        .await?
        .iter()
        .filter_map(|one| one.parse().ok())
        .filter(|one| !matches!(one, Principal::Agent(_)))
        .collect();
    match ids.iter().find(|id| !found.iter().any(|one| one.id() == **id)) {
        Some(missing) => Err(nobody("owners", "no user and no group", missing)),
        None => Ok(found),
    }
}

async fn parent(tx: &TenantTx<'_>, agent: &Agent, resource: &Resource) -> Result<Option<String>, Refusal> {
    let parent = resource.body().get("parent").and_then(|parent| parent.get("value"));
    let Some(id) = parent.and_then(Value::as_str).filter(|id| !id.is_empty()) else { return Ok(None) };
    let reference = Reference::new(PrincipalKind::Agent, id).map_err(|error| invalid(error.to_string()))?;
    match parent_line(tx, &reference, &agent.id).await {
        Ok(parent) => Ok(Some(parent)),
        Err(Refusal::Invalid { problem, .. } | Refusal::Conflict { what: problem }) => {
            Err(invalid(format!("`parent`: {problem}")))
        }
        Err(other) => Err(other),
    }
}

fn unchanged(before: &Agent, after: &Agent) -> bool {
    before.display_name == after.display_name
        && before.owners == after.owners
        && before.parent == after.parent
        && before.provisioned == after.provisioned
        && before.state == after.state
}
