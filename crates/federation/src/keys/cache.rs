//! The keys of other issuers, kept for a while.
//!
//! Invariants: a set younger than its `max-age` (at most [`MAX_AGE_SECS`]) is used as it is; a token whose key it does
//! not have causes one refresh, and no second within [`COOL_DOWN_SECS`] whatever is presented; an older set is
//! renewed before it is used, so that a withdrawn key is dead by then. When the issuer does not answer, the last
//! good set serves until it is [`MAX_STALE_SECS`] old, and then nothing does; an answer that takes back every key is
//! believed at once. One refresh of an issuer is under way at a time, to its end, whoever waits for it; and an issuer
//! of one tenant never waits for another's.

use std::collections::HashMap;
use std::sync::Arc;

use deputy_mandate::Instant;
use deputy_token::keys::{JwkError, JwkSet};
use parking_lot::{Mutex, RwLock};
use tokio::sync::OwnedMutexGuard;
use tracing::Instrument as _;

use super::bundle::svid_keys;
use super::discovery::{DiscoveryError, Metadata, discovery_url};
use super::source::{KeySource, Wanted};
use crate::fetch::{Fetch, FetchError};

/// How long a set is used without asking again, unless its issuer says less, in seconds.
pub const MAX_AGE_SECS: i64 = 600;
/// Least time between two refreshes of one issuer, in seconds.
pub const COOL_DOWN_SECS: i64 = 10;
/// How long a set serves while its issuer does not answer, in seconds.
pub const MAX_STALE_SECS: i64 = 3600;

/// Why there are no keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// The issuer does not answer as it should.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Its discovery document is not good.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// Its key set is not good.
    #[error("the key set is not acceptable: {0}")]
    Keys(#[from] JwkError),
    /// It publishes no key that is supported.
    #[error("the key set holds no signature key of a supported type")]
    NoKeys,
    /// It failed a moment ago and is not asked again yet.
    #[error("the issuer did not answer a moment ago")]
    CoolingDown,
}

/// What is known of an issuer.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its description, when its keys are found through that.
    pub metadata: Option<Arc<Metadata>>,
    /// Its keys.
    pub keys: Arc<JwkSet>,
}

/// The keys of every issuer that has been asked for.
pub struct KeyCache {
    fetch: Arc<dyn Fetch>,
    entries: Mutex<HashMap<(String, String), Arc<Entry>>>,
}

#[derive(Default)]
struct Entry {
    known: RwLock<Option<Known>>,
    /// When it was last asked for; held while it is.
    asked_at: Arc<tokio::sync::Mutex<Option<Instant>>>,
}

#[derive(Clone)]
struct Known {
    provider: Provider,
    fetched_at: Instant,
    max_age_secs: i64,
}

impl Known {
    fn is_fresh(&self, now: Instant) -> bool {
        now < self.fetched_at.plus_secs(self.max_age_secs)
    }

    fn serves(&self, now: Instant) -> bool {
        now < self.fetched_at.plus_secs(MAX_STALE_SECS)
    }
}

impl KeyCache {
    /// A cache that knows nothing yet.
    #[must_use]
    pub fn new(fetch: Arc<dyn Fetch>) -> Self {
        Self { fetch, entries: Mutex::default() }
    }

    /// What fetches.
    #[must_use]
    pub fn fetch(&self) -> &Arc<dyn Fetch> {
        &self.fetch
    }

