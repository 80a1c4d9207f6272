//! Proof of possession in a decision: that whoever presented a bound token holds its key (RFC 9449 §7).
//!
//! An attenuating agent token has a proof of its own, which is made for one call (its draft's section 7).
//!
//! Invariants: a bound token is allowed nothing without a proof by its key, and a proof counts once, on whatever
//! server it is asked about. It is used up together with the event of what it allowed, and a denial uses up
//! nothing. Several questions of one call are about one request, so they may rest on one proof.

use std::collections::HashSet;

use deputy_mandate::{Decision, Instant, Reason, ReasonCode};
use deputy_store::{Append, AppendError, Spend, event::EventDraft};
use deputy_token::{
    aat::{Invocation, POP_WINDOW, SignedAat, verify_pop},
    dpop::{BoundToken, Expected, UnverifiedProof, WINDOW},
    freshness::Once,
};

use super::{meter::told, request::Evaluation};
use crate::{
    Engine, Refusal,
    verify::{Examined, Sealed},
    view::TenantView,
};

/// What came as `context.dpop`: the proof, and the request that the enforcement point saw it on, which only a DPoP
/// proof is about.
#[derive(Debug)]
pub(super) struct Presented {
    pub(super) proof: String,
    pub(super) seen_on: Option<SeenOn>,
}

/// The method and the URI of a request.
#[derive(Debug)]
pub(super) struct SeenOn {
    pub(super) method: String,
    pub(super) uri: String,
}

/// The proofs that the evaluations of one call have used up.
pub(super) type Spent = HashSet<Once>;

/// What is to be used up if it comes to an allowance, or the reason against one.
pub(super) fn examine(
    asked: &Evaluation,
    examined: &Examined,
    now: Instant,
) -> Result<Option<Once>, Box<Reason>> {
    let Some(signed) = examined.signed() else { return Ok(None) };
    match (&signed.claims().cnf, &asked.proof) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(invalid("The token is bound to no key, so it goes with no proof.")),
        (Some(_), None) => Err(reason(ReasonCode::ProofMissing)),
        (Some(cnf), Some(proof)) => match signed.sealed() {
            Sealed::Access(_) | Sealed::Capability(_) => by_key(asked, &cnf.jkt, proof, now).map(Some),
            Sealed::Attenuating(aat) => of_call(asked, aat, proof, now).map(Some),
        },
    }
}

fn by_key(asked: &Evaluation, jkt: &str, presented: &Presented, now: Instant) -> Result<Once, Box<Reason>> {
    let Some(SeenOn { method, uri }) = &presented.seen_on else {
        return Err(invalid("A DPoP proof is judged by the `htm` and the `htu` of its request."));
    };
    let token = asked.token.as_deref().map(|token| BoundToken { token, jkt });
    let expected = Expected { method, uri, token, now, window: WINDOW };
    match UnverifiedProof::parse(&presented.proof).and_then(|proof| proof.verify(&expected)) {
        Ok(proof) => Ok(proof.once().clone()),
        Err(error) => Err(invalid(&sentence(&error.to_string()))),
    }
}

/// The proof of an attenuating agent token is made for one tool, its arguments and an audience.
fn of_call(
    asked: &Evaluation,
    aat: &SignedAat,
    presented: &Presented,
    now: Instant,
) -> Result<Once, Box<Reason>> {
    let request = &asked.request;
    let audiences = &aat.claims().mandate.audience;
    let only = audiences.first().filter(|_| audiences.len() == 1);
    let Some(audience) = request.audience.as_ref().or(only) else {
        return Err(invalid("A proof is judged by its audience, and the request names none."));
    };
    let tool = request.tool.as_deref().unwrap_or_default();
    let call = Invocation { audience, tool, arguments: &request.arguments, now, window: POP_WINDOW };
    match verify_pop(aat, &presented.proof, &call) {
        Ok(proof) => Ok(proof.once().clone()),
        Err(error) => Err(invalid(&sentence(&error.to_string()))),
    }
}

/// Whether several questions of one call may rest on one proof: not where it is made for one of them.
pub(super) fn is_shared(examined: &Examined) -> bool {
    examined
        .signed()
        .is_some_and(|signed| matches!(signed.sealed(), Sealed::Access(_) | Sealed::Capability(_)))
}

/// Messages of errors begin small and end without a full stop.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

fn reason(code: ReasonCode) -> Box<Reason> {
    Box::new(Reason::of(code).field("context.dpop"))
}

fn invalid(sentence: &str) -> Box<Reason> {
    Box::new(Reason::of(ReasonCode::ProofInvalid).field("context.dpop").message(sentence))
}

/// The denial of a proof that was used before.
pub(super) fn replayed() -> Decision {
    Decision::from_reasons(vec![*invalid("The proof has been used before.")])
}

impl Engine {
    /// Uses up the proof of an allowance together with its event; a proof that was used before is a denial.
    pub(super) async fn spend_proof(
        &self,
        view: &TenantView,
        once: Once,
        allowed: EventDraft,
    ) -> Result<Decision, Refusal> {
        let append = Append { event: allowed.clone(), spend: vec![Spend::Proof(once)], ..Append::default() };
        match self.inner.writer.append(&view.id, append).await {
            Ok(_) => Ok(Decision::Allow),
            Err(AppendError::Replayed(_)) => {
                let decision = replayed();
                let event = told(allowed, &decision);
                self.inner.writer.append_later(&view.id, Append { event, ..Append::default() })?;
                Ok(decision)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What a proof would be told, without using it up.
    pub(super) async fn rehearse_proof(&self, view: &TenantView, once: &Once) -> Result<Decision, Refusal> {
        let spent = self.inner.database.tenant(&view.id).is_spent(once).await?;
        Ok(if spent { replayed() } else { Decision::Allow })
    }
}
