//! The kill switch: who may set it, who may lower it, and what setting it does at once.
//!
//! Invariants: raising always works, for one administrator alone. An emergency revokes the tenant in the
//! transaction that sets it, so lifting it revives nothing; and it is lowered by two people, or by a
//! platform key. Every change of the halt withdraws the approvals that waited.

mod approval;

use deputy_store::{
    Kind, TenantTx,
    event::{Touched, rfc3339},
    model::{Approval, Halt, SINGLETON},
};
use deputy_token::revocation::{Halt as HaltLevel, Target};
use serde::{Deserialize, Serialize};

pub use approval::{ApprovalAnswer, ApprovalNeeded};

use crate::{
    Caller, Engine, Refusal, Sources,
    revocations::require_reason,
    view::{TenantState, TenantView},
};

/// What is asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewHalt {
    /// The level.
    pub level: HaltLevel,
    /// Why.
    pub reason: String,
}

/// The halt in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HaltAnswer {
    /// How far the tenant is halted.
    pub level: HaltLevel,
    /// Why; absent when it never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Who set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Lowerings that wait for a second person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<ApprovalAnswer>,
}

/// How a change of the halt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HaltOutcome {
    /// It is in force.
    Set(HaltAnswer),
    /// It waits for a second person.
    Waits(ApprovalNeeded),
}

impl Engine {
    /// The halt in force.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read.
    pub fn halt(&self, view: &TenantView, caller: &Caller) -> Result<HaltAnswer, Refusal> {
        caller.require_reader()?;
        Ok(answer_of(&view.read()))
    }

    /// Sets the halt; a lowering from `emergency` waits for a second person.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator asks; `Invalid` without a reason.
    pub async fn set_halt(
        &self,
        view: &TenantView,
        caller: &Caller,
        new: NewHalt,
    ) -> Result<HaltOutcome, Refusal> {
        caller.require_admin()?;
        let reason = require_reason(&new.reason)?.to_owned();
        let (sources, by) = (self.inner.sources.clone(), caller.clone());
        let (waits, _) = self
            .change(view, move |tx| {
                Box::pin(async move {
                    let current = current(tx).await?;
                    if current == HaltLevel::Emergency && new.level < current {
                        return approval::ask(tx, &sources, &by, new.level, reason).await.map(Some);
                    }
                    put(tx, &sources, &by, new.level, reason).await.map(|()| None)
                })
            })
            .await?;
        Ok(match waits {
            Some(approval_id) => HaltOutcome::Waits(ApprovalNeeded { approval_id }),
            None => HaltOutcome::Set(answer_of(&view.read())),
        })
    }

    /// Sets the halt of a tenant by a platform key, which needs nobody else for lowering.
    ///
    /// # Errors
    /// `Forbidden` for any other key; `NotFound`; `Invalid` without a reason.
    pub async fn set_tenant_halt(
        &self,
        caller: &Caller,
        slug: &str,
        new: NewHalt,
    ) -> Result<HaltAnswer, Refusal> {
        caller.require_platform()?;
        let reason = require_reason(&new.reason)?.to_owned();
        let view = self.tenant(slug).await?;
        let (sources, by) = (self.inner.sources.clone(), caller.clone());
        self.change(&view, move |tx| {
            Box::pin(async move { put(tx, &sources, &by, new.level, reason).await })
        })
        .await?;
        Ok(answer_of(&view.read()))
    }
}

fn answer_of(state: &TenantState) -> HaltAnswer {
    let approvals = state.approvals.values().map(|approval| ApprovalAnswer::of(state, approval)).collect();
    match &state.halt {
        None => HaltAnswer { level: HaltLevel::None, reason: None, since: None, by: None, approvals },
        Some(halt) => HaltAnswer {
            level: halt.level,
            reason: Some(halt.reason.clone()),
            since: Some(rfc3339(halt.since)),
            by: Some(halt.by.clone()),
            approvals,
        },
    }
}

/// The level in force at this point of the transaction.
async fn current(tx: &TenantTx<'_>) -> Result<HaltLevel, Refusal> {
    Ok(tx.find::<Halt>(SINGLETON).await?.map_or(HaltLevel::None, |halt| halt.level))
}

/// Puts a level in force.
async fn put(
    tx: &mut TenantTx<'_>,
    sources: &Sources,
    by: &Caller,
    level: HaltLevel,
    reason: String,
) -> Result<(), Refusal> {
    #[derive(Serialize)]
    struct Detail<'a> {
        from: HaltLevel,
        reason: &'a str,
        to: HaltLevel,
    }
    let before = tx.find::<Halt>(SINGLETON).await?;
    let from = before.as_ref().map_or(HaltLevel::None, |halt| halt.level);
    let halt = Halt { level, reason, since: tx.now(), by: by.actor.to_string() };
    match before {
        Some(_) => tx.update(&halt).await?,
        None => tx.insert(&halt).await?,
    }
    let mut event = by.event("halt.changed").detail(&Detail { from, reason: &halt.reason, to: level });
    for waiting in tx.every::<Approval>().await? {
        tx.delete::<Approval>(&waiting.id).await?;
        event.touched.push(Touched::Record(Kind::Approval, waiting.id));
    }
    tx.changed(&halt, event);
    if level > HaltLevel::None {
        tx.halts();
    }
    if level == HaltLevel::Emergency {
        let id = sources.id()?;
        let detail = serde_json::json!({"id": id, "reason": halt.reason, "target": Target::TENANT});
        tx.revoke(id, Target::TENANT, &halt.reason, by.event("revocation.created").detail(&detail));
    }
    Ok(())
}
