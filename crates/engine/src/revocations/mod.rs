//! Taking authority away by naming a target; and who was told about it.
//!
//! Invariant: a revocation is one row at one position of the log. Names are looked up inside the
//! transaction that writes it, so it never reaches somebody who took the name a moment earlier.

mod reach;
mod target;

use std::collections::BTreeMap;

use deputy_mandate::Instant;
use deputy_store::{
    RevocationRow,
    event::{EventDraft, rfc3339},
    model::Principal,
};
use deputy_token::revocation::{Target, TargetKind};
use serde::{Deserialize, Serialize};

pub use reach::{Preview, ReachAnswer};
pub use target::TargetInput;
use target::{Resolved, resolve_target};

use crate::{
    Caller, Engine, Refusal,
    page::{Page, Paging},
    resolve::labels,
    view::TenantView,
};

/// Longest reason, in characters.
const MOST_REASON: usize = 1_000;

/// What is asked for: a target, and why.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRevocation {
    /// What to kill.
    pub target: TargetInput,
    /// Why; a preview needs none.
    #[serde(default)]
    pub reason: String,
}

/// A revocation that was just made.
#[derive(Debug, Clone, Serialize)]
pub struct Revoked {
    /// Its id; the last one's, when an owner's agents were revoked one by one.
    pub id: String,
    /// Its position in the log; everything up to it is in force here.
    pub seq: i64,
    /// Every revocation that was made, when there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revocations: Vec<RevokedOne>,
}

/// One of several revocations.
#[derive(Debug, Clone, Serialize)]
pub struct RevokedOne {
    /// Its id.
    pub id: String,
    /// Its position in the log.
    pub seq: i64,
    /// What it kills.
    pub target: Target,
}

/// A revocation as it is read.
#[derive(Debug, Clone, Serialize)]
pub struct RevocationAnswer {
    /// Its id.
    pub id: String,
    /// Its position in the log.
    pub seq: i64,
    /// What it kills, by opaque ids.
    pub target: Target,
    /// Why.
    pub reason: String,
    /// When it was made (RFC 3339).
    pub created_at: String,
    /// When nothing is left that it could reach (RFC 3339); `null` for a key's, which is kept for ever.
    pub kept_until: Option<String>,
}

impl From<RevocationRow> for RevocationAnswer {
    fn from(row: RevocationRow) -> Self {
        let kept_until = kept_until(&row);
        let created_at = rfc3339(row.created_at);
        Self { id: row.id, seq: row.seq, target: row.target, reason: row.reason, created_at, kept_until }
    }
}

/// Until when a revocation matters; a key's does for ever.
pub(crate) fn kept_until(row: &RevocationRow) -> Option<String> {
    (row.target.kind() != TargetKind::Key && row.kept_until < Instant(i64::MAX))
        .then(|| rfc3339(row.kept_until))
}

impl Engine {
    /// Revokes a target; an owner is expanded to the agents that they own, one revocation each.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator asks; `Invalid` for a target that names nothing.
    pub async fn revoke(
        &self,
        view: &TenantView,
        caller: &Caller,
        new: NewRevocation,
    ) -> Result<Revoked, Refusal> {
        caller.require_admin()?;
        let reason = require_reason(&new.reason)?.to_owned();
        let (sources, caller) = (self.inner.sources.clone(), caller.clone());
        let (made, committed) = self
            .change(view, move |tx| {
                Box::pin(async move {
                    let resolved = resolve_target(tx, &new.target).await?;
                    let owners =
                        resolved.iter().filter_map(|one| one.agent.as_ref()).flat_map(|agent| &agent.owners);
                    let labels = labels(tx, &owners.cloned().collect()).await?;
                    let mut made = Vec::with_capacity(resolved.len());
                    for one in resolved {
                        let id = sources.id()?;
                        let event = event_of(&caller, &id, &one, &reason, &labels);
                        tx.revoke(id.clone(), one.target.clone(), &reason, event);
                        made.push((id, one.target));
                    }
                    Ok(made)
                })
            })
            .await?;
        Ok(answer(made, committed.seq))
    }

    /// Revocations, newest first.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read.
    pub async fn revocations(
        &self,
        view: &TenantView,
        caller: &Caller,
        paging: &Paging,
    ) -> Result<Page<RevocationAnswer>, Refusal> {
        caller.require_reader()?;
        let limit = paging.limit()?;
        let before = paging.position()?.unwrap_or(i64::MAX);
        let rows = self.inner.database.tenant(&view.id).revocations_page(before, limit + 1).await?;
        Ok(Page::cut(rows, limit, |row| row.seq.to_string()).map(RevocationAnswer::from))
    }

    /// One revocation.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read, `NotFound`.
    pub async fn revocation(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
    ) -> Result<RevocationAnswer, Refusal> {
        caller.require_reader()?;
        let found = self.inner.database.tenant(&view.id).revocation(id).await?;
        found.map(RevocationAnswer::from).ok_or(Refusal::NotFound)
    }
}

/// A reason that says something.
pub(crate) fn require_reason(reason: &str) -> Result<&str, Refusal> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MOST_REASON || reason.chars().any(char::is_control) {
        let problem = format!("say why, in at most {MOST_REASON} characters without control characters");
        return Err(Refusal::invalid("reason", problem));
    }
    Ok(reason)
}

/// The revocations of one change are the last entries that it adds, so their positions end at its own.
fn answer(made: Vec<(String, Target)>, last: i64) -> Revoked {
    let count = i64::try_from(made.len()).unwrap_or(i64::MAX);
    let id = made.last().map(|(id, _)| id.clone()).unwrap_or_default();
    let several = made.len() > 1;
    let each = (last - count + 1..).zip(made).map(|(seq, (id, target))| RevokedOne { id, seq, target });
    Revoked { id, seq: last, revocations: each.filter(|_| several).collect() }
}

fn event_of(
    caller: &Caller,
    id: &str,
    one: &Resolved,
    reason: &str,
    labels: &BTreeMap<Principal, String>,
) -> EventDraft {
    #[derive(Serialize)]
    struct Detail<'a> {
        id: &'a str,
        reason: &'a str,
        target: &'a Target,
    }
    let mut event = caller.event("revocation.created").detail(&Detail { id, reason, target: &one.target });
    event.agent = one.agent.as_ref().map(|agent| agent.id.clone()).or_else(|| one.agent_id.clone());
    event.credential.clone_from(&one.credential);
    event.subject.clone_from(&one.subject);
    let owners = one.agent.iter().flat_map(|agent| &agent.owners);
    event.owners =
        owners.map(|owner| labels.get(owner).cloned().unwrap_or_else(|| owner.to_string())).collect();
    event
}

#[cfg(test)]
mod tests {
    use deputy_token::revocation::Target;

    use super::{answer, require_reason};

    #[test]
    fn positions_of_several_end_at_the_last() {
        let one = answer(vec![("a".into(), Target::TENANT)], 9);
        assert_eq!((one.id.as_str(), one.seq, one.revocations.len()), ("a", 9, 0));
        let two = answer(vec![("a".into(), Target::TENANT), ("b".into(), Target::TENANT)], 9);
        let seqs: Vec<i64> = two.revocations.iter().map(|one| one.seq).collect();
        assert_eq!((two.id.as_str(), two.seq, seqs), ("b", 9, vec![8, 9]));
    }

    #[test]
    fn a_reason_says_something() {
        assert_eq!(require_reason(" leaked "), Ok("leaked"));
        for empty in ["", "  ", "a\nb", &"x".repeat(1_001)] {
            assert!(require_reason(empty).is_err());
        }
    }
}
