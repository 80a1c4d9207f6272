//! Issuing tokens, access tokens and capabilities: to an agent for itself (RFC 6749 §4.4), or below a token that it presents (RFC 8693).
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

use deputy_mandate::ReasonCode;
use deputy_oauth::{
    error::{GrantProblem, ProofProblem},
    token::{ExchangeRequest, TokenResponse, Wanted},
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
        self.grant(view, client, wanted, None, request_id).await
    }

    /// Issues a token below one that an authenticated client presents.
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
        self.grant(view, client, &request.wanted, Some(request), request_id).await
    }

    async fn grant(
        &self,
        view: &TenantView,
        client: &Client,
        wanted: &Wanted,
        exchange: Option<&ExchangeRequest>,
        request_id: Option<String>,
    ) -> Result<TokenResponse, Refusal> {
        for _ in 0..MOST_TRIES {
            let now = self.inner.sources.now();
            if view.staleness(now) > MAX_STALENESS_MS {
                return Err(Refusal::Unavailable { retry_after_secs: 1 });
            }
            // Taken before the state that the grant, and the judgement of a presented token, rest on.
            let read_at = view.applied();
            let parent = match exchange {
                Some(request) => Some(self.parent(view, client, request, now).await?),
                None => None,
            };
            let computed = compute::compute(view, client, wanted, parent, read_at, now)?;
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
