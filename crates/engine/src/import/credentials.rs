//! The credentials of an import: what an agent has already is not made again, so that a manifest can be
//! imported any number of times.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use deputy_federation::fetch::Fetch;
use deputy_mandate::Instant;
use deputy_manifest::{Change, CredentialEntry, Fleet, ItemKind, Plan, Problems, PublicKeyEntry};
use deputy_store::model::{Agent, Credential, CredentialKind};
use serde_json::json;

use super::{ImportedCredential, Request, ids::Ids, write::Writes};
use crate::{
    Refusal, Sources,
    agents::{about, make_credential, parse_jwk},
    view::TenantState,
};

/// A credential to write.
pub(super) struct Made {
    agent: usize,
    credential: Credential,
    secret: Option<String>,
    /// The claims that it asked for before, when it was there already.
    before: Option<BTreeMap<String, String>>,
}

/// What the tenant knows of an entry.
enum Known {
    Nothing,
    Just,
    Claims(Arc<Credential>),
    Elsewhere(String),
}

/// Makes what the agents of the file lack.
pub(super) fn make(
    fleet: &Fleet,
    state: &TenantState,
    ids: &Ids,
    sources: &Sources,
    outbound: &dyn Fetch,
    now: Instant,
    problems: &mut Problems,
) -> Result<Vec<Made>, Refusal> {
    let mut federated = federated(fleet, state);
    let mut made = Vec::new();
    for (index, agent) in fleet.agents.iter().enumerate() {
        let id = ids.agent(agent.entry.name.as_str())?;
        for (number, entry) in agent.credentials.iter().enumerate() {
            let mut wrong = |message: String| {
                let steps = ["agents".into(), index.into(), "credentials".into(), number.into()];
                problems.push(fleet.problem(&steps, message));
            };
            let (mut credential, secret) = match make_credential(sources, outbound, id, entry, now) {
                Ok(made) => made,
                Err(Refusal::Invalid { field, problem }) => {
                    wrong(format!("`{field}`: {problem}"));
                    continue;
                }
                Err(other) => return Err(other),
            };
            let before = match known(entry, &credential, id, state, &federated, now)? {
                Known::Just => continue,
                Known::Elsewhere(agent) => {
                    let owner = state
                        .agents
                        .get(&agent)
                        .map_or("another agent of this file", |agent| agent.name.as_str());
                    wrong(format!(
                        "this issuer and subject stand for `{owner}` already: a workload is one agent"
                    ));
                    continue;
                }
                Known::Claims(there) => {
                    credential = Credential { kind: credential.kind, ..there.as_ref().clone() };
                    claims(&there.kind).cloned()
                }
                Known::Nothing => None,
            };
            if let CredentialKind::Federated { issuer, subject, .. } = &credential.kind {
                federated.insert(format!("{issuer}|{subject}"), Arc::new(credential.clone()));
            }
            made.push(Made { agent: index, credential, secret, before });
        }
    }
    Ok(made)
}

/// Every federated credential of the tenant, by what it stands for; none when the file names none.
fn federated(fleet: &Fleet, state: &TenantState) -> HashMap<String, Arc<Credential>> {
    let mut entries = fleet.agents.iter().flat_map(|agent| &agent.credentials);
    if !entries.any(|entry| matches!(entry, CredentialEntry::Federated(_))) {
        return HashMap::new();
    }
    let named = state.credentials.values().filter_map(|credential| match &credential.kind {
        CredentialKind::Federated { issuer, subject, .. } => {
            Some((format!("{issuer}|{subject}"), credential.clone()))
        }
        CredentialKind::Secret { .. }
        | CredentialKind::PublicKey { .. }
        | CredentialKind::PublicKeySet { .. } => None,
    });
    named.collect()
}

