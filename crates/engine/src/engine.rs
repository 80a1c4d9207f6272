//! The engine: what every use case works with.

use std::sync::Arc;

use deputy_federation::{fetch::Fetch, keys::KeyCache};
use deputy_store::{AppendError, BoxFuture, ChangeError, Committed, Database, StoreError, TenantTx, Writer};
use deputy_token::secrets::MasterKey;

use crate::{
    Refusal, Sources,
    federation::SvidKeys,
    scim::{ScimPages, SyncNotes},
    signing::KeyRing,
    verify::{IssuedBlocks, VerifiedTokens},
    view::{Registry, TenantView},
};

/// What the installation is called and how it answers.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Base of issuers and links, without a trailing slash.
    pub public_url: String,
    /// Trust domain of SPIFFE IDs.
    pub trust_domain: String,
    /// Digest of the bootstrap key, while no platform key has been made.
    pub bootstrap: Option<deputy_token::secrets::Sha256Digest>,
}

/// How old memory may be for a check that must know revocations, in milliseconds.
pub const MAX_STALENESS_MS: i64 = 10_000;

/// How long the end waits for clones of the engine that are still held.
const LAST_WRITES: std::time::Duration = std::time::Duration::from_secs(10);

/// Everything that the use cases share. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) database: Database,
    pub(crate) writer: Writer,
    pub(crate) registry: Arc<Registry>,
    pub(crate) sources: Sources,
    pub(crate) master: MasterKey,
    pub(crate) installation: Installation,
    pub(crate) ring: KeyRing,
    pub(crate) verified: VerifiedTokens,
    pub(crate) issued_blocks: IssuedBlocks,
    pub(crate) scim_pages: ScimPages,
    pub(crate) sync_notes: SyncNotes,
    pub(crate) keys: KeyCache,
    pub(crate) svid_keys: SvidKeys,
}

/// What runs behind an engine, to be ended with it.
pub struct Tasks {
    writer: tokio::task::JoinHandle<()>,
    tail: tokio::task::JoinHandle<()>,
}

impl Tasks {
    /// Ends the tail and waits until everything queued is on disk. Every clone of the engine must be gone.
    pub async fn finish(self) {
        self.tail.abort();
        match tokio::time::timeout(LAST_WRITES, self.writer).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the writer ended badly"),
            Err(_) => tracing::error!("somebody still holds the engine; what is queued is on disk"),
        }
    }
}

impl Engine {
    /// Starts the writer and the tail over an open, migrated database; `outbound` is the only way to other servers.
    #[must_use]
    pub fn start(
        database: Database,
        master: MasterKey,
        installation: Installation,
        sources: Sources,
        outbound: Arc<dyn Fetch>,
    ) -> (Self, Tasks) {
        let registry =
            Arc::new(Registry::new(database.clone(), sources.clock.clone(), &installation.public_url));
        let (writer, writing) = Writer::spawn(database.clone(), sources.clock.clone(), registry.clone());
        let tail = tokio::spawn(registry.clone().run());
        let inner = Inner {
            database,
            writer,
            registry,
            sources,
            master,
            installation,
            ring: KeyRing::default(),
            verified: VerifiedTokens::default(),
            issued_blocks: IssuedBlocks::default(),
            scim_pages: ScimPages::default(),
            sync_notes: SyncNotes::default(),
            keys: KeyCache::new(outbound),
            svid_keys: SvidKeys::default(),
        };
        (Self { inner: Arc::new(inner) }, Tasks { writer: writing, tail })
    }

    /// The installation's names.
    #[must_use]
    pub fn installation(&self) -> &Installation {
        &self.inner.installation
    }

    /// Time and randomness.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.inner.sources
    }

    /// The database, for what belongs to the installation.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    /// A tenant that works, or one that is suspended; see [`TenantView`].
    pub async fn tenant(&self, slug: &str) -> Result<Arc<TenantView>, Refusal> {
        self.inner.registry.tenant(slug).await?.ok_or(Refusal::NotFound)
    }

    /// The tenants in memory.
    #[must_use]
    pub fn loaded_tenants(&self) -> Vec<Arc<TenantView>> {
        self.inner.registry.loaded()
    }

    /// Runs a change and waits until this server's memory holds it: what is answered is in force here.
    pub(crate) async fn change<T, F>(&self, view: &TenantView, change: F) -> Result<(T, Committed), Refusal>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut TenantTx<'_>) -> BoxFuture<'a, Result<T, Refusal>> + Send + 'static,
    {
        let (value, committed) = self.inner.writer.change(&view.id, change).await?;
        if let Err(late) = self.inner.registry.reach(view, committed.seq).await {
            tracing::warn!(tenant = %view.slug, %late, "a committed change is not in memory yet");
        }
        Ok((value, committed))
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("installation", &self.inner.installation).finish_non_exhaustive()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) => {
                tracing::warn!(%error, "the database is unavailable");
                Self::Unavailable { retry_after_secs: 1 }
            }
            StoreError::Taken(_) => Self::conflict("the name is in use, or has been used before"),
            StoreError::Corrupt { .. } | StoreError::Database(_) => {
                tracing::error!(%error, "the store failed");
                Self::Internal
            }
        }
    }
}

impl From<ChangeError<Refusal>> for Refusal {
    fn from(error: ChangeError<Refusal>) -> Self {
        match error {
            ChangeError::Refused(refusal) => refusal,
            ChangeError::Store(_) | ChangeError::Closed => Self::Unavailable { retry_after_secs: 1 },
        }
    }
}

impl From<AppendError> for Refusal {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Replayed(_) => Self::Unauthenticated,
            AppendError::Stale(_) | AppendError::Busy | AppendError::Store(_) => {
                Self::Unavailable { retry_after_secs: 1 }
            }
        }
    }
}
