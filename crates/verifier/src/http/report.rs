//! Reporting offline decisions to the issuer's log, in batches.
//!
//! Invariant: a batch is sent until it is taken, always as the same lines with the same ids, so that an answer
//! that got lost makes no second entry. A report is taken whole or not at all; of one that the issuer refuses the
//! halves are sent, down to the line that it means, and that one is given up and counted.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::{Instant, Request};
use parking_lot::Mutex;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use tokio::sync::{Notify, watch};

use super::backoff::Backoff;
use super::fetch::{FetchError, Fetcher, PATIENCE};
use super::outbox::Outbox;
use crate::use_line::UseLine;
use crate::verdict::Verdict;

/// How long a line may wait for others.
const GATHER: Duration = Duration::from_secs(1);
/// Longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What waits to be reported, and who is told of it.
#[derive(Debug)]
pub(super) struct Reporter {
    outbox: Mutex<Outbox>,
    /// Lines that are not yet taken by the issuer.
    waiting: watch::Sender<usize>,
    hurry: Notify,
}

impl Default for Reporter {
    fn default() -> Self {
        Self { outbox: Mutex::default(), waiting: watch::Sender::new(0), hurry: Notify::new() }
    }
}

impl Reporter {
    /// Notes a decision.
    pub(super) fn note(&self, verdict: &Verdict, request: &Request, audience: &str, at: Instant) {
        let mut id = [0; 16];
        // Without randomness there is no id, and a line without one cannot be told from another.
        let line = aws_lc_rs::rand::fill(&mut id)
            .ok()
            .and_then(|()| UseLine::of(verdict, request, audience, B64.encode(id), at));
        let Some(line) = line else { return };
        let (waits, hurry) = {
            let mut outbox = self.outbox.lock();
            (outbox.push(line), outbox.is_full_report())
        };
        if waits {
            self.waiting.send_modify(|count| *count += 1);
        }
        if hurry {
            self.hurry.notify_one();
        }
    }

    /// Lines that the issuer has not taken yet, and lines that it never will.
    pub(super) fn counts(&self) -> (usize, u64) {
        (*self.waiting.borrow(), self.outbox.lock().lost())
    }

    /// Waits until every line is taken, or for so long; says whether they were.
    pub(super) async fn flush(&self, within: Duration) -> bool {
        self.hurry.notify_one();
        let mut waiting = self.waiting.subscribe();
        tokio::time::timeout(within, waiting.wait_for(|count| *count == 0))
            .await
            .is_ok_and(|done| done.is_ok())
    }

    /// Sends until it is aborted.
    pub(super) async fn run(&self, fetcher: &Fetcher) {
        let mut news = self.waiting.subscribe();
        loop {
            // The sender lives as long as this.
            let _ = news.wait_for(|count| *count > 0).await;
            let _ = tokio::time::timeout(GATHER, self.hurry.notified()).await;
            loop {
                // Not in the loop's condition, where the lock would be held for the body.
                let batch = self.outbox.lock().take();
                let Some((body, count)) = batch else { break };
                self.deliver(fetcher, &body).await;
                self.waiting.send_modify(|waiting| *waiting = waiting.saturating_sub(count));
            }
        }
    }

    /// Sends a batch; what is refused in two halves.
    async fn deliver(&self, fetcher: &Fetcher, body: &str) {
        let mut parts = vec![body];
        while let Some(part) = parts.pop() {
            if send(fetcher, part).await {
                continue;
            }
            match halves(part) {
                Some((first, second)) => parts.extend([second, first]),
                None => self.outbox.lock().lose(1),
            }
        }
    }
}

/// Sends until it is taken (`true`) or refused (`false`).
async fn send(fetcher: &Fetcher, body: &str) -> bool {
    let mut backoff = Backoff::new(LONGEST_WAIT);
    loop {
        match post(fetcher, body).await {
            Ok(()) => return true,
            Err(error @ FetchError::Status(400 | 413 | 415 | 422)) => {
                tracing::warn!(%error, "the issuer refused a report of offline decisions");
                return false;
            }
            Err(error) => {
                tracing::warn!(%error, "offline decisions could not be reported yet");
                backoff.wait().await;
            }
        }
    }
}

/// The body cut after a line near its middle; `None` for a single line.
fn halves(body: &str) -> Option<(&str, &str)> {
    let (middle, last) = (body.len() / 2, body.len().saturating_sub(1));
    let ends = body.match_indices('\n').map(|(end, _)| end).filter(|end| *end < last);
    let end = ends.min_by_key(|end| end.abs_diff(middle))?;
    body.split_at_checked(end + 1)
}

async fn post(fetcher: &Fetcher, body: &str) -> Result<(), FetchError> {
    let request = fetcher.request(Method::POST, "/api/v1/uses")?.timeout(PATIENCE);
    let request = request.header(CONTENT_TYPE, "application/x-ndjson").body(body.to_owned());
    let response = request.send().await.map_err(FetchError::Transport)?;
    match response.status() {
        status if status.is_success() => Ok(()),
        status => Err(FetchError::Status(status.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use super::halves;

    #[test]
    fn a_body_is_halved_between_lines() {
        assert_eq!(halves("a\nb\n"), Some(("a\n", "b\n")));
        assert_eq!(halves("a\nbb\nccc\n"), Some(("a\nbb\n", "ccc\n")));
        assert_eq!(halves("a\n"), None);
    }
}
