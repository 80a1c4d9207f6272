//! Following the revocation feed: one stream, opened again where it stopped.
//!
//! Invariant: the view only ever says what the feed said. While no message comes, `as_of` stands still, and that
//! alone makes decisions fail closed; nothing here has to notice.

use std::time::Duration;

use deputy_mandate::Instant;
use parking_lot::RwLock;
use reqwest::Method;
use reqwest::header::ACCEPT;
use tokio::sync::oneshot;

use super::backoff::Backoff;
use super::clock;
use super::events::{Event, Events};
use super::fetch::{FetchError, Fetcher, PATIENCE, sent};
use crate::feed::Feed;
use crate::view::RevocationView;

/// Longest silence of a stream: two heartbeats and some.
const SILENCE: Duration = Duration::from_secs(12);
/// Longest wait between two tries: well below the staleness that is tolerated.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// The wait after a refusal of the key, which does not mend by itself.
const AFTER_REFUSAL: Duration = Duration::from_secs(10);

/// Tells how the first try ended: the view is filled, or why it is not.
pub(super) type First = oneshot::Sender<Result<(), FetchError>>;

/// Follows the feed until it is aborted.
pub(super) async fn follow(fetcher: &Fetcher, view: &RwLock<RevocationView>, first: First) {
    let (mut first, mut backoff) = (Some(first), Backoff::new(LONGEST_WAIT));
    loop {
        let ended = stream(fetcher, view, &mut first, &mut backoff).await;
        if let Err(error) = &ended {
            tracing::warn!(%error, "the revocation feed stopped");
        }
        let refused = matches!(ended, Err(FetchError::Status(401 | 403)));
        if let Some(first) = first.take() {
            // Whoever waits for the first message, and may have gone, is told why there is none.
            let _ = first.send(ended.and(Err(FetchError::Silent)));
        }
        if refused {
            tokio::time::sleep(AFTER_REFUSAL).await;
        } else {
            backoff.wait().await;
        }
    }
}

async fn stream(
    fetcher: &Fetcher,
    view: &RwLock<RevocationView>,
    first: &mut Option<First>,
    backoff: &mut Backoff,
) -> Result<(), FetchError> {
    let after = view.read().position();
    let request = fetcher.request(Method::GET, &format!("/revocations/stream?after={after}"))?;
    let opening = sent(request.header(ACCEPT, "text/event-stream"));
    let mut response = tokio::time::timeout(PATIENCE, opening).await.map_err(|_| FetchError::Silent)??;
    let mut events = Events::default();
    loop {
        let chunk = tokio::time::timeout(SILENCE, response.chunk()).await.map_err(|_| FetchError::Silent)?;
        let Some(chunk) = chunk.map_err(FetchError::Transport)? else { return Ok(()) };
        let received_at = clock::now();
        for event in events.push(&chunk).map_err(|_| FetchError::Malformed)? {
            if apply(&event, view, received_at)? {
                backoff.reset();
                if let Some(first) = first.take() {
                    // Whoever waited may have gone.
                    let _ = first.send(Ok(()));
                }
            }
        }
    }
}

/// Whether the event was a message of the feed; events of other names are not for us.
fn apply(event: &Event, view: &RwLock<RevocationView>, received_at: Instant) -> Result<bool, FetchError> {
    if !matches!(event.name.as_str(), "revocations" | "heartbeat") {
        return Ok(false);
    }
    let feed = Feed::parse(&event.data).map_err(|_| FetchError::Malformed)?;
    view.write().apply(&feed, received_at).map_err(|_| FetchError::Malformed)?;
    Ok(true)
}
