//! The one place that reads the system's clock; everything else takes an [`Instant`] or a [`Clock`].

use std::sync::Arc;

use deputy_mandate::Instant;

/// Where the time comes from: the system's clock in production, a set one in tests.
pub trait Clock: Send + Sync + 'static {
    /// The present, in Unix milliseconds.
    fn now(&self) -> Instant;
}

/// A clock that can be shared.
pub type SharedClock = Arc<dyn Clock>;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock module")]
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
