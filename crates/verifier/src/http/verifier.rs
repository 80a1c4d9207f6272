//! The verifier that a service holds: one decision per call, and three tasks in the background.
//!
//! Invariant: a decision of an unmetered credential waits for nobody, but for the issuer's keys when it is signed
//! with one that is not known.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use deputy_mandate::{Instant, Request};
use parking_lot::{Mutex, RwLock};
use tokio::task::AbortHandle;

use super::builder::{VerifierBuilder, between};
use super::fetch::Fetcher;
use super::keys::{KeyRing, KeysAt};
use super::report::Reporter;
use super::{clock, meter};
use crate::credential::Unverified;
use crate::policy::Policy;
use crate::presented::Presented;
use crate::replay::ReplayMemory;
use crate::verdict::Verdict;
use crate::view::RevocationView;

/// Shortest time between two looks at the keys in the background.
const KEYS_PAUSE: Duration = Duration::from_secs(10);

pub(super) struct Inner {
    pub(super) policy: Policy,
    pub(super) fetcher: Fetcher,
    pub(super) keys: KeyRing<KeysAt>,
    pub(super) view: RwLock<RevocationView>,
    pub(super) replays: Arc<dyn ReplayMemory>,
    pub(super) online_meter: bool,
    pub(super) reporter: Option<Reporter>,
}

impl Inner {
    /// Fetches the keys again whenever they are no longer fresh.
    pub(super) async fn refresh_keys(&self) {
        loop {
            let (_, fresh_until) = self.keys.times();
            tokio::time::sleep(between(clock::now(), fresh_until).max(KEYS_PAUSE)).await;
            self.keys.refresh(clock::now()).await;
        }
    }

    /// Sends reports.
    pub(super) async fn report(&self) {
        if let Some(reporter) = &self.reporter {
            reporter.run(&self.fetcher).await;
        }
    }
}

/// What runs in the background; it ends with this value.
#[derive(Default)]
pub(super) struct Tasks(Mutex<Vec<AbortHandle>>);

impl Tasks {
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.lock().push(tokio::spawn(task).abort_handle());
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.lock().iter().for_each(AbortHandle::abort);
    }
}

/// Checks the credentials of one issuer for one audience. Clones share everything; the background ends with the
/// last of them.
#[derive(Clone)]
pub struct Verifier {
    inner: Arc<Inner>,
    _tasks: Arc<Tasks>,
}

/// How a verifier fares, for health checks and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// When everything was known of revocations; absent before the first message.
    pub revocations_as_of: Option<Instant>,
    /// Revocations held.
    pub revocations: usize,
    /// When the keys were fetched.
    pub keys_fetched_at: Instant,
    /// Offline decisions that the issuer has not been told of yet.
    pub reports_waiting: usize,
    /// Offline decisions that it never will be: there were too many, or it refused them.
    pub reports_lost: u64,
}

impl Verifier {
    /// A verifier of the credentials of this issuer, `{public_url}/t/{tenant}`, byte for byte.
    pub fn builder(issuer: &str) -> VerifierBuilder {
        VerifierBuilder::new(issuer)
    }

    pub(super) fn new(inner: Arc<Inner>, tasks: Tasks) -> Self {
        Self { inner, _tasks: Arc::new(tasks) }
    }

    /// Decides one request. A denial carries every reason.
    pub async fn check(&self, presented: &Presented<'_>, request: &Request) -> Verdict {
        let inner = &*self.inner;
        let unverified = match Unverified::parse(presented.token) {
            Ok(unverified) => unverified,
            Err(error) => return Verdict::refused(&error),
        };
        let keys = inner.keys.keys_for(unverified.kid(), clock::now()).await;
        // Waiting for keys may have taken a while.
        let now = clock::now();
        let signed = match inner.policy.verify(unverified, &keys) {
            Ok(signed) => signed,
            Err(error) => return Verdict::refused(&error),
        };
        let proof = inner.policy.prove(&signed, presented, request, now);
        // Signatures are verified by now: the lock is held for a few look-ups.
        let verdict = inner.policy.decide(signed, proof, request, &inner.view.read(), &*inner.replays, now);
        if inner.online_meter && verdict.needs_meter() {
            return self.ask(verdict, presented, request).await;
        }
        if let Some(reporter) = &inner.reporter {
            reporter.note(&verdict, request, &inner.policy.audience, now);
        }
        verdict
    }

    /// What the issuer says to a use of a metered credential; it writes the event itself.
    async fn ask(&self, verdict: Verdict, presented: &Presented<'_>, request: &Request) -> Verdict {
        let Some(signed) = verdict.signed() else { return verdict };
        let Policy { audience, .. } = &self.inner.policy;
        let decision = meter::ask(&self.inner.fetcher, audience, presented, request, signed.claims()).await;
        verdict.with(decision)
    }

    /// What it insists on.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// How it fares.
    #[must_use]
    pub fn status(&self) -> Status {
        let (as_of, revocations) = {
            let view = self.inner.view.read();
            (view.as_of(), view.len())
        };
        let (waiting, lost) = self.inner.reporter.as_ref().map(Reporter::counts).unwrap_or_default();
        Status {
            revocations_as_of: as_of,
            revocations,
            keys_fetched_at: self.inner.keys.times().0,
            reports_waiting: waiting,
            reports_lost: lost,
        }
    }

    /// Reports what waits, before a service ends; says whether everything was taken in that time.
    pub async fn flush(&self, within: Duration) -> bool {
        match &self.inner.reporter {
            Some(reporter) => reporter.flush(within).await,
            None => true,
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Policy { issuer, audience, .. } = &self.inner.policy;
        f.debug_struct("Verifier").field("issuer", issuer).field("audience", audience).finish_non_exhaustive()
    }
}
