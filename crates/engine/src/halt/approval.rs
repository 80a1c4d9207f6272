//! Two people lower an emergency: one asks, another confirms.
//!
//! Invariant: the two are different persons. Two keys of one holder are one person, and all keys
//! without a holder together are one person too.

use deputy_mandate::Instant;
use deputy_store::{
    TenantTx,
    event::rfc3339,
    model::{Approval, Principal},
};
use deputy_token::revocation::Halt as HaltLevel;
use serde::Serialize;

use super::{HaltAnswer, answer_of, current, put};
use crate::{
    Caller, Engine, Refusal, Sources,
    view::{TenantState, TenantView},
};

/// For how long a lowering may wait: whoever confirms must mean today's emergency.
const WAITS_SECS: i64 = 24 * 3600;

/// A lowering waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApprovalNeeded {
    /// What the second person confirms.
    pub approval_id: String,
}

/// A lowering that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApprovalAnswer {
    /// Its id.
    pub id: String,
    /// The level asked for.
    pub level: HaltLevel,
    /// Why.
    pub reason: String,
    /// Who asked, `user:alice@example.com`; absent for a key without a holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// When it was asked for (RFC 3339).
    pub created_at: String,
}

impl ApprovalAnswer {
    pub(super) fn of(state: &TenantState, approval: &Approval) -> Self {
        let person = Some(&approval.person).filter(|person| !person.is_empty());
        Self {
            id: approval.id.clone(),
            level: approval.level,
            reason: approval.reason.clone(),
            requested_by: person.map(|id| state.label(&Principal::User(id.clone()))),
            created_at: rfc3339(approval.created_at),
        }
    }
}

fn person(caller: &Caller) -> &str {
    caller.person.as_deref().unwrap_or_default()
}

/// Asks for a lowering; returns the approval's id.
pub(super) async fn ask(
    tx: &mut TenantTx<'_>,
    sources: &Sources,
    by: &Caller,
    level: HaltLevel,
    reason: String,
) -> Result<String, Refusal> {
    let id = sources.id()?;
    let approval = Approval {
        id: id.clone(),
        level,
        reason,
        person: person(by).to_owned(),
        halted_at: tx.head().await?.halt_seq,
        created_at: tx.now(),
    };
    tx.insert(&approval).await?;
    let detail = serde_json::json!({"approval_id": id, "reason": approval.reason, "to": level});
    tx.changed(&approval, by.event("halt.lowering_requested").detail(&detail));
    Ok(id)
}

fn has_lapsed(approval: &Approval, now: Instant) -> bool {
    approval.created_at.plus_secs(WAITS_SECS) <= now
}

impl Engine {
    /// Confirms a lowering that somebody else asked for, and puts it in force.
    ///
    /// # Errors
    /// `Forbidden` unless another person, who is an administrator, confirms; `NotFound` for an approval
    /// that is none, was withdrawn by a newer halt, or waited for more than a day.
    pub async fn approve_halt(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
    ) -> Result<HaltAnswer, Refusal> {
        caller.require_admin()?;
        let (id, by, sources) = (id.to_owned(), caller.clone(), self.inner.sources.clone());
        self.change(view, move |tx| {
            Box::pin(async move {
                let approval = tx.find::<Approval>(&id).await?.ok_or(Refusal::NotFound)?;
                if has_lapsed(&approval, tx.now()) || current(tx).await? != HaltLevel::Emergency {
                    return Err(Refusal::NotFound);
                }
                if approval.person == person(&by) {
                    return Err(Refusal::Forbidden);
                }
                put(tx, &sources, &by, approval.level, approval.reason).await
            })
        })
        .await?;
        Ok(answer_of(&view.read()))
    }
}
