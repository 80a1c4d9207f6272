//! Keys of the whole installation.
//!
//! Invariant: a key is shown once and only its digest is kept; the first one ends the bootstrap key.

use deputy_store::PlatformKey;
use deputy_token::secrets::ApiKey as NewKey;

use crate::{Engine, Refusal};

/// A platform key that was just made; its text is shown this once.
#[derive(Clone)]
pub struct NewPlatformKey {
    /// Opaque id.
    pub id: String,
    /// The key itself.
    pub key: String,
}

impl std::fmt::Debug for NewPlatformKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPlatformKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes a platform key, for whoever holds the database; no tenant's log is concerned.
    ///
    /// # Errors
    /// When no key can be made or the database cannot be written.
    pub async fn create_platform_key(&self, expires_in_secs: Option<i64>) -> Result<NewPlatformKey, Refusal> {
        let key = NewKey::generate(&*self.inner.sources.random).map_err(|error| {
            tracing::error!(%error, "no key could be made");
            Refusal::Internal
        })?;
        let text = key.reveal().to_owned();
        let now = self.inner.sources.now();
        let record = PlatformKey {
            id: self.inner.sources.id()?,
            hash: key.digest().to_text(),
            prefix: text.chars().take(8).collect(),
            created_at: now,
            expires_at: expires_in_secs.map(|secs| now.plus_secs(secs)),
            ended_at: None,
        };
        self.inner.database.insert_platform_key(&record).await?;
        Ok(NewPlatformKey { id: record.id, key: text })
    }
}
