//! Introspection (RFC 7662): what a live token says, to those whom it concerns.
//!
//! Invariant: of a token that is not live, or not the caller's to know, nothing is said. It writes no
//! event, reads memory only, and answers from the same judgement as a decision.

use std::sync::Arc;

use deputy_store::model::ApiRole;
use deputy_token::access::AccessClaims;

use crate::{Caller, Client, Engine, Refusal, SignedToken, view::TenantView};

impl Engine {
    /// What a live token says, to a key that may ask; `None` is all that is said of any other.
    ///
    /// # Errors
    /// `Forbidden` for a key that may not ask about tokens.
    pub fn introspect(
        &self,
        view: &TenantView,
        caller: &Caller,
        token: &str,
    ) -> Result<Option<Arc<SignedToken>>, Refusal> {
        caller.require(&[ApiRole::Admin, ApiRole::Auditor, ApiRole::Verifier])?;
        let concerns = |claims: &AccessClaims| {
            caller.role != Some(ApiRole::Verifier) || !claims.mandate.audience.is_disjoint(&caller.audiences)
        };
        Ok(self.live(view, token).filter(|signed| concerns(signed.claims())))
    }

    /// The same to an agent, of chains that it is part of.
    #[must_use]
    pub fn introspect_as(&self, view: &TenantView, client: &Client, token: &str) -> Option<Arc<SignedToken>> {
        self.live(view, token).filter(|signed| client.is_part_of(signed.claims()))
    }

    fn live(&self, view: &TenantView, token: &str) -> Option<Arc<SignedToken>> {
        self.examine(view, token, self.inner.sources.now()).into_live().ok()
    }
}

impl Client {
    /// Whether one of the chain's hops is this agent's, or a delegate's below it.
    pub(crate) fn is_part_of(&self, claims: &AccessClaims) -> bool {
        claims.chain.iter().any(|hop| hop.registered_agent() == self.agent.id)
    }
}
