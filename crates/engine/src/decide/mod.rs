//! Decisions: may the holder of this token do this, now? (AuthZEN Authorization API 1.0)
//!
//! A decision is the sealed mandate's, the present state's and the current legs', in one list of
//! reasons. It is computed from memory; only what is used up, a metered use or a proof, waits for the disk. Invariants: no
//! decision without its event, and no allowance when anything that must be known is not.

mod answer;
mod ceiling;
mod event;
mod meter;
mod proof;
mod request;
mod several;

use std::sync::Arc;

use deputy_mandate::{Decision, Reason, ReasonCode, Value, ValueError, deny_reasons};
use deputy_store::{
    Append,
    model::{ApiRole, RuntimeEvidence},
};
use deputy_token::access::AccessClaims;

pub use answer::{
    AnswerContext, DecisionPointMetadata, EvaluationAnswer, EvaluationError, EvaluationsAnswer,
};
use proof::Spent;
use request::Evaluation;

use crate::{
    Caller, Engine, Refusal, SignedToken,
    verify::Examined,
    view::{TenantState, TenantView},
};

impl Engine {
    /// Decides one evaluation, given as JSON text.
    ///
    /// # Errors
    /// `Forbidden` for a key that may not ask, or not about this audience; `Invalid` for a body that the
    /// standard does not allow; `Unavailable` when the event cannot be queued, or as [`Engine::examine`]. A denial is an answer.
    pub async fn evaluate(
        &self,
        view: &TenantView,
        caller: &Caller,
        body: &str,
    ) -> Result<EvaluationAnswer, Refusal> {
        require_asker(caller)?;
        let evaluation = match parse(body)? {
            Ok(Value::Object(body)) => Evaluation::read(body)?,
            Ok(_) => return Err(Refusal::invalid("", "must be a JSON object")),
            // Readable, but two readers could read it differently: decided, and denied.
            Err(ambiguous) => Evaluation::unreadable(format!("The request is not exact JSON: {ambiguous}.")),
        };
        self.decide(view, caller, evaluation, &mut Spent::new()).await
    }

    /// Decides one evaluation, and sees to its event; `spent` are the proofs that its call has used up before.
    async fn decide(
        &self,
        view: &TenantView,
        caller: &Caller,
        mut asked: Evaluation,
        spent: &mut Spent,
    ) -> Result<EvaluationAnswer, Refusal> {
        asked.request.audience = audience(caller, asked.request.audience.take())?;
        // An auditor looks and uses nothing up.
        asked.dry_run |= caller.role == Some(ApiRole::Auditor);
        let now = self.inner.sources.now();
        let examined = match asked.token.as_deref() {
            Some(token) => self.examine(view, token, now).await?,
            None if asked.malformed.is_empty() => Examined::missing(),
            None => Examined::default(),
        };
        let proved = proof::examine(&asked, &examined, now);
        let mut decision = judge(view, &mut asked, &examined, proved.as_ref().err().map(|reason| &**reason));
        let once = proved.ok().flatten().filter(|once| decision.is_allow() && !spent.contains(once));
        let is_metered = |token: &&Arc<SignedToken>| token.claims().mandate.uses.is_some();
        let metered = examined.signed().filter(is_metered).filter(|_| decision.is_allow());
        if asked.dry_run {
            if let Some(once) = &once {
                decision = self.rehearse_proof(view, once).await?;
            }
            if let Some(token) = metered.filter(|_| decision.is_allow()) {
                decision = self.rehearse(view, token, &asked).await?;
            }
        }
        let event = event::event(caller, &view.read(), &asked, examined.claims(), &decision);
        let used = once.clone().filter(|_| !asked.dry_run && proof::is_shared(&examined));
        // What is used up is on disk before it is answered.
        let decision = match (metered, once) {
            (Some(token), once) if !asked.dry_run => self.exercise(view, token, &asked, once, event).await?,
            (None, Some(once)) if !asked.dry_run => self.spend_proof(view, once, event).await?,
            _ => {
                self.inner.writer.append_later(&view.id, Append { event, ..Append::default() })?;
                decision
            }
        };
        spent.extend(used.filter(|_| decision.is_allow()));
        Ok(decision.into())
    }
}

