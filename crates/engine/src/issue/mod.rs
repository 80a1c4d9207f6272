//! Issuing tokens, access tokens and capabilities: to an agent for itself (RFC 6749 §4.4), below a token that it
//! presents or for a person whose token it presents (RFC 8693), or for a person by an assertion (RFC 7523).
//!
//! Everything is computed from one state in memory whose position was taken first; the writer
//! refuses the issue when authority of its chain was taken away after that position, and then it is
//! computed again, the presented token included. So a token that is answered rests on nothing that
//! had been revoked, at any hop.

mod compute;
mod holder;
mod parent;
mod possession;
mod record;
mod seal;

use std::borrow::Cow;

use compute::Origin;
pub(crate) use compute::{grace_left, require_issuable, require_runtime};
use deputy_mandate::{Instant, ReasonCode};
use deputy_oauth::{
    error::{GrantProblem, ProofProblem},
    token::{ExchangeRequest, JwtBearerRequest, TokenResponse, Wanted},
};
use deputy_store::{Append, AppendError, Spend};
use deputy_token::access::AccessClaims;
pub(crate) use record::OfflineHop;
pub(crate) use seal::spiffe_id;

use crate::{
    Engine, MAX_STALENESS_MS, Refusal,
    clients::{Client, refused},
    proofs,
    verify::FirstBlock,
    view::TenantView,
};

/// How often an issue that a revocation overtook is computed again.
const MOST_TRIES: usize = 5;

impl Engine {
    /// Issues a token to an authenticated client for itself.
    ///
    /// # Errors
    /// As the token endpoint answers them.
    pub async fn issue(
        &self,
        view: &TenantView,
        client: &Client,
        wanted: &Wanted,
        request_id: Option<String>,
    ) -> Result<TokenResponse, Refusal> {
        self.grant(view, client, wanted, Basis::Own, request_id).await
    }

    /// Issues a token below one that an authenticated client presents, or on behalf of the person whose it is.
    ///
    /// # Errors
    /// As the token endpoint answers them; `invalid_grant` for a token that is dead, may not be handed on, or
    /// is not this client's to exchange.
    pub async fn exchange(
        &self,
        view: &TenantView,
        client: &Client,
        request: &ExchangeRequest,
        request_id: Option<String>,
    ) -> Result<TokenResponse, Refusal> {
        self.grant(view, client, &request.wanted, Basis::Exchange(request), request_id).await
    }

    /// Issues a token on behalf of a person, by an assertion that lets the client act for them.
    ///
    /// # Errors
    /// As the token endpoint answers them; `invalid_grant` for an assertion that does not.
    pub async fn grant_by_assertion(
        &self,
        view: &TenantView,
        client: &Client,
        request: &JwtBearerRequest,
        request_id: Option<String>,
    ) -> Result<TokenResponse, Refusal> {
        self.grant(view, client, &request.wanted, Basis::Assertion(request), request_id).await
    }

    async fn grant(
        &self,
        view: &TenantView,
        client: &Client,
        wanted: &Wanted,
        basis: Basis<'_>,
        request_id: Option<String>,
    ) -> Result<TokenResponse, Refusal> {
        for _ in 0..MOST_TRIES {
            let now = self.inner.sources.now();
            if view.staleness(now) > MAX_STALENESS_MS {
                return Err(Refusal::Unavailable { retry_after_secs: 1 });
            }
            // Taken before the state that the grant, and the judgement of a presented token, rest on.
            let read_at = view.applied();
            let (origin, wanted) = self.origin(view, client, basis, wanted, now).await?;
            let computed = compute::compute(view, client, &wanted, origin, read_at, now)?;
            let (claims, sealed) = self.seal(view, &computed, wanted.token_type, now).await?;
            require_living_key(view, &claims)?;
            let first_block = FirstBlock::of(&sealed.token);
            let mut spend = client.spend.clone();
            spend.extend(computed.holder_proof().cloned().map(Spend::Proof));
            let append = Append {
                event: record::event(&claims, &computed, &sealed, first_block, request_id.clone()),
                issue: Some(record::issue(&claims, now)),
                read_at: Some(read_at),
                spend,
            };
            match self.inner.writer.append(&view.id, append).await {
                Ok(_) => {
                    if let Some(block) = first_block {
                        self.inner.issued_blocks.keep(block);
                    }
                    return Ok(record::answer(&claims, &computed, sealed, now));
                }
                Err(AppendError::Stale(seq)) => {
                    self.inner.registry.reach(view, seq).await.map_err(|late| {
                        tracing::warn!(tenant = %view.slug, %late, "an issue waits for memory");
                        Refusal::Unavailable { retry_after_secs: 1 }
                    })?;
                }
                Err(AppendError::Replayed(spend)) => return Err(replayed(client, &spend)),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::Unavailable { retry_after_secs: 1 })
    }

    /// What a token rests on at present, and what is asked for within it.
    async fn origin<'w>(
        &self,
        view: &TenantView,
        client: &Client,
        basis: Basis<'_>,
        wanted: &'w Wanted,
        now: Instant,
    ) -> Result<(Origin, Cow<'w, Wanted>), Refusal> {
        match basis {
            Basis::Own => Ok((Origin::Own, Cow::Borrowed(wanted))),
            Basis::Exchange(request) => {
                let origin = match self.person_presented(view, client, request, now).await? {
                    Some(person) => {
                        self.require_actor(view, client, request, now).await?;
                        Origin::For(Box::new(person))
                    }
                    None => Origin::Below(self.parent(view, client, request, now).await?),
                };
                Ok((origin, Cow::Borrowed(wanted)))
            }
            Basis::Assertion(request) => {
                let (person, wanted) = self.person_asserted(view, client, request, now).await?;
                Ok((Origin::For(Box::new(person)), Cow::Owned(wanted)))
            }
        }
    }
}

/// What a client presents beside its own authentication.
#[derive(Clone, Copy)]
enum Basis<'r> {
    Own,
    Exchange(&'r ExchangeRequest),
    Assertion(&'r JwtBearerRequest),
}

/// A token bound to a revoked key would be dead before it is answered.
fn require_living_key(view: &TenantView, claims: &AccessClaims) -> Result<(), Refusal> {
    let own = claims.chain.last().map_or(&[][..], std::slice::from_ref);
    match claims.cnf.is_some() && view.read().revocations.reaches(own).is_some() {
        true => Err(proofs::refused(ProofProblem::Revoked)),
        false => Ok(()),
    }
}

fn replayed(client: &Client, spend: &Spend) -> Refusal {
    match spend {
        Spend::Assertion { .. } => refused(),
        Spend::Proof(once) if client.jkt.as_ref() == Some(&once.jkt) => {
            proofs::refused(ProofProblem::Replayed)
        }
        Spend::Proof(_) => parent::refusal(GrantProblem::SubjectDead(ReasonCode::ProofInvalid)),
    }
}
