//! What a verifier knows of revocations, and since when.
//!
//! Invariants: knowledge only grows, so messages may repeat or come out of order. `as_of` is never later than
//! the verifier's own clock said when the message came, so a server whose clock is ahead cannot make old
//! knowledge look fresh.

use deputy_mandate::Instant;
use deputy_token::access::Hop;
use deputy_token::revocation::{Halt, Revocation, RevocationIndex, Target};

use crate::feed::{Feed, FeedEntry, FeedError};
use crate::rfc3339;

/// The revocations of one tenant as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationView {
    /// When it was all that there was to know; [`None`] before the first message.
    as_of: Option<Instant>,
    /// Where the feed goes on.
    position: i64,
    index: RevocationIndex,
    halt: Halt,
}

impl Default for RevocationView {
    fn default() -> Self {
        Self { as_of: None, position: 0, index: RevocationIndex::new(), halt: Halt::None }
    }
}

impl RevocationView {
    /// A view that is made by hand, for verifiers that get their revocations in another way.
    #[must_use]
    pub fn from_parts(as_of: Instant, index: RevocationIndex, halt: Halt) -> Self {
        Self { as_of: Some(as_of), position: 0, index, halt }
    }

    /// When this was all that there was to know.
    #[must_use]
    pub fn as_of(&self) -> Option<Instant> {
        self.as_of
    }

    /// The `after` with which the feed goes on.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.position
    }

    /// How far the tenant is halted.
    #[must_use]
    pub fn halt(&self) -> Halt {
        self.halt
    }

    /// Number of revocations held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether no revocation is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Whether it was all that there was to know at some instant of the last `max_staleness_ms` milliseconds. An
    /// instant further ahead than that is not of this clock any more, which was set back, and does not count.
    #[must_use]
    pub fn is_fresh(&self, now: Instant, max_staleness_ms: i64) -> bool {
        let most = max_staleness_ms.unsigned_abs();
        self.as_of.is_some_and(|as_of| now.0.abs_diff(as_of.0) <= most)
    }

    /// Whether the chain is dead, and by which revocation.
    #[must_use]
    pub fn reaches(&self, chain: &[Hop]) -> Option<Revocation> {
        self.index.reaches(chain)
    }

    /// Takes in a message that came at `received_at`, all of it or nothing.
    ///
    /// # Errors
    /// [`FeedError`]; the view is unchanged.
    pub fn apply(&mut self, feed: &Feed, received_at: Instant) -> Result<(), FeedError> {
        let as_of = rfc3339::parse(&feed.as_of).ok_or(FeedError::Instant)?.min(received_at);
        if feed.head_seq < 0 {
            return Err(FeedError::Entry);
        }
        let entries: Vec<(i64, &Target, Instant)> =
            feed.entries.iter().map(read).collect::<Result<_, _>>()?;
        for (seq, target, kept_until) in entries {
            self.index.insert(seq, target, kept_until);
        }
        self.position = feed.head_seq;
        // A replica that lags may speak after one that does not; what was known stays known. What was known in
        // the future, by a clock that was set back since, says nothing of now.
        if self.as_of.is_none_or(|known| known <= as_of || received_at < known) {
            (self.as_of, self.halt) = (Some(as_of), feed.halt);
        }
        // By `as_of` and not by this clock: a clock that jumps ahead for a moment must not make us forget.
        self.index.expire(self.as_of.unwrap_or(as_of));
        Ok(())
    }
}

