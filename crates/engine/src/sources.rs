//! Where time, randomness and ids come from: parameters of the engine, so that tests can set them.

use std::sync::Arc;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use deputy_mandate::Instant;
use deputy_store::clock::{SharedClock, SystemClock};

use crate::Refusal;

/// Time and randomness.
#[derive(Clone)]
pub struct Sources {
    /// The clock.
    pub clock: SharedClock,
    /// Randomness for keys, secrets and ids.
    pub random: Arc<dyn SecureRandom + Send + Sync>,
}

impl Sources {
    /// The system's.
    #[must_use]
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom::new()) }
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A new opaque id: a UUID of version 7 (RFC 9562 §5.7), so that ids grow with time and index well.
    pub fn id(&self) -> Result<String, Refusal> {
        let mut random = [0_u8; 10];
        self.fill(&mut random)?;
        let millis = u64::try_from(self.now().0).unwrap_or(0);
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Ok(id.hyphenated().to_string())
    }

    /// A secret of 256 bits for cookies and links, base64url.
    pub fn secret(&self) -> Result<String, Refusal> {
        let mut random = [0_u8; 32];
        self.fill(&mut random)?;
        Ok(URL_SAFE_NO_PAD.encode(random))
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Refusal> {
        self.random.fill(bytes).map_err(|_| {
            tracing::error!("the random source failed");
            Refusal::Internal
        })
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}
