//! The engine's upkeep: every hour checkpoints, and what was used up and has ended is forgotten; once a day what is
//! older than a tenant keeps.
//!
//! Invariant: events go only up to a checkpoint, which stays, so the first event that is kept still
//! follows from something that was signed.

use std::time::Duration;

use deputy_mandate::Instant;
use deputy_store::event::EventDraft;

use crate::{Caller, Engine, Refusal, view::TenantView};

const HOUR: Duration = Duration::from_secs(3600);
/// Hours between two times of forgetting.
const DAY: u32 = 24;
/// Events or credentials that one transaction removes, so that others need not wait long for it.
const BATCH: u32 = 5_000;

impl Engine {
    /// Keeps the house until it is dropped. It holds the engine: end it before the writer's end is awaited.
    pub async fn keep_house(self) {
        let mut hours = 0_u32;
        loop {
            tokio::time::sleep(HOUR).await;
            hours = hours.wrapping_add(1);
            if let Err(error) = self.checkpoint_all().await {
                tracing::error!(%error, "no checkpoints were made");
            }
            if let Err(error) = self.inner.database.forget_spent(self.inner.sources.now()).await {
                tracing::error!(%error, "used assertions and proofs could not be forgotten");
            }
            if hours.is_multiple_of(DAY)
                && let Err(error) = self.forget_all().await
            {
                tracing::error!(%error, "what is too old could not be removed");
            }
        }
    }

    /// Forgets, for every tenant, what is older than it keeps.
    ///
    /// # Errors
    /// `Unavailable` when the database is.
    pub async fn forget_all(&self) -> Result<(), Refusal> {
        let now = self.inner.sources.now();
        for (tenant, _) in self.inner.database.log_heads().await? {
            let Some(row) = self.inner.database.tenant_by_id(&tenant).await? else { continue };
            let view = self.tenant(&row.slug).await?;
            if let Err(error) = self.forget(&view, now).await {
                tracing::error!(tenant = %row.slug, %error, "what is too old could not be removed");
            }
        }
        Ok(())
    }

    /// Forgets what is older than this tenant keeps; returns how many events went.
    pub(crate) async fn forget(&self, view: &TenantView, now: Instant) -> Result<u64, Refusal> {
        let Some(settings) = view.read().settings.clone() else { return Ok(0) };
        let oldest = now.plus_secs(-i64::from(settings.retention_days) * 86_400);
        self.forget_expired(view, oldest).await?;
        let read = self.inner.database.tenant(&view.id);
        let Some(checkpoint) = read.checkpoint_before(oldest).await? else { return Ok(0) };
        let mut gone = 0;
        while let Some(first) = self.inner.database.tenant(&view.id).first_seq().await?
            && first <= checkpoint.seq
        {
            let through = checkpoint.seq.min(first.saturating_add(i64::from(BATCH) - 1));
            gone += self.forget_events(view, through).await?;
        }
        if gone > 0 {
            let detail = serde_json::json!({"events": gone, "through": checkpoint.seq});
            let event: EventDraft = Caller::system().event("events.forgotten").detail(&detail);
            self.change(view, move |tx| {
                Box::pin(async move {
                    tx.event(event);
                    Ok(())
                })
            })
            .await?;
        }
        Ok(gone)
    }

    async fn forget_events(&self, view: &TenantView, through: i64) -> Result<u64, Refusal> {
        let change =
            self.change(view, move |tx| Box::pin(async move { Ok(tx.delete_events(through).await?) }));
        Ok(change.await?.0)
    }

    /// Credentials, their meters, and revocations that ended before an instant.
    async fn forget_expired(&self, view: &TenantView, oldest: Instant) -> Result<(), Refusal> {
        loop {
            let remove = self
                .change(view, move |tx| Box::pin(async move { Ok(tx.delete_issued(oldest, BATCH).await?) }));
            if remove.await?.0 < u64::from(BATCH) {
                break;
            }
        }
        self.change(view, move |tx| {
            Box::pin(async move {
                tx.delete_uses(oldest).await?;
                Ok(tx.delete_revocations(oldest).await?)
            })
        })
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
