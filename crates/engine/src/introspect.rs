//! Introspection (RFC 7662): what a live token says, to those whom it concerns.
//!
//! Invariant: of a token that is not live, or not the caller's to know, nothing is said. It writes no
//! event, reads memory (see [`Engine::examine`]), and answers from the same judgement as a decision.

use std::sync::Arc;

use deputy_store::model::ApiRole;
use deputy_token::access::AccessClaims;

use crate::{Caller, Client, Engine, Refusal, SignedToken, view::TenantView};

impl Engine {
    /// What a live token says, to a key that may ask; `None` is all that is said of any other.
    ///
    /// # Errors
    /// `Forbidden` for a key that may not ask about tokens; `Unavailable` as [`Engine::examine`].
    pub async fn introspect(
        &self,
        view: &TenantView,
        caller: &Caller,
        token: &str,
    ) -> Result<Option<Arc<SignedToken>>, Refusal> {
        caller.require(&[ApiRole::Admin, ApiRole::Auditor, ApiRole::Verifier])?;
        let concerns = |claims: &AccessClaims| {
            caller.role != Some(ApiRole::Verifier) || !claims.mandate.audience.is_disjoint(&caller.audiences)
        };
        Ok(self.live(view, token).await?.filter(|signed| concerns(signed.claims())))
    }

    /// The same to an agent, of chains that it is part of.
    ///
    /// # Errors
    /// `Unavailable` as [`Engine::examine`].
    pub async fn introspect_as(
        &self,
        view: &TenantView,
        client: &Client,
        token: &str,
    ) -> Result<Option<Arc<SignedToken>>, Refusal> {
        Ok(self.live(view, token).await?.filter(|signed| client.is_part_of(signed.claims())))
    }

    async fn live(&self, view: &TenantView, token: &str) -> Result<Option<Arc<SignedToken>>, Refusal> {
        Ok(self.examine(view, token, self.inner.sources.now()).await?.into_live().ok())
    }
}

impl Client {
    /// Whether one of the chain's hops is this agent's, or a delegate's below it.
    pub(crate) fn is_part_of(&self, claims: &AccessClaims) -> bool {
        claims.chain.iter().any(|hop| hop.registered_agent() == self.agent.id)
    }
}