    /// An issuer of a tenant, with the wanted key if it publishes that; without a wanted key, as it is known.
    ///
    /// # Errors
    /// [`KeysError`] when nothing is known that may still be used.
    pub async fn provider(
        &self,
        tenant: &str,
        source: &KeySource,
        wanted: Option<Wanted<'_>>,
        now: Instant,
    ) -> Result<Provider, KeysError> {
        let name = match (source, source.name()) {
            (KeySource::Fixed(keys), _) => return Ok(Provider { metadata: None, keys: keys.clone() }),
            (_, name) => name.unwrap_or_default(),
        };
        let entry = self.entries.lock().entry((tenant.to_owned(), name)).or_default().clone();
        let answers = |known: &Known| {
            known.is_fresh(now) && wanted.is_none_or(|wanted| wanted.is_in(&known.provider.keys))
        };
        if let Some(known) = entry.known.read().as_ref().filter(|known| answers(known)) {
            return Ok(known.provider.clone());
        }
        let asked_at = entry.asked_at.clone().lock_owned().await;
        // Whoever held the lock may have brought what is wanted.
        if let Some(known) = entry.known.read().as_ref().filter(|known| answers(known)) {
            return Ok(known.provider.clone());
        }
        let mut failed = KeysError::CoolingDown;
        if asked_at.is_none_or(|at| now >= at.plus_secs(COOL_DOWN_SECS)) {
            // A task of its own: whoever presents a token and hangs up must not keep the others without keys.
            let refresh = refresh(self.fetch.clone(), source.clone(), entry.clone(), asked_at, now);
            match tokio::spawn(refresh.in_current_span()).await {
                Ok(Ok(provider)) => return Ok(provider),
                Ok(Err(error)) => failed = error,
                Err(_) => {}
            }
        }
        let known = entry.known.read().clone();
        known.filter(|known| known.serves(now)).map(|known| known.provider).ok_or(failed)
    }

    /// Asks now, whatever is known: to try a configuration. Nothing is kept of it.
    ///
    /// # Errors
    /// [`KeysError`].
    pub async fn probe(&self, source: &KeySource) -> Result<Provider, KeysError> {
        match source {
            KeySource::Fixed(keys) => Ok(Provider { metadata: None, keys: keys.clone() }),
            _ => ask(&*self.fetch, source).await.map(|(provider, _)| provider),
        }
    }
}

/// Asks, and keeps what is answered; `asked_at` is held until then.
async fn refresh(
    fetch: Arc<dyn Fetch>,
    source: KeySource,
    entry: Arc<Entry>,
    mut asked_at: OwnedMutexGuard<Option<Instant>>,
    now: Instant,
) -> Result<Provider, KeysError> {
    // Noted before it is asked, so that a failure of whatever kind cools down.
    *asked_at = Some(now);
    match ask(&*fetch, &source).await {
        Ok((provider, max_age)) => {
            let max_age_secs =
                max_age.map_or(MAX_AGE_SECS, |age| i64::try_from(age).unwrap_or(i64::MAX).min(MAX_AGE_SECS));
            let known = Known { provider: provider.clone(), fetched_at: now, max_age_secs };
            *entry.known.write() = Some(known);
            Ok(provider)
        }
        Err(error) => {
            tracing::warn!(%error, "an issuer's keys cannot be fetched");
            // It did answer: it has no keys any more, or has published what should be secret.
            if matches!(error, KeysError::NoKeys | KeysError::Keys(JwkError::Private(_))) {
                *entry.known.write() = None;
            }
            Err(error)
        }
    }
}

async fn ask(fetch: &dyn Fetch, source: &KeySource) -> Result<(Provider, Option<u64>), KeysError> {
    let (metadata, fetched, is_bundle) = match source {
        KeySource::Discovery { issuer } => {
            let document = fetch.get(&discovery_url(issuer)).await?;
            let metadata = Metadata::parse(&document.text, issuer)?;
            let fetched = fetch.get(&metadata.jwks_uri).await?;
            (Some(Arc::new(metadata)), fetched, false)
        }
        KeySource::Url { jwks_uri } => (None, fetch.get(jwks_uri).await?, false),
        KeySource::Bundle { url } => (None, fetch.get(url).await?, true),
        KeySource::Fixed(keys) => return Ok((Provider { metadata: None, keys: keys.clone() }, None)),
    };
    let keys = if is_bundle { svid_keys(&fetched.text)? } else { JwkSet::parse(&fetched.text)? };
    if keys.keys.is_empty() {
        return Err(KeysError::NoKeys);
    }
    Ok((Provider { metadata, keys: Arc::new(keys) }, fetched.max_age))
}

impl std::fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyCache").field("issuers", &self.entries.lock().len()).finish_non_exhaustive()
    }
}
