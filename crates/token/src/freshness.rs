//! How long a proof of possession counts, and what must be remembered so that it counts once.
//!
//! Invariant: a proof that is accepted at an instant is refused by its [`Window`] from [`Once::until`] on, so
//! a memory that keeps every [`Once`] until then lets no proof through twice (RFC 9449 section 11.1).

use deputy_mandate::Instant;

/// How old a proof may be, and how far ahead of this clock the clock of its maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Seconds after its `iat` during which it counts.
    pub past_secs: i64,
    /// Seconds by which its `iat` may lie in the future.
    pub ahead_secs: i64,
}

impl Window {
    /// Whether a proof made at `made` counts at `now`.
    pub fn holds(&self, made: Instant, now: Instant) -> bool {
        now < self.until(made) && made <= now.plus_secs(self.ahead_secs)
    }

    /// The first instant at which a proof made at `made` no longer counts.
    pub const fn until(&self, made: Instant) -> Instant {
        made.plus_secs(self.past_secs)
    }
}

/// A proof that was accepted, for the caller's memory: the same key and `jti` again before `until` is a replay.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Once {
    /// Thumbprint of the key that made the proof (RFC 7638).
    pub jkt: String,
    /// The proof's own identifier.
    pub jti: String,
    /// First instant at which the proof is refused by its age.
    pub until: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_counts_from_shortly_before_its_making_to_the_end_of_its_window() {
        let window = Window { past_secs: 60, ahead_secs: 5 };
        let made = Instant::from_secs(1000);
        for (now, counts) in [(994_999, false), (995_000, true), (1_059_999, true), (1_060_000, false)] {
            assert_eq!(window.holds(made, Instant(now)), counts, "{now}");
        }
        assert_eq!(window.until(made), Instant(1_060_000));
    }
}
