//! The issuer's keys, kept fresh while they are used.
//!
//! Invariants: one fetch at a time; a `kid` that is not known fetches once per cool-down, however many ask; the
//! last good set is used while the issuer does not answer, until it is too old, then none is.

use std::future::Future;
use std::sync::Arc;

use deputy_mandate::Instant;
use parking_lot::RwLock;
use tokio::sync::Mutex;

use super::fetch::{FetchError, Fetched, Fetcher};
use crate::keys::KeySet;

/// Where key sets come from.
pub(super) trait FetchKeys: Send + Sync + 'static {
    /// The present set.
    fn fetch(&self) -> impl Future<Output = Result<Fetched, FetchError>> + Send;
}

/// The set at a URL.
#[derive(Debug)]
pub(super) struct KeysAt {
    pub(super) fetcher: Fetcher,
    pub(super) url: String,
}

impl FetchKeys for KeysAt {
    async fn fetch(&self) -> Result<Fetched, FetchError> {
        self.fetcher.document(&self.url).await
    }
}

/// How long a set is fresh when the issuer does not say, and the bounds of what it may say, in seconds.
const DEFAULT_FRESH: u64 = 300;
const FRESH: std::ops::RangeInclusive<u64> = 10..=3600;

/// Times that rotation keeps to, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Between two fetches for a `kid` that is not known.
    pub(super) cool_down_ms: i64,
    /// How old the last good set may be.
    pub(super) max_stale_ms: i64,
}

#[derive(Debug)]
struct Held {
    keys: Arc<KeySet>,
    fetched_at: Instant,
    fresh_until: Instant,
}

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct KeyRing<F> {
    source: F,
    pace: Pace,
    held: RwLock<Held>,
    /// When a fetch was last made because somebody needed it; held while one is in flight.
    asked: Mutex<Option<Instant>>,
}

impl<F: FetchKeys> KeyRing<F> {
    /// Fetches the first set.
    pub(super) async fn start(source: F, pace: Pace, now: Instant) -> Result<Self, FetchError> {
        let held = fetched(&source, now).await?;
        Ok(Self { source, pace, held: RwLock::new(held), asked: Mutex::new(None) })
    }

    /// The keys to verify with; when `kid` is not among them, or they are too old, after trying to get newer ones.
    pub(super) async fn keys_for(&self, kid: Option<&str>, now: Instant) -> Arc<KeySet> {
        if let Some(keys) = self.have(kid, now) {
            return keys;
        }
        let mut asked = self.asked.lock().await;
        // Who held the lock before may have fetched what is wanted.
        if let Some(keys) = self.have(kid, now) {
            return keys;
        }
        if asked.is_none_or(|at| now.0.saturating_sub(at.0) >= self.pace.cool_down_ms) {
            *asked = Some(now);
            self.replace(now).await;
        }
        self.usable(now)
    }

    /// Fetches the set again; the old one stays when that fails.
    pub(super) async fn refresh(&self, now: Instant) {
        let _one_in_flight = self.asked.lock().await;
        self.replace(now).await;
    }

    /// When the set was fetched, and until when it is fresh.
    pub(super) fn times(&self) -> (Instant, Instant) {
        let held = self.held.read();
        (held.fetched_at, held.fresh_until)
    }

    fn have(&self, kid: Option<&str>, now: Instant) -> Option<Arc<KeySet>> {
        let held = self.held.read();
        let known = kid.is_none_or(|kid| held.keys.find(kid).is_some());
        (known && self.is_usable(&held, now)).then(|| held.keys.clone())
    }

    fn usable(&self, now: Instant) -> Arc<KeySet> {
        let held = self.held.read();
        if self.is_usable(&held, now) { held.keys.clone() } else { Arc::default() }
    }

    fn is_usable(&self, held: &Held, now: Instant) -> bool {
        now.0.saturating_sub(held.fetched_at.0) < self.pace.max_stale_ms
    }

    async fn replace(&self, now: Instant) {
        match fetched(&self.source, now).await {
            Ok(held) => *self.held.write() = held,
            Err(error) => tracing::warn!(%error, "the issuer's keys could not be fetched"),
        }
    }
}

async fn fetched(source: &impl FetchKeys, now: Instant) -> Result<Held, FetchError> {
    let Fetched { text, max_age } = source.fetch().await?;
    let keys = KeySet::parse(&text).map_err(|_| FetchError::Malformed)?;
    let fresh = max_age.unwrap_or(DEFAULT_FRESH).clamp(*FRESH.start(), *FRESH.end());
    let fresh_until = now.plus_secs(i64::try_from(fresh).unwrap_or(i64::MAX));
    Ok(Held { keys: Arc::new(keys), fetched_at: now, fresh_until })
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
