//! How long to wait before the next try: twice as long after each failure, up to a bound, and never all verifiers
//! at once.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);

/// Counts failures since the last success.
#[derive(Debug)]
pub(super) struct Backoff {
    most: Duration,
    failures: u32,
}

impl Backoff {
    /// Waits of at most `most`.
    pub(super) fn new(most: Duration) -> Self {
        Self { most, failures: 0 }
    }

    /// It worked.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed: how long to wait, for a random number.
    fn next(&mut self, random: u8) -> Duration {
        let full = FIRST.saturating_mul(1 << self.failures.min(16)).min(self.most);
        self.failures = self.failures.saturating_add(1);
        // Between half of it and all of it.
        full / 2 + (full / 2) * u32::from(random) / 255
    }

    /// It failed; waits.
    pub(super) async fn wait(&mut self) {
        let mut random = [u8::MAX];
        // Without randomness the wait is the longest one.
        let _ = aws_lc_rs::rand::fill(&mut random);
        let [random] = random;
        tokio::time::sleep(self.next(random)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_bound_and_start_again() {
        let mut backoff = Backoff::new(Duration::from_secs(2));
        let waits: Vec<u128> = (0..6).map(|_| backoff.next(255).as_millis()).collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 2000, 2000]);
        assert_eq!(backoff.next(0), Duration::from_secs(1));
        backoff.reset();
        assert_eq!(backoff.next(0), Duration::from_millis(125));
    }
}
