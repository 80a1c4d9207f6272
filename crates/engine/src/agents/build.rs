//! Between an agent's entry and its record.

use std::collections::BTreeSet;

use deputy_mandate::Instant;
use deputy_manifest::{
    AgentEntry, AgentName, DisplayName, PrincipalKind, Reference, ResourceUri, RuntimeEntry, Ttl,
};
use deputy_store::{
    TenantRead,
    model::{Agent, AgentState, Principal, RuntimeEvidence, RuntimeRecord, Settings},
};

use crate::{Refusal, resolve::Known, view::TenantState};

/// How far a line of parents may reach.
const MOST_PARENTS: usize = 16;

/// A record that was built, and whether its runtime is another than before.
pub(crate) struct Built {
    pub(crate) agent: Agent,
    pub(crate) runtime_changed: bool,
}

/// Builds the record of an entry: a new one with `id`, or the next state of `before`.
pub(crate) fn build(
    entry: &AgentEntry,
    id: &str,
    before: Option<&Agent>,
    known: &Known,
    parent: Option<String>,
    now: Instant,
) -> Result<Built, Refusal> {
    let principals = |field: &'static str, references: &BTreeSet<Reference>| {
        let each = references.iter().map(|reference| {
            let unknown = || Refusal::invalid(field, format!("`{reference}` is not known in this tenant"));
            known.get(reference).cloned().ok_or_else(unknown)
        });
        each.collect::<Result<BTreeSet<Principal>, Refusal>>()
    };
    let runtime = entry.runtime.as_ref().map(runtime_record).transpose()?;
    let fingerprint = |runtime: &Option<RuntimeRecord>| runtime.as_ref().map(|r| r.fingerprint.clone());
    let runtime_changed = before.is_some_and(|agent| fingerprint(&agent.runtime) != fingerprint(&runtime));
    let agent = Agent {
        id: id.to_owned(),
        name: entry.name.as_str().to_owned(),
        display_name: entry.display_name.as_ref().map(|name| name.as_str().to_owned()),
        state: before.map_or(AgentState::Active, |agent| agent.state),
        owners: principals("owners", &entry.owners)?,
        orphaned: before.and_then(|agent| agent.orphaned.clone()),
        runtime,
        runtime_evidence: match entry.runtime_evidence {
            deputy_manifest::RuntimeEvidence::Registered => RuntimeEvidence::Registered,
            deputy_manifest::RuntimeEvidence::Presented => RuntimeEvidence::Presented,
        },
        allowed_scopes: entry.allowed_scopes.clone(),
        tools: entry.tools.clone(),
        default_audience: entry.default_audience.as_ref().map(|uri| uri.as_str().to_owned()),
        may_act_for: entry.may_act_for.as_ref().map(|who| principals("may_act_for", who)).transpose()?,
        parent,
        require_dpop: entry.require_dpop,
        critical: entry.critical,
        max_depth: entry.max_depth,
        ttl: entry.ttl.map(Ttl::as_secs),
        provisioned: before.map(|agent| agent.provisioned.clone()).unwrap_or_default(),
        from_manifest: before.is_some_and(|agent| agent.from_manifest),
        created_at: before.map_or(now, |agent| agent.created_at),
        updated_at: now,
    };
    Ok(Built { agent, runtime_changed })
}

fn runtime_record(entry: &RuntimeEntry) -> Result<RuntimeRecord, Refusal> {
    let sealed = entry.to_runtime().sealed();
    let fingerprint = sealed.fingerprint().as_str().to_owned();
    let config = sealed.config.as_str().ok_or(Refusal::Internal)?.to_owned();
    Ok(RuntimeRecord { model: sealed.model, tools: sealed.tools, config, fingerprint })
}

