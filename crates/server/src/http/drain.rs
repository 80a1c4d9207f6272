//! The end of a server's life, as everything that lives long must hear of it.
//!
//! Invariant: once begun it never ends; whoever asks later is told at once.

use std::sync::Arc;

use tokio::sync::watch;

/// A shared switch from running to draining.
#[derive(Debug, Clone)]
pub struct Drain(Arc<watch::Sender<bool>>);

impl Default for Drain {
    fn default() -> Self {
        Self(Arc::new(watch::channel(false).0))
    }
}

impl Drain {
    /// Starts draining: open streams end, and no new work is taken.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether draining has begun; `/readyz` answers 503 from then on.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until draining begins.
    pub async fn begun(&self) {
        let mut watched = self.0.subscribe();
        // An error would mean that the sender is gone, and this very value holds it.
        let _ = watched.wait_for(|draining| *draining).await;
    }

    /// Begins draining at the first SIGTERM or interrupt.
    ///
    /// # Errors
    /// If the process cannot listen to signals.
    pub async fn on_signal(&self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
            () = self.begun() => {}
        }
        self.begin();
        Ok(())
    }
}