/// Refuses keys that may not ask for decisions.
fn require_asker(caller: &Caller) -> Result<(), Refusal> {
    caller.require(&[ApiRole::Admin, ApiRole::Auditor, ApiRole::Verifier])
}

/// The audience to compare with: a verifier's is one of its key's own.
fn audience(caller: &Caller, asked: Option<String>) -> Result<Option<String>, Refusal> {
    if caller.role != Some(ApiRole::Verifier) {
        return Ok(asked);
    }
    let mut own = caller.audiences.iter();
    match (asked, own.next(), own.next()) {
        (Some(asked), ..) if caller.audiences.contains(&asked) => Ok(Some(asked)),
        (None, Some(only), None) => Ok(Some(only.clone())),
        (None, Some(_), Some(_)) => {
            Err(Refusal::invalid("context.audience", "is required: this key verifies for several audiences"))
        }
        (Some(_), ..) | (None, None, _) => Err(Refusal::Forbidden),
    }
}

/// The body, or why it cannot be read exactly.
///
/// # Errors
/// `Invalid` for what is not JSON at all, or holds a NUL.
fn parse(body: &str) -> Result<Result<Value, ValueError>, Refusal> {
    match Value::parse(body) {
        // A NUL can only hide behind its escape; most bodies do not hold those six characters.
        Ok(value) if body.contains("\\u0000") && has_nul(&value) => {
            Err(Refusal::invalid("", "must not contain a NUL character"))
        }
        Ok(value) => Ok(Ok(value)),
        Err(
            error @ (ValueError::Duplicate { .. } | ValueError::Number { .. } | ValueError::TooDeep { .. }),
        ) => Ok(Err(error)),
        Err(error @ (ValueError::End | ValueError::Unexpected { .. } | ValueError::Escape { .. })) => {
            Err(Refusal::invalid("", format!("is not JSON: {error}")))
        }
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Everything that stands against the request, but metering.
fn judge(
    view: &TenantView,
    asked: &mut Evaluation,
    examined: &Examined,
    unproved: Option<&Reason>,
) -> Decision {
    let mut reasons = std::mem::take(&mut asked.malformed);
    reasons.extend(unproved.cloned());
    reasons.extend(examined.reasons.iter().cloned());
    if let Some(claims) = examined.claims() {
        // The time has been judged already; this is one at which the mandate holds.
        let own = deny_reasons(&claims.mandate, &asked.request, claims.mandate.not_before);
        let state = view.read();
        holder(&state, asked, claims, &mut reasons);
        if own.is_empty() {
            ceiling::collect(&state, &asked.request, claims, &mut reasons);
        }
        reasons.extend(own);
    }
    Decision::from_reasons(reasons)
}

/// What the mandate cannot say: the person acted for, the runtime observed.
fn holder(state: &TenantState, asked: &Evaluation, claims: &AccessClaims, reasons: &mut Vec<Reason>) {
    let Some(leaf) = claims.chain.last() else { return };
    if let Some(wanted) = &asked.request.subject
        && *wanted != claims.sub
        && leaf.sub.as_ref() != Some(wanted)
    {
        reasons.push(Reason::of(ReasonCode::SubjectMismatch).field("subject"));
    }
    match (&asked.request.runtime, leaf.rt.as_deref()) {
        (Some(observed), Some(sealed)) if observed.as_str() != sealed => {
            let sentence = "The runtime observed is not the one that the credential was issued to.";
            reasons.push(Reason::of(ReasonCode::RuntimeChanged).field("runtime").message(sentence));
        }
        (None, _) => {
            let agent = state.agents.get(leaf.registered_agent());
            if agent.is_some_and(|agent| agent.runtime_evidence == RuntimeEvidence::Presented) {
                reasons.push(Reason::of(ReasonCode::RuntimeMissing).field("runtime"));
            }
        }
        (Some(_), _) => {}
    }
}

#[cfg(test)]
mod tests;
