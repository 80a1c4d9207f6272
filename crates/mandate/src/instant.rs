//! Points in time as Unix milliseconds.
//!
//! This crate reads no clock: every instant is handed in. Sealed forms carry whole seconds, so the two
//! roundings are named after what they protect: an expiry rounds down, a start rounds up.

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    /// The instant `secs` whole seconds after the epoch; saturates.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Whole seconds since the epoch, rounded down: what an expiry seals to.
    #[must_use]
    pub const fn as_secs_floor(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Whole seconds since the epoch, rounded up: what a start seals to.
    #[must_use]
    pub const fn as_secs_ceil(self) -> i64 {
        let floor = self.0.div_euclid(1000);
        if self.0.rem_euclid(1000) == 0 { floor } else { floor.saturating_add(1) }
    }

    /// The instant `secs` seconds later (earlier when negative); saturates.
    #[must_use]
    pub const fn plus_secs(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs.saturating_mul(1000)))
    }
}

#[cfg(test)]
mod tests {
    use super::Instant;

    #[test]
    fn rounds_outward_never() {
        assert_eq!(Instant(1999).as_secs_floor(), 1);
        assert_eq!(Instant(1001).as_secs_ceil(), 2);
        assert_eq!(Instant(2000).as_secs_ceil(), 2);
        assert_eq!(Instant(-1).as_secs_floor(), -1);
        assert_eq!(Instant(-1).as_secs_ceil(), 0);
        assert_eq!(Instant::from_secs(i64::MAX).plus_secs(1), Instant(i64::MAX));
    }
}
