//! Rate limits on authentication failures and on writes, per tenant and per client.
//!
//! Invariant: one tenant's or one client's use never takes from another's; a client that is locked out for
//! failures is answered before its next credential is looked at.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::refusal::Refusal;

/// A tenant and, within it, an address or a credential's id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Who {
    /// The tenant's slug; empty for the installation.
    pub tenant: String,
    /// The client.
    pub client: String,
}

/// All limits of one server.
#[derive(Debug)]
pub struct Limits {
    failures: DefaultKeyedRateLimiter<Who>,
    locked: Mutex<HashMap<Who, Instant>>,
    tenant_writes: DefaultKeyedRateLimiter<String>,
    client_writes: DefaultKeyedRateLimiter<Who>,
}

/// Authentication failures: 600 at once, then 20 a second. Guessing 256 bits is hopeless at any rate; this bounds
/// what a broken or hostile client costs, and leaves room for the others behind its address.
const FAILURES: (u32, u32) = (20, 600);
/// Writes of one client: 400 at once, then 100 a second.
const CLIENT_WRITES: (u32, u32) = (100, 400);
/// Writes of one tenant: 2,000 at once, then 500 a second.
const TENANT_WRITES: (u32, u32) = (500, 2_000);
/// More locked-out clients than this are not remembered; each still pays for every failure.
const MOST_LOCKED: usize = 100_000;

impl Default for Limits {
    fn default() -> Self {
        Self {
            failures: RateLimiter::keyed(quota(FAILURES)),
            locked: Mutex::default(),
            tenant_writes: RateLimiter::keyed(quota(TENANT_WRITES)),
            client_writes: RateLimiter::keyed(quota(CLIENT_WRITES)),
        }
    }
}

fn quota((a_second, burst): (u32, u32)) -> Quota {
    let at_least_one = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(at_least_one(a_second)).allow_burst(at_least_one(burst))
}

impl Limits {
    /// Asks, before a credential is looked at, whether this client has failed too often.
    ///
    /// # Errors
    /// `TooMany`.
    pub fn admit(&self, who: &Who) -> Result<(), Refusal> {
        let Ok(locked) = self.locked.lock() else { return Ok(()) };
        match locked.get(who).map(|until| until.saturating_duration_since(Instant::now())) {
            Some(left) if !left.is_zero() => Err(too_many(left)),
            _ => Ok(()),
        }
    }

    /// Notes a failed authentication, and says what to answer: the refusal given, or `TooMany`.
    #[must_use]
    pub fn failed(&self, who: &Who, refusal: Refusal) -> Refusal {
        match check(&self.failures, who) {
            Ok(()) => refusal,
            Err(wait) => {
                if let Ok(mut locked) = self.locked.lock()
                    && locked.len() < MOST_LOCKED
                {
                    locked.insert(who.clone(), Instant::now() + wait);
                }
                too_many(wait)
            }
        }
    }

    /// Takes one write from the client's and the tenant's share.
    ///
    /// # Errors
    /// `TooMany`.
    pub fn write(&self, who: &Who) -> Result<(), Refusal> {
        check(&self.client_writes, who).map_err(too_many)?;
        check(&self.tenant_writes, &who.tenant).map_err(too_many)
    }

    /// Forgets who has been quiet; call it now and then.
    pub fn sweep(&self) {
        self.failures.retain_recent();
        self.tenant_writes.retain_recent();
        self.client_writes.retain_recent();
        if let Ok(mut locked) = self.locked.lock() {
            let now = Instant::now();
            locked.retain(|_, until| *until > now);
        }
    }
}

fn check<K: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Duration> {
    limiter.check_key(key).map_err(|until| until.wait_time_from(DefaultClock::default().now()))
}

fn too_many(wait: Duration) -> Refusal {
    let secs = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
    Refusal::TooMany { retry_after_secs: secs.max(1) }
}

#[cfg(test)]
mod tests {
    use super::{Limits, Who};
    use crate::refusal::Refusal;

    fn who(tenant: &str, client: &str) -> Who {
        Who { tenant: tenant.into(), client: client.into() }
    }

    #[test]
    fn a_client_that_keeps_failing_is_locked_out_alone() {
        let limits = Limits::default();
        let (bad, good) = (who("acme", "203.0.113.9"), who("acme", "203.0.113.10"));
        let mut last = Refusal::Unauthenticated;
        for _ in 0..601 {
            assert!(limits.admit(&bad).is_ok());
            last = limits.failed(&bad, Refusal::Unauthenticated);
        }
        assert!(matches!(last, Refusal::TooMany { retry_after_secs: 1 }), "{last:?}");
        assert!(limits.admit(&bad).is_err());
        assert!(limits.admit(&good).is_ok());
        assert!(limits.admit(&who("globex", "203.0.113.9")).is_ok());
    }

    #[test]
    fn a_noisy_tenant_leaves_the_others_alone() {
        let limits = Limits::default();
        let refused = (0..3_000).filter(|n| limits.write(&who("acme", &format!("key-{}", n % 9))).is_err());
        assert!(refused.count() > 500);
        assert!(limits.write(&who("globex", "key-0")).is_ok());
        limits.sweep();
    }
}