fn known(
    entry: &CredentialEntry,
    wanted: &Credential,
    agent: &str,
    state: &TenantState,
    federated: &HashMap<String, Arc<Credential>>,
    now: Instant,
) -> Result<Known, Refusal> {
    let ids = state.credentials_of.get(agent).into_iter().flatten();
    let mut there =
        ids.filter_map(|id| state.credentials.get(id)).filter(|one| one.expires_at.is_none_or(|at| now < at));
    let is_there = match entry {
        CredentialEntry::Secret => there.any(|one| matches!(one.kind, CredentialKind::Secret { .. })),
        CredentialEntry::PublicKey(PublicKeyEntry::Jwk(jwk)) => {
            let print = parse_jwk(jwk)?.thumbprint();
            there.any(
                |one| matches!(&one.kind, CredentialKind::PublicKey { jwk } if jwk.thumbprint() == print),
            )
        }
        CredentialEntry::PublicKey(PublicKeyEntry::JwksUri(uri)) => there.any(
            |one| matches!(&one.kind, CredentialKind::PublicKeySet { jwks_uri } if jwks_uri == uri.as_str()),
        ),
        CredentialEntry::Federated(named) => {
            return Ok(match federated.get(&format!("{}|{}", named.issuer, named.subject)) {
                None => Known::Nothing,
                Some(one) if one.agent != agent => Known::Elsewhere(one.agent.clone()),
                Some(one) if claims(&one.kind) == claims(&wanted.kind) => Known::Just,
                Some(one) => Known::Claims(one.clone()),
            });
        }
    };
    Ok(if is_there { Known::Just } else { Known::Nothing })
}

fn claims(kind: &CredentialKind) -> Option<&BTreeMap<String, String>> {
    match kind {
        CredentialKind::Federated { claims, .. } => Some(claims),
        CredentialKind::Secret { .. }
        | CredentialKind::PublicKey { .. }
        | CredentialKind::PublicKeySet { .. } => None,
    }
}

/// Adds them to what is written; returns them as they are answered, secrets and all.
pub(super) fn write(
    writes: &mut Writes,
    made: Vec<Made>,
    fleet: &Fleet,
    state: &TenantState,
    plan: &mut Plan,
    request: &Request,
) -> Vec<ImportedCredential> {
    let mut answer = Vec::new();
    let mut events = Vec::new();
    {
        let written = writes.agents.new.iter().chain(&writes.agents.changed);
        let after: HashMap<&str, &Agent> = written.map(|agent| (agent.id.as_str(), agent)).collect();
        for Made { credential, secret, before, .. } in &made {
            let known = state.agents.get(&credential.agent).map(AsRef::as_ref);
            let Some(agent) = after.get(credential.agent.as_str()).copied().or(known) else { continue };
            let kind = credential.kind.as_str();
            let detail = json!({"agent": agent.name, "credential": credential.id, "kind": kind});
            let action = if before.is_some() { "credential.changed" } else { "credential.created" };
            events.push(about(&request.caller, action, agent, writes.owners(state, agent)).detail(&detail));
            if before.is_none() {
                let (agent, client_id) = (agent.name.clone(), credential.agent.clone());
                answer.push(ImportedCredential { agent, kind, client_id, client_secret: secret.clone() });
            }
        }
    }
    for (Made { agent, credential, before, .. }, event) in made.into_iter().zip(events) {
        writes.changed(&credential, event);
        if let Some(before) = &before {
            let name = fleet.agents.get(agent).map_or("", |agent| agent.entry.name.as_str());
            let change = Change {
                field: "credentials".to_owned(),
                from: json!(before),
                to: json!(claims(&credential.kind)),
            };
            note_change(plan, name, change);
        }
        writes.credentials.put(credential, before.is_none());
    }
    answer
}

/// Says that something of an agent differs beside its entry.
fn note_change(plan: &mut Plan, agent: &str, change: Change) {
    let is_it = |item: &deputy_manifest::Item| item.kind == ItemKind::Agent && item.name == agent;
    if let Some(position) = plan.unchanged.iter().position(is_it) {
        plan.updated.push(plan.unchanged.remove(position));
    }
    if let Some(item) = plan.updated.iter_mut().find(|item| is_it(item)) {
        item.changes.push(change);
    }
}
