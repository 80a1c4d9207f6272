//! Issuing tokens, access tokens and capabilities: to an agent for itself (RFC 6749 §4.4), or below a token that it presents (RFC 8693).
//!
//! Everything is computed from one state in memory whose position was taken first; the writer
//! refuses the issue when authority of its chain was taken away after that position, and then it is
//! computed again, the presented token included. So a token that is answered rests on nothing that
//! had been revoked, at any hop.

mod compute;
mod parent;
mod record;
mod seal;

use deputy_oauth::token::{ExchangeRequest, TokenResponse, Wanted};
use deputy_store::{Append, AppendError};
pub(crate) use record::OfflineHop;
pub(crate) use seal::spiffe_id;

use crate::{
    Engine, MAX_STALENESS_MS, Refusal,
    clients::{Client, refused},
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
            let computed = compute::compute(view, &client.agent.id, wanted, parent, read_at, now)?;
            let form = wanted.token_type;
            let (claims, sealed) = self.seal(view, &computed, form, now).await?;
            let first_block = FirstBlock::of(&sealed.token);
            let spend = client.spend.as_ref();
            let append = Append {
                event: record::event(&claims, &computed, form, &sealed, first_block, request_id.clone()),
                issue: Some(record::issue(&claims, now)),
                read_at: Some(read_at),
                spend: spend.map(|(jti, until)| (client.agent.id.clone(), jti.clone(), *until)),
            };
            match self.inner.writer.append(&view.id, append).await {
                Ok(_) => {
                    if let Some(block) = first_block {
                        self.inner.issued_blocks.keep(block);
                    }
                    return Ok(record::answer(&claims, &computed, form, sealed, now));
                }
                Err(AppendError::Stale(seq)) => {
                    self.inner.registry.reach(view, seq).await.map_err(|late| {
                        tracing::warn!(tenant = %view.slug, %late, "an issue waits for memory");
                        Refusal::Unavailable { retry_after_secs: 1 }
                    })?;
                }
                Err(AppendError::Replayed) => return Err(refused()),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::Unavailable { retry_after_secs: 1 })
    }
}
