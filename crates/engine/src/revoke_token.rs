//! Revocation of a token by whoever holds it (RFC 7009), or by an administrator who has found it.
//!
//! A token that is unknown, expired, revoked already or not the caller's gets the same answer as one
//! that was just revoked (section 2.2): nothing is learnt by trying. Invariant: what is answered is in
//! force here, and below the token everything is dead with it.

use std::sync::Arc;

use deputy_store::event::EventDraft;
use deputy_token::revocation::Target;
use serde::Serialize;

use crate::{Caller, Client, Engine, Refusal, SignedToken, verify::Unsigned, view::TenantView};

const BY_CLIENT: &str = "revoked by its client";
const BY_ADMIN: &str = "revoked by an administrator who presented it";

impl Engine {
    /// Revokes a token for an agent of its chain.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be written.
    pub async fn revoke_token_as(
        &self,
        view: &TenantView,
        client: &Client,
        token: &str,
        request_id: Option<String>,
    ) -> Result<(), Refusal> {
        let signed = self.revocable(view, token).await?;
        let Some(signed) = signed.filter(|signed| client.is_part_of(signed.claims())) else { return Ok(()) };
        let actor = format!("agent:{}", client.agent.id);
        let event = EventDraft { request_id, ..EventDraft::new("revocation.created", actor) };
        self.kill(view, &signed, event, BY_CLIENT).await
    }

    /// Revokes a token for an administrator.
    ///
    /// # Errors
    /// `Forbidden` for any other key; `Unavailable` when it cannot be written.
    pub async fn revoke_token(&self, view: &TenantView, caller: &Caller, token: &str) -> Result<(), Refusal> {
        caller.require_admin()?;
        let Some(signed) = self.revocable(view, token).await? else { return Ok(()) };
        self.kill(view, &signed, caller.event("revocation.created"), BY_ADMIN).await
    }

    /// A token that the tenant signed, that has not ended and that no revocation has reached.
    async fn revocable(&self, view: &TenantView, token: &str) -> Result<Option<Arc<SignedToken>>, Refusal> {
        let now = self.inner.sources.now();
        let signed = match self.signed(view, token, now).await {
            Ok(signed) => signed,
            Err(Unsigned::Refused(_)) => return Ok(None),
            Err(Unsigned::Unknown(refusal)) => return Err(refusal),
        };
        let claims = signed.claims();
        let over =
            now >= claims.mandate.expires_at || view.read().revocations.reaches(&claims.chain).is_some();
        Ok((!over).then_some(signed))
    }

    async fn kill(
        &self,
        view: &TenantView,
        signed: &SignedToken,
        event: EventDraft,
        reason: &'static str,
    ) -> Result<(), Refusal> {
        #[derive(Serialize)]
        struct Detail<'a> {
            id: &'a str,
            reason: &'a str,
            target: &'a Target,
        }
        let claims = signed.claims();
        let id = self.inner.sources.id()?;
        let target = Target::Credential(claims.jti().to_owned());
        let mut event = event.detail(&Detail { id: &id, reason, target: &target });
        event.agent = Some(claims.client_id.clone());
        event.owners.clone_from(&claims.agent.owners);
        event.credential = Some(claims.jti().to_owned());
        event.subject = claims.chain.last().and_then(|hop| hop.sub.clone());
        event.chain.clone_from(&claims.chain);
        self.change(view, move |tx| {
            Box::pin(async move {
                tx.revoke(id, target, reason, event);
                Ok(())
            })
        })
        .await?;
        Ok(())
    }
}
