//! What a revocation would end, counted before anybody makes it.
//!
//! Invariant: a credential counts when it lives now and the index of revocations would call its chain
//! dead afterwards, so that a preview and its revocation cannot disagree about what "reached" means.

use std::collections::BTreeSet;

use deputy_mandate::Instant;
use deputy_store::{Candidate, Candidates};
use deputy_token::{
    access::Hop,
    revocation::{RevocationIndex, Target},
};
use serde::{Deserialize, Serialize};

use super::{TargetInput, target::Resolved, target::resolve_target};
use crate::{Caller, Engine, Refusal, view::TenantView};

/// Where counting stops.
const BOUND: u64 = 10_000;
/// Where looking stops, when most of what is looked at is dead already.
const MOST_LOOKED_AT: usize = 100_000;
const PAGE: u32 = 2_000;
/// With more agents than this the whole tenant is looked through.
const MOST_AGENTS: usize = 10_000;

/// An answer about what would happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// How far it would reach.
    pub reach: ReachAnswer,
}

/// How far a revocation would reach.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReachAnswer {
    /// Live credentials.
    pub tokens: u64,
    /// Agents that hold one of them.
    pub agents: u64,
    /// True when there are more, because counting stopped.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
    /// The ids of those agents, for pages that name some.
    #[serde(skip)]
    pub holders: BTreeSet<String>,
}

impl Engine {
    /// How far a revocation of this target would reach; nothing is changed.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read; `Invalid` for a target that names nothing.
    pub async fn preview_revocation(
        &self,
        view: &TenantView,
        caller: &Caller,
        input: &TargetInput,
    ) -> Result<Preview, Refusal> {
        caller.require_reader()?;
        let read = self.inner.database.tenant(&view.id);
        let resolved = resolve_target(&read, input).await?;
        let would = would_be(&resolved);
        let among = candidates(&resolved);
        let now = self.inner.sources.now();
        let mut reach = ReachAnswer::default();
        let mut looked_at = 0;
        let mut below: Option<String> = None;
        reach.at_least = true;
        while reach.tokens <= BOUND && looked_at < MOST_LOOKED_AT {
            let page = read.live_candidates(&among, now, below.as_deref(), PAGE).await?;
            let Some(last) = page.last() else {
                reach.at_least = false;
                break;
            };
            below = Some(last.id.clone());
            looked_at += page.len();
            count(&page, view, &would, &mut reach);
        }
        reach.tokens = reach.tokens.min(BOUND);
        reach.agents = u64::try_from(reach.holders.len()).unwrap_or(u64::MAX);
        Ok(Preview { reach })
    }
}

fn count(page: &[Candidate], view: &TenantView, would: &RevocationIndex, reach: &mut ReachAnswer) {
    #[derive(Deserialize)]
    struct Carried {
        chain: Vec<Hop>,
    }
    let state = view.read();
    for candidate in page {
        if reach.tokens > BOUND {
            return;
        }
        let Ok(Carried { chain }) = serde_json::from_str(&candidate.event) else {
            tracing::error!(id = %candidate.id, "an issued credential cannot be read");
            continue;
        };
        if state.revocations.reaches(&chain).is_none() && would.reaches(&chain).is_some() {
            reach.tokens += 1;
            if reach.tokens <= BOUND {
                reach.holders.insert(candidate.agent.clone());
            }
        }
    }
}

/// The index as if it held these targets alone, after everything that was issued.
fn would_be(resolved: &[Resolved]) -> RevocationIndex {
    let mut index = RevocationIndex::new();
    for one in resolved {
        index.insert(i64::MAX, &one.target, Instant(i64::MAX));
    }
    index
}

/// Where to look for what these targets reach; targets of several kinds never come together.
fn candidates(resolved: &[Resolved]) -> Candidates {
    let agents: Vec<String> =
        resolved.iter().filter_map(|one| Some(one.agent.as_ref()?.id.clone())).collect();
    match resolved.first().map(|one| &one.target) {
        Some(Target::Agent(_) | Target::NamePrefix(_)) if agents.len() <= MOST_AGENTS => {
            Candidates::Agents(agents)
        }
        // One that was not issued here may be a hop that was made offline, with credentials issued below it.
        Some(Target::Credential(id)) if resolved.iter().any(|one| one.agent_id.is_some()) => {
            Candidates::Credential(id.clone())
        }
        Some(Target::Credential(id)) => Candidates::Holding(id.clone()),
        Some(Target::Subject(id)) => Candidates::Subject(id.clone()),
        Some(target @ (Target::Key(_) | Target::Binding(_))) => {
            Candidates::Holding(target.value().unwrap_or_default().to_owned())
        }
        Some(Target::Agent(_) | Target::NamePrefix(_) | Target::Tenant(_)) | None => Candidates::All,
    }
}
