//! Checkpoints: signed statements that the log, up to a position, has a certain hash.
//!
//! Invariant: a checkpoint covers a committed event, and is no event itself: an idle log gets none.

use std::time::Duration;

use deputy_store::{Checkpoint as Stored, LogHead, event::rfc3339};
use deputy_token::{checkpoint::Checkpoint, keys::Jwk};
use serde::Serialize;

use crate::{
    Caller, Engine, Refusal,
    page::{Page, Paging},
    view::TenantView,
};

/// More than the pools have connections.
const MOST_ATTEMPTS: usize = 12;
/// How long the end of a server may take for its last checkpoints.
const LAST_CHECKPOINTS: Duration = Duration::from_secs(5);

/// A checkpoint as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckpointAnswer {
    /// The position that it covers.
    pub seq: i64,
    /// When it was signed (RFC 3339).
    pub time: String,
    /// The audit key that signed it.
    pub kid: String,
    /// The signed statement, a compact JWS.
    pub jws: String,
}

impl From<Stored> for CheckpointAnswer {
    fn from(stored: Stored) -> Self {
        Self { seq: stored.seq, time: rfc3339(stored.time), kid: stored.kid, jws: stored.jws }
    }
}

impl Engine {
    /// Every key that ever signed this tenant's checkpoints, for whoever asks.
    #[must_use]
    pub fn audit_keys(&self, view: &TenantView) -> Vec<Jwk> {
        view.read().audit.values().map(|key| key.jwk.clone()).collect()
    }

    /// Checkpoints in the order of the log.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read.
    pub async fn checkpoints(
        &self,
        view: &TenantView,
        caller: &Caller,
        paging: &Paging,
    ) -> Result<Page<CheckpointAnswer>, Refusal> {
        caller.require_reader()?;
        let limit = paging.limit()?;
        let after = paging.position()?.unwrap_or(0);
        let found = self.inner.database.tenant(&view.id).checkpoints(after).await?;
        Ok(Page::cut(found, limit, |one| one.seq.to_string()).map(CheckpointAnswer::from))
    }

    /// Signs a checkpoint of the tenant's log as it stands.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator asks.
    pub async fn create_checkpoint(
        &self,
        view: &TenantView,
        caller: &Caller,
    ) -> Result<CheckpointAnswer, Refusal> {
        caller.require_admin()?;
        let head = self.inner.database.tenant(&view.id).head().await?;
        self.checkpoint(view, head).await.map(CheckpointAnswer::from)
    }

    /// Signs a checkpoint of every log that has grown since its last; returns how many were made.
    ///
    /// # Errors
    /// The last failure. One tenant's does not keep the others from theirs.
    pub async fn checkpoint_all(&self) -> Result<usize, Refusal> {
        let (mut made, mut failed) = (0, None);
        for (tenant, head) in self.inner.database.log_heads().await? {
            match self.checkpoint_if_due(&tenant, head).await {
                Ok(due) => made += usize::from(due),
                Err(error) => {
                    tracing::warn!(%tenant, %error, "no checkpoint was made");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(made), Err)
    }

    /// The same at the end of a server. A connection to the database ends with the worker that opened it, so
    /// the first attempts may meet dead ones; each attempt takes those that it meets out of the pool.
    ///
    /// # Errors
    /// `Unavailable` when the database is.
    pub async fn checkpoint_at_the_end(&self) -> Result<usize, Refusal> {
        let attempts = async {
            let mut last = Ok(0);
            for _ in 0..MOST_ATTEMPTS {
                last = self.checkpoint_all().await;
                if last.is_ok() {
                    break;
                }
            }
            last
        };
        let late = |_| Err(Refusal::Unavailable { retry_after_secs: 1 });
        tokio::time::timeout(LAST_CHECKPOINTS, attempts).await.unwrap_or_else(late)
    }

    async fn checkpoint_if_due(&self, tenant: &str, head: LogHead) -> Result<bool, Refusal> {
        let covered = !self.inner.database.tenant(tenant).checkpoints(head.seq - 1).await?.is_empty();
        if covered || head.seq == 0 {
            return Ok(false);
        }
        let row = self.inner.database.tenant_by_id(tenant).await?.ok_or(Refusal::NotFound)?;
        let view = self.tenant(&row.slug).await?;
        self.checkpoint(&view, head).await.map(|_| true)
    }

    async fn checkpoint(&self, view: &TenantView, head: LogHead) -> Result<Stored, Refusal> {
        let key = self.current_audit_key(view)?;
        let time = self.inner.sources.now();
        let statement = Checkpoint { tenant: view.slug.to_string(), seq: head.seq, hash: head.hash, time };
        let jws = statement.seal(&key).map_err(|error| {
            tracing::error!(%error, "a checkpoint could not be signed");
            Refusal::Internal
        })?;
        let stored = Stored { seq: head.seq, time, kid: key.kid().as_str().to_owned(), jws };
        let kept = stored.clone();
        self.inner
            .writer
            .change(&view.id, move |tx| {
                Box::pin(async move { Ok::<(), Refusal>(tx.keep_checkpoint(&kept).await?) })
            })
            .await?;
        Ok(stored)
    }
}
