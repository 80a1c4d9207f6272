//! Import of a fleet manifest: parsed, planned against the tenant's state, applied in one transaction.
//!
//! Invariant: all or nothing. The plan is made from memory at a position; the transaction refuses it when
//! any state has changed after that position, and it is made again. So what is checked holds at the
//! commit, and the writing connection is held for the writing alone.

mod agents;
mod catalogue;
mod check;
mod conflicts;
mod credentials;
mod current;
mod ids;
mod normal;
mod people;
mod write;

use std::sync::Arc;

use deputy_mandate::Instant;
use deputy_manifest::{Fleet, Options, Plan, Problems, parse, plan};
use deputy_store::model::{ApiRole, Principal};
use deputy_token::secrets::Sha256Digest;
use serde::Serialize;

use self::{people::People, write::Writes};
use crate::{
    Caller, Engine, Problem, Refusal,
    view::{TenantState, TenantView},
};

/// How often a plan is made again because the tenant changed meanwhile.
const MOST_ATTEMPTS: usize = 8;

/// How to import.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImportOptions {
    /// Say what would change, and change nothing.
    pub dry_run: bool,
    /// Delete what a manifest made and this one leaves out.
    pub prune: bool,
    /// Make owners who are not known yet, as placeholders.
    pub create_owners: bool,
}

/// What an import changed, or would change.
#[derive(Debug, Serialize)]
pub struct Imported {
    /// `created`, `updated`, `unchanged`, `deleted`; `kept` when `prune` leaves something that others use.
    #[serde(flatten)]
    pub plan: Plan,
    /// The credentials that were made; secrets are shown this once. Empty for a dry run.
    pub credentials: Vec<ImportedCredential>,
}

/// A credential that an import made.
#[derive(Clone, Serialize)]
pub struct ImportedCredential {
    /// The agent's name.
    pub agent: String,
    /// `secret`, `public_key` or `federated`.
    pub kind: &'static str,
    /// The agent's OAuth client id.
    pub client_id: String,
    /// The secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

impl std::fmt::Debug for ImportedCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportedCredential")
            .field("agent", &self.agent)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Everything that a manifest is compared with, and whose answer it becomes.
struct Request {
    caller: Caller,
    options: ImportOptions,
    digest: String,
    now: Instant,
}

/// A plan with everything that it writes.
struct Prepared {
    plan: Plan,
    writes: Writes,
    credentials: Vec<ImportedCredential>,
}

impl Engine {
    /// Imports a manifest: every agent gets identity, credential and owner, or nothing changes.
    ///
    /// # Errors
    /// `InvalidMany` with everything that is wrong, each with its line and column; `Unavailable` when the
    /// tenant keeps changing.
    pub async fn import(
        &self,
        view: &TenantView,
        caller: &Caller,
        manifest: Vec<u8>,
        options: ImportOptions,
    ) -> Result<Imported, Refusal> {
        let roles: &[ApiRole] = if options.dry_run {
            &[ApiRole::Admin, ApiRole::Importer, ApiRole::Auditor]
        } else {
            &[ApiRole::Admin, ApiRole::Importer]
        };
        caller.require(roles)?;
        let manifest: Arc<[u8]> = manifest.into();
        let digest = hex(Sha256Digest::of(&manifest).as_bytes());
        for _ in 0..MOST_ATTEMPTS {
            let read_at = view.applied();
            let request = Request {
                caller: caller.clone(),
                options,
                digest: digest.clone(),
                now: self.inner.sources.now(),
            };
            let Prepared { plan, writes, credentials } =
                self.prepare(view, manifest.clone(), request).await?;
            if options.dry_run {
                return Ok(Imported { plan, credentials: Vec::new() });
            }
            let settling = self.settling(caller);
            let change = self.change(view, move |tx| {
                Box::pin(async move {
                    if tx.changed_at() > read_at {
                        return Ok(false);
                    }
                    writes.apply(tx, &settling).await?;
                    Ok(true)
                })
            });
            if change.await?.0 {
                return Ok(Imported { plan, credentials });
            }
        }
        Err(Refusal::Unavailable { retry_after_secs: 1 })
    }

