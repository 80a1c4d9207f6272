//! The token that an exchange presents: whether it lives, and whether this client may hand it on (RFC 8693 §2.1).
//!
//! Invariant: a client that may not exchange a token learns nothing of it, not even that this tenant signed
//! it. What a token rests on is judged as a decision judges it, at every hop.

use std::sync::Arc;

use deputy_mandate::{Instant, Reason, ReasonCode, Reasons};
use deputy_oauth::{
    error::{GrantProblem, OAuthError, RequestProblem},
    token::{DelegateName, ExchangeRequest, PresentedToken, PresentedType},
};
use deputy_token::{access::AccessClaims, freshness::Once};

use super::possession;
use crate::{
    Engine, Refusal, SignedToken,
    clients::Client,
    verify::Examined,
    view::{TenantState, TenantView},
};

/// A token that may be exchanged now, and where the child stands.
pub(super) struct Parent {
    token: Arc<SignedToken>,
    pub(super) place: Place,
    /// The proof by its key that its holder handed on, to be used up.
    pub(super) proof: Option<Once>,
}

/// Whose hop the child is.
pub(super) enum Place {
    /// The parent's holder's own: it narrows its token for itself.
    Holder,
    /// A worker's without registration, below the holder.
    Worker(DelegateName),
    /// The agent's that exchanges.
    Agent,
}

impl Parent {
    /// The parent.
    pub(super) fn token(&self) -> &SignedToken {
        &self.token
    }

    /// What the parent says.
    pub(super) fn claims(&self) -> &AccessClaims {
        self.token.claims()
    }
}

impl Engine {
    /// The presented token, if this client may exchange it now.
    ///
    /// # Errors
    /// `invalid_grant`; `access_denied` while the tenant is halted; `invalid_request` for a worker below another
    /// client's token.
    pub(super) async fn parent(
        &self,
        view: &TenantView,
        client: &Client,
        request: &ExchangeRequest,
        now: Instant,
    ) -> Result<Parent, Refusal> {
        let examined = self.examine_presented(view, &request.subject, now).await?;
        let claims = examined.claims().ok_or_else(|| refusal(GrantProblem::SubjectUnknown))?;
        let place = place(&view.read(), client, claims, request.delegate.as_ref())?;
        let (presented, handed) = (&request.subject.token, request.subject_proof.as_deref());
        let proof = possession::require(view, client, claims, presented, handed, now)?;
        let token = examined.into_live().map_err(dead)?;
        self.require_actor(view, client, request, now).await?;
        may_be_delegated(token.claims())?;
        Ok(Parent { token, place, proof })
    }

    /// Refuses an `actor_token` that is not a live one of the client's own.
    ///
    /// # Errors
    /// `invalid_grant`.
    pub(super) async fn require_actor(
        &self,
        view: &TenantView,
        client: &Client,
        request: &ExchangeRequest,
        now: Instant,
    ) -> Result<(), Refusal> {
        let Some(actor) = &request.actor else { return Ok(()) };
        let actor = self.examine_presented(view, actor, now).await?.into_live();
        let is_client = |actor: &SignedToken| {
            let jkt = actor.claims().cnf.as_ref().map(|cnf| &cnf.jkt);
            actor.claims().client_id == client.agent.id && (jkt.is_none() || jkt == client.jkt.as_ref())
        };
        if actor.is_ok_and(|actor| is_client(&actor)) { Ok(()) } else { Err(refusal(GrantProblem::Actor)) }
    }

    pub(super) async fn examine_presented(
        &self,
        view: &TenantView,
        presented: &PresentedToken,
        now: Instant,
    ) -> Result<Examined, Refusal> {
        let examined = self.examine(view, &presented.token, now).await?;
        // Whoever says what it is must be right about it (RFC 8693 §2.1).
        let is_said =
            examined.signed().is_none_or(|signed| PresentedType::Form(signed.form()) == presented.token_type);
        Ok(if is_said { examined } else { Examined::default() })
    }
}

pub(super) fn refusal(problem: GrantProblem) -> Refusal {
    Refusal::OAuth(problem.into())
}

/// Whose hop the child would be; an error that says nothing of the token when it is not the client's to hand on.
fn place(
    state: &TenantState,
    client: &Client,
    claims: &AccessClaims,
    delegate: Option<&DelegateName>,
) -> Result<Place, Refusal> {
    let id = &client.agent.id;
    if claims.client_id == *id {
        return Ok(delegate.map_or(Place::Holder, |name| Place::Worker(name.clone())));
    }
    let invited = claims.may_act.as_ref().is_some_and(|may_act| may_act.client_ids.contains(id));
    // As it is registered at present, not as it was when the client authenticated.
    let is_child =
        || state.agents.get(id).is_some_and(|agent| agent.parent.as_ref() == Some(&claims.agent.id));
    if !invited && !is_child() {
        return Err(refusal(GrantProblem::SubjectUnknown));
    }
    match delegate {
        None => Ok(Place::Agent),
        Some(_) => Err(Refusal::OAuth(RequestProblem::ForeignDelegate.into())),
    }
}

/// What the token itself says about being handed on.
fn may_be_delegated(claims: &AccessClaims) -> Result<(), Refusal> {
    if !claims.mandate.may_delegate {
        return Err(refusal(GrantProblem::DelegationNotAllowed));
    }
    let ceiling = claims.mandate.max_depth;
    if claims.chain.len() > usize::from(ceiling) {
        return Err(refusal(GrantProblem::Depth { ceiling }));
    }
    Ok(())
}

fn dead(reasons: Vec<Reason>) -> Refusal {
    let has = |code: ReasonCode| reasons.iter().any(|reason| reason.code == code);
    if has(ReasonCode::TenantHalted) {
        return Refusal::OAuth(OAuthError::AccessDenied);
    }
    if has(ReasonCode::RevocationStale) {
        return Refusal::Unavailable { retry_after_secs: 1 };
    }
    match Reasons::new(reasons).and_then(|reasons| reasons.codes().next()) {
        Some(first) => refusal(GrantProblem::SubjectDead(first)),
        None => refusal(GrantProblem::SubjectUnknown),
    }
}
