//! Finds what a change made of the agents it reaches, and writes it: orphaned, or answered for again.

use std::collections::{BTreeMap, BTreeSet};

use deputy_store::{
    TenantRead, TenantTx,
    event::rfc3339,
    model::{Agent, OrphanPolicy, Orphaned, Principal, SINGLETON, Settings},
};
use deputy_token::revocation::Target;
use serde_json::json;

use super::reach::{answering, owned_by, with_heirs};
use crate::{Caller, Refusal, Sources, agents::about, resolve};

const DAY_SECS: i64 = 24 * 3600;
/// How far up a line of managers somebody active is looked for.
const MOST_MANAGERS: usize = 8;

/// Who makes the change, whom it is about, and where ids come from.
#[derive(Clone)]
pub(crate) struct Settling {
    /// The person who leaves or comes back: events of their agents name them, so that one query tells it all.
    pub(crate) person: Option<String>,
    /// Whom events name.
    pub(crate) by: Caller,
    /// Ids of revocations.
    pub(crate) sources: Sources,
}

impl Settling {
    /// The same, about a person.
    pub(crate) fn about(&self, person: &str) -> Self {
        Self { person: Some(person.to_owned()), ..self.clone() }
    }
}

/// Settles the agents that answer to these people and groups, directly or through groups and parents.
pub(crate) async fn settle_owned(
    tx: &mut TenantTx<'_>,
    settling: &Settling,
    changed: &BTreeSet<Principal>,
) -> Result<(), Refusal> {
    let agents = owned_by(tx, changed).await?;
    settle_agents(tx, settling, agents).await
}

/// Settles these agents and those that answer to their owners.
pub(crate) async fn settle_agents(
    tx: &mut TenantTx<'_>,
    settling: &Settling,
    agents: Vec<Agent>,
) -> Result<(), Refusal> {
    if agents.is_empty() {
        return Ok(());
    }
    let agents = with_heirs(tx, agents).await?;
    let answering = answering(tx, &agents).await?;
    let everybody: BTreeSet<Principal> = answering.values().flatten().cloned().collect();
    let live = tx.live(&everybody).await?;
    let (mut orphans, mut restored) = (Vec::new(), Vec::new());
    for (id, mut agent) in agents {
        let owners = answering.get(&id).cloned().unwrap_or_default();
        let is_live = owners.iter().any(|owner| live.contains(owner));
        match (is_live, agent.orphaned.is_some()) {
            (true, true) => {
                agent.orphaned = None;
                restored.push(agent);
            }
            (false, false) => orphans.push((agent, owners)),
            (true, false) | (false, true) => {}
        }
    }
    restore(tx, settling, restored).await?;
    orphan(tx, settling, orphans).await
}

async fn restore(tx: &mut TenantTx<'_>, settling: &Settling, mut agents: Vec<Agent>) -> Result<(), Refusal> {
    let now = tx.now();
    agents.iter_mut().for_each(|agent| agent.updated_at = now);
    tx.update_many(&agents).await?;
    let everybody: BTreeSet<Principal> = agents.iter().flat_map(|agent| &agent.owners).cloned().collect();
    let labels = resolve::labels(tx, &everybody).await?;
    for agent in &agents {
        let owners = resolve::named(&agent.owners, &labels);
        let mut event = about(&settling.by, "agent.restored", agent, owners);
        event.subject.clone_from(&settling.person);
        tx.changed(agent, event);
    }
    Ok(())
}

async fn orphan(
    tx: &mut TenantTx<'_>,
    settling: &Settling,
    orphans: Vec<(Agent, BTreeSet<Principal>)>,
) -> Result<(), Refusal> {
    if orphans.is_empty() {
        return Ok(());
    }
    let policy = tx.find::<Settings>(SINGLETON).await?.map_or(OrphanPolicy::Suspend, |one| one.orphan_policy);
    let everybody: BTreeSet<Principal> = orphans.iter().flat_map(|(_, owners)| owners).cloned().collect();
    let labels = resolve::labels(tx, &everybody).await?;
    let managers = match policy {
        OrphanPolicy::Handover => managers(tx, &everybody).await?,
        OrphanPolicy::Suspend | OrphanPolicy::Grace { .. } => BTreeMap::new(),
    };
    let since = tx.now();
    let until = match policy {
        OrphanPolicy::Grace { days } => Some(since.plus_secs(i64::from(days) * DAY_SECS)),
        OrphanPolicy::Suspend | OrphanPolicy::Handover => None,
    };
    let mut agents = Vec::with_capacity(orphans.len());
    for (mut agent, owners) in orphans {
        let proposed = owners.iter().find_map(|owner| managers.get(owner.id()).cloned());
        agent.orphaned = Some(Orphaned { since, why: why(&owners, &labels), until, proposed });
        agent.updated_at = since;
        agents.push((agent, owners));
    }
    let records: Vec<Agent> = agents.iter().map(|(agent, _)| agent.clone()).collect();
    tx.update_many(&records).await?;
    for (agent, owners) in agents {
        let named = resolve::named(&owners, &labels);
        let Some(orphaned) = &agent.orphaned else { continue };
        let detail = json!({
            "name": agent.name,
            "why": orphaned.why,
            "policy": policy,
            "until": orphaned.until.map(rfc3339),
            "proposed": orphaned.proposed.as_ref().map(|id| format!("user:{id}")),
        });
        let mut event = about(&settling.by, "agent.orphaned", &agent, named.clone()).detail(&detail);
        event.subject.clone_from(&settling.person);
        tx.changed(&agent, event);
        let mut revocation = about(&settling.by, "revocation.created", &agent, named);
        revocation.subject.clone_from(&settling.person);
        let target = Target::Agent(agent.id.clone());
        tx.revoke(settling.sources.id()?, target, "no live owner is left", revocation);
    }
    Ok(())
}

/// What became of each owner, in words.
fn why(owners: &BTreeSet<Principal>, labels: &BTreeMap<Principal, String>) -> String {
    if owners.is_empty() {
        return "nobody was ever named as its owner".to_owned();
    }
    let one = |owner: &Principal| match (owner, labels.get(owner)) {
        (Principal::User(_), Some(label)) => format!("{label} is not active"),
        (Principal::Group(_), Some(label)) => format!("{label} has no active member"),
        (owner, _) => format!("{owner} is gone"),
    };
    owners.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// For each of these people the first active manager above them, by id.
async fn managers(
    read: &TenantRead<'_>,
    people: &BTreeSet<Principal>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut found = BTreeMap::new();
    for person in people {
        let Principal::User(id) = person else { continue };
        let mut at = read.person(id).await?;
        for _ in 0..MOST_MANAGERS {
            let Some(manager) = at.as_ref().and_then(|person| person.manager()) else { break };
            at = read.person(manager).await?;
            if let Some(active) = at.as_ref().filter(|person| person.user().active) {
                found.insert(id.clone(), active.id.clone());
                break;
            }
        }
    }
    Ok(found)
}