    async fn prepare(
        &self,
        view: &TenantView,
        manifest: Arc<[u8]>,
        request: Request,
    ) -> Result<Prepared, Refusal> {
        let fleet = blocking(move || parse(&manifest).map_err(|problems| refusal(&problems))).await?;
        let sources = self.inner.sources.clone();
        let new_id = request.options.create_owners.then_some(|| sources.id());
        let read = self.inner.database.tenant(&view.id);
        let people = People::look_up(&read, people::named(&fleet.agents), new_id).await?;
        let state = {
            let state = view.read();
            let known = fleet
                .agents
                .iter()
                .filter_map(|agent| state.agents.get(state.agent_names.get(agent.entry.name.as_str())?));
            let owners =
                known.flat_map(|agent| agent.owners.iter().chain(agent.may_act_for.iter().flatten()));
            let everybody: Vec<Principal> = owners.chain(people.meant.values()).cloned().collect();
            state.import_part(everybody.iter())
        };
        let engine = self.clone();
        blocking(move || engine.compare(fleet, &state, &people, &request)).await
    }

    /// Compares the manifest with the state, and builds everything that an import of it writes.
    fn compare(
        &self,
        mut fleet: Fleet,
        state: &TenantState,
        people: &People,
        request: &Request,
    ) -> Result<Prepared, Refusal> {
        let sources = &self.inner.sources;
        let mut problems = Problems::default();
        check::outside(&fleet, state, people, &mut problems);
        check::agents(&fleet, state, people, &mut problems);
        normal::bring(&mut fleet, state, people)?;
        check::parents(&fleet, state, &mut problems);
        let options = Options { prune: request.options.prune };
        let current = current::read(state, &fleet, options)?;
        let mut plan = plan(&current, &fleet, options);
        current::keep_what_the_tenant_uses(&mut plan, state);
        conflicts::find(&fleet, state, &plan, &mut problems);
        let ids = ids::Ids::of(&fleet, state, &plan, sources)?;
        let outbound = &**self.inner.keys.fetch();
        let made = credentials::make(&fleet, state, &ids, sources, outbound, request.now, &mut problems)?;
        problems.or(()).map_err(|problems| refusal(&problems))?;

        let mut writes = Writes::new(people, &request.caller);
        let source =
            agents::Source { fleet: &fleet, state, people, plan: &plan, ids: &ids, request, sources };
        catalogue::write(&mut writes, &source)?;
        agents::write(&mut writes, &source)?;
        let credentials = credentials::write(&mut writes, made, &fleet, state, &mut plan, request);
        normal::show_names(&mut plan, state, people);
        writes.applied(&plan, credentials.len(), request);
        Ok(Prepared { plan, writes, credentials })
    }
}

/// Runs what takes long on a thread where nobody waits for another request.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "an import broke off");
        Err(Refusal::Internal)
    })
}

/// As `sha256sum` writes it.
fn hex(digest: &[u8; 32]) -> String {
    digest.iter().fold("sha256:".to_owned(), |mut text, byte| {
        let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or_default();
        text.extend([digit(byte >> 4), digit(byte & 15)]);
        text
    })
}

/// Everything that is wrong, in the order of the file.
fn refusal(problems: &Problems) -> Refusal {
    let told = problems.items().iter().map(|problem| Problem {
        field: problem.path.clone(),
        line: Some(problem.line.into()),
        column: Some(problem.column.into()),
        message: problem.message.clone(),
    });
    let omitted = (problems.omitted() > 0).then(|| Problem {
        field: String::new(),
        line: None,
        column: None,
        message: format!("and {} more", problems.omitted()),
    });
    Refusal::InvalidMany(told.chain(omitted).collect())
}
