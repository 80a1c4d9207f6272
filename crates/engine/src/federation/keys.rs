//! The keys of those who vouch for others, out of the cache that asks them.

use std::sync::Arc;

use deputy_federation::keys::{COOL_DOWN_SECS, KeySource, KeysError, Provider, Wanted};
use deputy_mandate::Instant;
use deputy_token::keys::JwkSet;

use crate::{Engine, Refusal, view::TenantView};

impl Engine {
    /// What is known of an upstream issuer, with the wanted key if there is one.
    ///
    /// # Errors
    /// `Unavailable` while its keys cannot be had.
    pub(crate) async fn keys_of(
        &self,
        view: &TenantView,
        source: &KeySource,
        wanted: Option<Wanted<'_>>,
        now: Instant,
    ) -> Result<Provider, Refusal> {
        let provider = self.inner.keys.provider(&view.id, source, wanted, now).await;
        provider.map_err(|error: KeysError| {
            tracing::warn!(tenant = %view.slug, %error, "an issuer's keys cannot be had");
            Refusal::Unavailable { retry_after_secs: u32::try_from(COOL_DOWN_SECS).unwrap_or(1) }
        })
    }

    /// The keys that a token of an identity provider can be judged with.
    pub(super) async fn provider_keys(
        &self,
        view: &TenantView,
        issuer: &str,
        wanted: Option<Wanted<'_>>,
        now: Instant,
    ) -> Result<Arc<JwkSet>, Refusal> {
        let source = KeySource::Discovery { issuer: issuer.to_owned() };
        Ok(self.keys_of(view, &source, wanted, now).await?.keys)
    }
}
