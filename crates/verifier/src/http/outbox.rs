//! Offline decisions that wait to be reported.
//!
//! Invariant: bounded; what does not fit is counted, and nobody waits for it.

use std::collections::VecDeque;

use crate::use_line::{MAX_BODY, MAX_LINES, UseLine};

/// Most lines that wait.
const MOST: usize = 20_000;

/// The lines that wait, oldest first.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    lines: VecDeque<UseLine>,
    lost: u64,
}

impl Outbox {
    /// Puts a line at the end; `false` when there is no room and it is lost.
    pub(super) fn push(&mut self, line: UseLine) -> bool {
        if self.lines.len() >= MOST {
            self.lose(1);
            return false;
        }
        self.lines.push_back(line);
        true
    }

    /// Whether a whole report waits.
    pub(super) fn is_full_report(&self) -> bool {
        self.lines.len() >= MAX_LINES
    }

    /// Takes out what goes into one report: its body, and how many lines that is. `None` when nothing waits.
    pub(super) fn take(&mut self) -> Option<(String, usize)> {
        let (mut body, mut count) = (String::new(), 0);
        while let Some(line) = self.lines.front().filter(|_| count < MAX_LINES) {
            // A line always has a text form.
            let text = serde_json::to_string(line).unwrap_or_default();
            if count > 0 && body.len() + text.len() + 1 > MAX_BODY {
                break;
            }
            body.push_str(&text);
            body.push('\n');
            count += 1;
            self.lines.pop_front();
        }
        (count > 0).then_some((body, count))
    }

    /// Counts lines that will not be reported.
    pub(super) fn lose(&mut self, count: usize) {
        self.lost = self.lost.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }

    /// How many were lost.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::use_line::Outcome;

    fn line(id: usize, tool_len: usize) -> UseLine {
        UseLine {
            id: id.to_string(),
            credential: "c".into(),
            agent: "a".into(),
            audience: "https://crm.example.com/".into(),
            tool: Some("x".repeat(tool_len)),
            scope: None,
            decision: Outcome::Allow,
            reasons: Vec::new(),
            time: "2027-01-15T08:00:00Z".into(),
        }
    }

    fn filled(lines: usize, tool_len: usize) -> Outbox {
        let mut outbox = Outbox::default();
        assert!((0..lines).all(|id| outbox.push(line(id, tool_len))));
        outbox
    }

    #[test]
    fn a_report_has_at_most_a_thousand_lines_in_order() {
        assert_eq!(Outbox::default().take(), None);
        let mut outbox = filled(1500, 6);
        assert!(outbox.is_full_report());
        let (body, count) = outbox.take().unwrap();
        assert_eq!((count, body.lines().count()), (1000, 1000));
        let first: UseLine = serde_json::from_str(body.lines().next().unwrap()).unwrap();
        assert_eq!(first, line(0, 6));
        assert!(!outbox.is_full_report());
        assert_eq!(outbox.take().map(|(_, count)| count), Some(500));
    }

    #[test]
    fn a_report_stays_below_what_the_server_reads() {
        let mut outbox = filled(900, 4000);
        let mut all = 0;
        while let Some((body, count)) = outbox.take() {
            assert!(body.len() <= MAX_BODY && count > 0, "{} {count}", body.len());
            all += count;
        }
        assert_eq!(all, 900);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut outbox = filled(MOST, 1);
        assert!(!outbox.push(line(MOST, 1)));
        assert_eq!(outbox.lost(), 1);
    }
}
