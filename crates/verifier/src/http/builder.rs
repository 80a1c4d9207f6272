//! Setting up a verifier.
//!
//! Invariant: what is weaker than the default has a name that says so.

use std::sync::Arc;
use std::time::Duration;

use deputy_mandate::Instant;
use deputy_token::capability::AudienceKey;
use deputy_token::freshness::Window;
use parking_lot::RwLock;
use reqwest::Certificate;
use tokio::sync::oneshot;

use super::discovery::{self, DiscoveryError};
use super::fetch::{FetchError, Fetcher, PATIENCE};
use super::keys::{KeyRing, KeysAt, Pace};
use super::report::Reporter;
use super::verifier::{Inner, Tasks, Verifier};
use super::{clock, follow};
use crate::policy::{Policy, Revocations};
use crate::replay::{InProcess, ReplayMemory};
use crate::view::RevocationView;

/// Between two fetches of the keys for a `kid` that is not known.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// How old the last good set of keys may be.
const KEYS_MAX_STALE: Duration = Duration::from_secs(3600);

/// Why a verifier does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No audience was given.
    #[error("a verifier needs the audience that it answers for")]
    NoAudience,
    /// No API key was given, and the verifier was not told to look at expiry only.
    #[error("a verifier needs an API key for the revocation feed, or `expiry_only`")]
    NoKey,
    /// The online meter needs an API key.
    #[error("the online meter needs an API key")]
    NoKeyForMeter,
    /// A capability key is for another audience.
    #[error("the capability key `{kid}` is for another audience")]
    CapabilityKey {
        /// Which key.
        kid: String,
    },
    /// The issuer's URL, the API key or a certificate cannot be used.
    #[error("the verifier cannot be set up: {0}")]
    Setup(#[source] FetchError),
    /// The issuer could not be discovered.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// Its keys could not be fetched.
    #[error("the issuer's keys could not be fetched: {0}")]
    Keys(#[source] FetchError),
    /// The revocation feed did not open.
    #[error("the revocation feed could not be followed: {0}")]
    Feed(#[source] FetchError),
}

/// What a verifier is made from; see [`Verifier::builder`].
#[must_use]
pub struct VerifierBuilder {
    policy: Policy,
    key: Option<String>,
    roots: Vec<Certificate>,
    online_meter: bool,
    report_uses: bool,
    replays: Arc<dyn ReplayMemory>,
    pace: Pace,
}

impl VerifierBuilder {
    pub(super) fn new(issuer: &str) -> Self {
        Self {
            policy: Policy::new(issuer, ""),
            key: None,
            roots: Vec::new(),
            online_meter: false,
            report_uses: true,
            replays: Arc::new(InProcess::default()),
            pace: Pace { cool_down_ms: millis(COOL_DOWN), max_stale_ms: millis(KEYS_MAX_STALE) },
        }
    }

    /// The resource server's own URI, as the issuer knows it. Required.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.policy.audience = audience.into();
        self
    }

    /// An API key with the role `verifier` for this audience: it opens the revocation feed, the reports and the
    /// meter.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// A key with which capabilities for this audience are sealed; several while they are replaced.
    pub fn capability_key(mut self, key: AudienceKey) -> Self {
        self.policy.capability_keys.push(key);
        self
    }

    /// How old the knowledge of revocations may be; 10 seconds unless said otherwise. The issuer speaks at least
    /// every 5 seconds, so a shorter time denies in between.
    pub fn max_staleness(mut self, longest: Duration) -> Self {
        self.policy.revocations = Revocations::Within { max_staleness_ms: millis(longest) };
        self
    }

    /// Accepts a credential until it expires, also when nothing is known of revocations. With an API key the feed
    /// is followed all the same, and what is known to be dead is refused.
    pub fn expiry_only(mut self) -> Self {
        self.policy.revocations = Revocations::ExpiryOnly;
        self
    }

    /// Asks the issuer about metered credentials, one request a use. Without it they are denied with
    /// `online_check_required`.
    pub fn online_meter(mut self) -> Self {
        self.online_meter = true;
        self
    }

    /// Does not report offline decisions to the issuer's log.
    pub fn without_reports(mut self) -> Self {
        self.report_uses = false;
        self
    }

    /// Where used proofs are remembered, for services of several processes.
    pub fn replay_memory(mut self, memory: Arc<dyn ReplayMemory>) -> Self {
        self.replays = memory;
        self
    }

    /// How long proofs count: those of DPoP, and those that go with attenuating agent tokens.
    pub fn proof_windows(mut self, dpop: Window, pop: Window) -> Self {
        (self.policy.dpop_window, self.policy.pop_window) = (dpop, pop);
        self
    }

    /// How the issuer's keys are kept: how long between two fetches for a `kid` that is not known, and how long
    /// the last good set is used while the issuer does not answer.
    pub fn key_rotation(mut self, cool_down: Duration, max_stale: Duration) -> Self {
        self.pace = Pace { cool_down_ms: millis(cool_down), max_stale_ms: millis(max_stale) };
        self
    }

    /// Trusts one more certificate authority.
    ///
    /// # Errors
    /// [`StartError::Setup`] when it is not PEM.
    pub fn root_certificate(mut self, pem: &[u8]) -> Result<Self, StartError> {
        let root =
            Certificate::from_pem(pem).map_err(|error| StartError::Setup(FetchError::Transport(error)))?;
        self.roots.push(root);
        Ok(self)
    }

    /// Discovers the issuer, fetches its keys, and waits for the first message of the revocation feed. Must be
    /// called inside a tokio runtime; it follows both until the last clone of the verifier is dropped.
    ///
    /// # Errors
    /// [`StartError`]. Nothing runs on then; whoever wants to start without the issuer tries again.
    pub async fn start(self) -> Result<Verifier, StartError> {
        let Self { policy, key, roots, online_meter, report_uses, replays, pace } = self;
        if policy.audience.is_empty() {
            return Err(StartError::NoAudience);
        }
        if let Some(other) = policy.capability_keys.iter().find(|key| key.audience() != policy.audience) {
            return Err(StartError::CapabilityKey { kid: other.kid().as_str().to_owned() });
        }
        if key.is_none() && policy.revocations != Revocations::ExpiryOnly {
            return Err(StartError::NoKey);
        }
        if key.is_none() && online_meter {
            return Err(StartError::NoKeyForMeter);
        }
        let has_key = key.is_some();
        let fetcher = Fetcher::new(&policy.issuer, key.as_deref(), roots).map_err(StartError::Setup)?;
        let url = discovery::jwks_uri(&fetcher).await?;
        let source = KeysAt { fetcher: fetcher.clone(), url };
        let keys = KeyRing::start(source, pace, clock::now()).await.map_err(StartError::Keys)?;
        let inner = Arc::new(Inner {
            policy,
            fetcher,
            keys,
            view: RwLock::new(RevocationView::default()),
            replays,
            online_meter,
            reporter: (report_uses && has_key).then(Reporter::default),
        });
        let tasks = spawn(&inner);
        if has_key {
            follow_feed(&inner, &tasks).await?;
        }
        Ok(Verifier::new(inner, tasks))
    }
}

fn spawn(inner: &Arc<Inner>) -> Tasks {
    let tasks = Tasks::default();
    let keys = inner.clone();
    tasks.spawn(async move { keys.refresh_keys().await });
    if inner.reporter.is_some() {
        let reports = inner.clone();
        tasks.spawn(async move { reports.report().await });
    }
    tasks
}

/// Follows the feed, and waits for its first message unless expiry is enough.
async fn follow_feed(inner: &Arc<Inner>, tasks: &Tasks) -> Result<(), StartError> {
    let (first, told) = oneshot::channel();
    let feed = inner.clone();
    tasks.spawn(async move { follow::follow(&feed.fetcher, &feed.view, first).await });
    if inner.policy.revocations == Revocations::ExpiryOnly {
        return Ok(());
    }
    match tokio::time::timeout(PATIENCE, told).await {
        Ok(Ok(outcome)) => outcome.map_err(StartError::Feed),
        Ok(Err(_)) | Err(_) => Err(StartError::Feed(FetchError::Silent)),
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// How long from one instant to a later one.
pub(super) fn between(from: Instant, to: Instant) -> Duration {
    Duration::from_millis(u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0))
}