/// The entry that an agent's record would be made from, for changes that state only some members.
pub(crate) fn entry_of(state: &TenantState, agent: &Agent) -> Result<AgentEntry, Refusal> {
    let broken = |what: &'static str| {
        move |error: &dyn std::fmt::Display| {
            tracing::error!(%error, what, "a stored agent does not fit its entry");
            Refusal::Internal
        }
    };
    let reference = |principal: &Principal| {
        let kind = match principal {
            Principal::Agent(_) => PrincipalKind::Agent,
            Principal::User(_) => PrincipalKind::User,
            Principal::Group(_) => PrincipalKind::Group,
        };
        Reference::new(kind, principal.id()).map_err(|e| broken("principal")(&e))
    };
    let references =
        |who: &BTreeSet<Principal>| who.iter().map(reference).collect::<Result<BTreeSet<_>, _>>();
    let parent = agent.parent.as_ref().and_then(|id| state.agents.get(id)).map(|parent| parent.name.as_str());
    let runtime = agent.runtime.as_ref().map(|runtime| {
        let json =
            serde_json::json!({"model": runtime.model, "tools": runtime.tools, "config": runtime.config});
        serde_json::from_value::<RuntimeEntry>(json).map_err(|e| broken("runtime")(&e))
    });
    Ok(AgentEntry {
        name: AgentName::try_from(agent.name.as_str()).map_err(|e| broken("name")(&e))?,
        display_name: agent
            .display_name
            .as_deref()
            .map(|name| DisplayName::try_from(name).map_err(|e| broken("display_name")(&e)))
            .transpose()?,
        owners: references(&agent.owners)?,
        runtime: runtime.transpose()?,
        runtime_evidence: match agent.runtime_evidence {
            RuntimeEvidence::Registered => deputy_manifest::RuntimeEvidence::Registered,
            RuntimeEvidence::Presented => deputy_manifest::RuntimeEvidence::Presented,
        },
        allowed_scopes: agent.allowed_scopes.clone(),
        tools: agent.tools.clone(),
        default_audience: agent
            .default_audience
            .as_deref()
            .map(|uri| ResourceUri::try_from(uri).map_err(|e| broken("default_audience")(&e)))
            .transpose()?,
        may_act_for: agent.may_act_for.as_ref().map(references).transpose()?,
        parent: parent.map(|name| AgentName::try_from(name).map_err(|e| broken("parent")(&e))).transpose()?,
        require_dpop: agent.require_dpop,
        critical: agent.critical,
        max_depth: agent.max_depth,
        ttl: agent
            .ttl
            .map(|secs| Ttl::from_secs(u64::from(secs)).map_err(|e| broken("ttl")(&e)))
            .transpose()?,
    })
}

/// The parent's id, by the name in the entry; a circle of parents is refused.
pub(crate) async fn require_parent(
    read: &TenantRead<'_>,
    entry: &AgentEntry,
    own_id: &str,
) -> Result<Option<String>, Refusal> {
    let Some(name) = &entry.parent else { return Ok(None) };
    let reference = Reference::new(PrincipalKind::Agent, name.as_str())
        .map_err(|error| Refusal::invalid("parent", error.to_string()))?;
    parent_line(read, &reference, own_id).await.map(Some)
}

/// The id of a parent that an agent may have; a circle of parents is refused.
pub(crate) async fn parent_line(
    read: &TenantRead<'_>,
    reference: &Reference,
    own_id: &str,
) -> Result<String, Refusal> {
    let parent = crate::resolve::require(read, "parent", reference).await?.id().to_owned();
    let mut next = Some(parent.clone());
    for _ in 0..MOST_PARENTS {
        let Some(id) = next else { return Ok(parent) };
        if id == own_id {
            return Err(Refusal::conflict("the agents would be each other's parents"));
        }
        next = read.find::<Agent>(&id).await?.and_then(|agent| agent.parent);
    }
    Err(Refusal::conflict(format!("more than {MOST_PARENTS} parents in a line")))
}

/// The audience must be one that tokens can be asked for.
pub(crate) async fn require_audience(read: &TenantRead<'_>, entry: &AgentEntry) -> Result<(), Refusal> {
    let Some(uri) = &entry.default_audience else { return Ok(()) };
    let registered = read.find_named::<deputy_store::model::Resource>(uri.as_str()).await?.is_some();
    let settings = read.find::<Settings>(deputy_store::model::SINGLETON).await?;
    if registered || settings.is_some_and(|settings| settings.default_audience == uri.as_str()) {
        return Ok(());
    }
    Err(Refusal::invalid("default_audience", format!("`{}` is not a registered resource", uri.as_str())))
}
