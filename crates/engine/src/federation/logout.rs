//! Sessions that end at the identity provider end here (OpenID Connect Back-Channel Logout §2.5).
//!
//! Invariant: a logout token counts once, so that one that was seen cannot end later sessions.

use deputy_federation::{assertion::Assertion, sign_in::verify_logout_token};
use deputy_oauth::error::RequestProblem;
use deputy_store::{Append, AppendError, Spend};

use super::person::find_provider;
use crate::{Caller, Engine, Refusal, view::TenantView};

fn refused() -> Refusal {
    Refusal::OAuth(RequestProblem::Malformed("logout_token").into())
}

impl Engine {
    /// Ends the sessions that a logout token is about.
    ///
    /// # Errors
    /// `invalid_request` for a token that is none (§2.8); `Unavailable` while the issuer's keys cannot be had.
    pub async fn back_channel_logout(
        &self,
        view: &TenantView,
        token: &str,
        request_id: Option<String>,
    ) -> Result<(), Refusal> {
        let assertion = Assertion::parse(token).map_err(|_| refused())?;
        let issuer = assertion.issuer().ok_or_else(refused)?;
        let provider =
            find_provider(view, issuer).filter(|provider| provider.dashboard).ok_or_else(refused)?;
        let client_id = provider.client_id.as_deref().ok_or_else(refused)?;
        let now = self.inner.sources.now();
        let keys = self.provider_keys(view, issuer, Some(assertion.wanted()), now).await?;
        let ended = verify_logout_token(token, &keys, issuer, client_id, now).map_err(|error| {
            tracing::info!(tenant = %view.slug, %issuer, %error, "a logout token is refused");
            refused()
        })?;
        let (subject, sid) = (ended.subject.as_deref(), ended.sid.as_deref());
        let detail = serde_json::json!({"issuer": issuer, "subject": subject, "sid": sid});
        let caller = Caller { request_id, ..Caller::system() };
        let event = caller.event("session.ended_by_provider").detail(&detail);
        let once = Spend::Assertion {
            client: format!("logout {}", provider.id),
            jti: ended.jti.clone(),
            until: ended.expires_at.plus_secs(crate::clients::LEEWAY_SECS),
        };
        let append = Append { event, spend: vec![once], ..Append::default() };
        match self.inner.writer.append(&view.id, append).await {
            Err(AppendError::Replayed(_)) => return Err(refused()),
            other => other?,
        };
        self.inner.database.end_vouched(&view.id, issuer, subject, sid).await?;
        Ok(())
    }
}
