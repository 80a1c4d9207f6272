//! The one place that reads the system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use deputy_mandate::Instant;

/// The present.
#[expect(clippy::disallowed_methods, reason = "this is the clock module")]
pub(super) fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