fn read(entry: &FeedEntry) -> Result<(i64, &Target, Instant), FeedError> {
    if entry.seq < 0 || entry.target.check().is_err() {
        return Err(FeedError::Entry);
    }
    let kept_until = match entry.kept_until.as_deref() {
        Some(text) => rfc3339::parse(text).ok_or(FeedError::Instant)?,
        None => Instant(i64::MAX),
    };
    Ok((entry.seq, &entry.target, kept_until))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_secs(1_800_000_000);

    fn hop(agent: &str, seq: i64) -> Hop {
        let (sub, jkt, rt, bind) = (None, None, None, None);
        Hop { id: "c".into(), agent: agent.into(), sub, jkt, rt, bind, crit: false, seq }
    }

    fn feed(entries: &str, head: i64, as_of: &str, halt: &str) -> Feed {
        let text = format!(
            r#"{{"entries": [{entries}], "head_seq": {head}, "as_of": "{as_of}", "halt": "{halt}", "more": 1}}"#
        );
        Feed::parse(&text).unwrap()
    }

    #[test]
    fn messages_add_up() {
        let mut view = RevocationView::default();
        assert!(!view.is_fresh(NOW, 10_000), "nothing is known yet");
        let first = r#"{"seq": 3, "target": {"agent": "a"}, "kept_until": "2027-01-16T08:00:00.000Z"}"#;
        view.apply(&feed(first, 7, "2027-01-15T08:00:00.000Z", "none"), NOW).unwrap();
        assert_eq!((view.position(), view.as_of(), view.len()), (7, Some(NOW), 1));
        let second = r#"{"seq": 9, "target": {"key": "k"}}"#;
        view.apply(&feed(second, 9, "2027-01-15T08:00:01.000Z", "all"), NOW.plus_secs(2)).unwrap();
        assert_eq!((view.position(), view.len(), view.halt()), (9, 2, Halt::All));
        assert!(view.reaches(&[hop("a", 2)]).is_some() && view.reaches(&[hop("a", 3)]).is_none());
        assert!(view.is_fresh(NOW.plus_secs(11), 10_000) && !view.is_fresh(NOW.plus_secs(12), 10_000));
    }

    #[test]
    fn a_clock_ahead_gains_nothing() {
        let mut view = RevocationView::default();
        view.apply(&feed("", 1, "2027-01-15T09:00:00.000Z", "none"), NOW).unwrap();
        assert_eq!(view.as_of(), Some(NOW));
    }

    #[test]
    fn a_clock_that_is_set_back_neither_keeps_knowledge_fresh_nor_stops_new() {
        let mut view = RevocationView::default();
        view.apply(&feed("", 1, "2027-01-15T08:00:00.000Z", "none"), NOW).unwrap();
        let back = NOW.plus_secs(-3600);
        assert!(!view.is_fresh(back, 10_000) && view.is_fresh(NOW, 10_000));
        view.apply(&feed("", 2, "2027-01-15T08:00:01.000Z", "none"), back).unwrap();
        assert!(view.is_fresh(back, 10_000));
    }

    #[test]
    fn a_replica_that_lags_takes_nothing_back() {
        let mut view = RevocationView::default();
        let entry = r#"{"seq": 3, "target": {"agent": "a"}}"#;
        view.apply(&feed(entry, 3, "2027-01-15T08:00:00.000Z", "all"), NOW).unwrap();
        view.apply(&feed("", 2, "2027-01-15T07:59:00.000Z", "none"), NOW).unwrap();
        assert_eq!((view.as_of(), view.halt(), view.len()), (Some(NOW), Halt::All, 1));
        view.apply(&feed("", 4, "2027-01-15T08:00:01.000Z", "none"), NOW.plus_secs(1)).unwrap();
        assert_eq!((view.halt(), view.len()), (Halt::None, 1));
    }

    #[test]
    fn what_may_be_forgotten_is_by_the_servers_time() {
        let mut view = RevocationView::default();
        let entry = r#"{"seq": 3, "target": {"agent": "a"}, "kept_until": "2027-01-15T08:00:10.000Z"}"#;
        view.apply(&feed(entry, 3, "2027-01-15T08:00:00.000Z", "none"), NOW).unwrap();
        view.apply(&feed("", 4, "2027-01-15T08:00:09.000Z", "none"), NOW.plus_secs(86_400)).unwrap();
        assert_eq!(view.len(), 1, "this clock jumped");
        view.apply(&feed("", 5, "2027-01-15T08:00:10.000Z", "none"), NOW.plus_secs(10)).unwrap();
        assert_eq!(view.len(), 0);
    }

    #[test]
    fn a_message_counts_whole_or_not_at_all() {
        for bad in [
            r#"{"entries": [], "head_seq": 1, "as_of": "x"}"#,
            r#"{"entries": [{"seq": 1, "target": {"planet": "x"}}], "head_seq": 1, "as_of": "x", "halt": "none"}"#,
            r#"{"entries": [{"seq": 1, "target": {"agent": "x"}, "unless": 1}], "head_seq": 1, "as_of": "x", "halt": "none"}"#,
            r#"{"entries": [], "head_seq": 1, "as_of": "x", "halt": "partly"}"#,
        ] {
            assert_eq!(Feed::parse(bad), Err(FeedError::Json), "{bad}");
        }
        let mut view = RevocationView::default();
        let good = r#"{"seq": 1, "target": {"agent": "a"}}"#;
        for (entries, as_of, error) in [
            (good.to_owned(), "soon", FeedError::Instant),
            (
                format!(r#"{good}, {{"seq": 2, "target": {{"agent": "b"}}, "kept_until": "soon"}}"#),
                "2027-01-15T08:00:00.000Z",
                FeedError::Instant,
            ),
            (
                format!(r#"{good}, {{"seq": 2, "target": {{"name_prefix": ""}}}}"#),
                "2027-01-15T08:00:00.000Z",
                FeedError::Entry,
            ),
            (
                format!(r#"{good}, {{"seq": -2, "target": {{"agent": "b"}}}}"#),
                "2027-01-15T08:00:00.000Z",
                FeedError::Entry,
            ),
        ] {
            assert_eq!(view.apply(&feed(&entries, 2, as_of, "all"), NOW), Err(error), "{entries}");
            assert_eq!(view, RevocationView::default());
        }
        view.apply(&feed(good, 2, "2027-01-15T08:00:00.000Z", "all"), NOW).unwrap();
        assert_eq!(view.len(), 1);
    }
}
