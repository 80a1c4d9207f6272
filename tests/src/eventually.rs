//! Waiting for what another task or process does in its own time.

use std::time::{Duration, Instant};

/// Waits until it holds, and says how long that took.
///
/// # Panics
/// When it does not hold within `patience`.
pub async fn eventually(what: &str, patience: Duration, holds: impl AsyncFn() -> bool) -> Duration {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < patience, "not within {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    start.elapsed()
}
