//! The memory of proofs that were used: each counts once (RFC 9449 section 11.1).
//!
//! Invariant: a memory that cannot remember refuses. A proof is remembered until its own age refuses it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use deputy_mandate::Instant;
use deputy_token::freshness::Once;

/// How many proofs [`InProcess`] remembers unless told otherwise.
pub const DEFAULT_CAPACITY: usize = 100_000;

/// What a memory says to a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remembered {
    /// It was not seen before; from now on it was.
    First,
    /// It was seen before.
    Again,
    /// It cannot be remembered, so it must not count.
    Full,
}

/// Where used proofs are remembered. A service of several processes that share traffic wants one that they
/// share; telling and remembering must then be one atomic step.
pub trait ReplayMemory: Send + Sync {
    /// Remembers a proof until `once.until`, and says whether it was remembered already.
    fn remember(&self, once: &Once, now: Instant) -> Remembered;
}

/// A memory of one process, bounded.
#[derive(Debug)]
pub struct InProcess {
    capacity: usize,
    seen: Mutex<Seen>,
}

type Key = Arc<(Box<str>, Box<str>)>;

#[derive(Debug, Default)]
struct Seen {
    until: HashMap<Key, Instant>,
    /// The same, by the instant at which it may be forgotten.
    ends: BinaryHeap<Reverse<(Instant, Key)>>,
}

impl InProcess {
    /// A memory of at most `capacity` proofs.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, seen: Mutex::default() }
    }
}

impl Default for InProcess {
    fn default() -> Self {
        Self::new(DEFAULT_CAPACITY)
    }
}

impl ReplayMemory for InProcess {
    fn remember(&self, once: &Once, now: Instant) -> Remembered {
        let key: Key = Arc::new((once.jkt.as_str().into(), once.jti.as_str().into()));
        // The two collections are changed together by steps that do not stop half-way.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(Reverse((end, _))) = seen.ends.peek()
            && *end <= now
        {
            if let Some(Reverse((_, forgotten))) = seen.ends.pop() {
                seen.until.remove(&forgotten);
            }
        }
        if seen.until.contains_key(&key) {
            return Remembered::Again;
        }
        if seen.until.len() >= self.capacity {
            return Remembered::Full;
        }
        seen.until.insert(key.clone(), once.until);
        seen.ends.push(Reverse((once.until, key)));
        Remembered::First
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn once(jkt: &str, jti: &str, until: i64) -> Once {
        Once { jkt: jkt.into(), jti: jti.into(), until: Instant(until) }
    }

    #[test]
    fn a_proof_counts_once_until_it_is_too_old() {
        let memory = InProcess::default();
        let remember = |jkt, jti, now| memory.remember(&once(jkt, jti, 100), Instant(now));
        assert_eq!(remember("k", "1", 0), Remembered::First);
        assert_eq!(remember("k", "1", 99), Remembered::Again);
        assert_eq!(remember("k", "2", 99), Remembered::First);
        assert_eq!(remember("l", "1", 99), Remembered::First, "another key's");
        assert_eq!(remember("k", "1", 100), Remembered::First, "its age refuses it by now");
    }

    #[test]
    fn a_full_memory_refuses_until_something_is_forgotten() {
        let memory = InProcess::new(2);
        assert_eq!(memory.remember(&once("k", "1", 50), Instant(0)), Remembered::First);
        assert_eq!(memory.remember(&once("k", "2", 100), Instant(0)), Remembered::First);
        assert_eq!(memory.remember(&once("k", "3", 100), Instant(49)), Remembered::Full);
        assert_eq!(memory.remember(&once("k", "3", 100), Instant(50)), Remembered::First);
        assert_eq!(memory.remember(&once("k", "4", 100), Instant(50)), Remembered::Full);
    }
}
