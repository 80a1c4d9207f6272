//! Forgetting what is older than a tenant keeps: events, expired credentials, spent revocations.
//!
//! Invariant: events go only from the front of the log, and checkpoints never, so that what is left is
//! still proved to follow from what went.

use deputy_mandate::Instant;
use sea_orm::Value;

use crate::{Checkpoint, StoreError, TenantRead, TenantTx};

impl TenantRead<'_> {
    /// The last checkpoint made before an instant.
    pub async fn checkpoint_before(&self, time: Instant) -> Result<Option<Checkpoint>, StoreError> {
        let text = "SELECT seq, time, kid, jws FROM checkpoints WHERE tenant = ? AND time < ? ORDER BY seq DESC LIMIT 1";
        let row = self.one(text, vec![time.0.into()]).await?;
        row.map(|row| {
            Ok(Checkpoint {
                seq: row.try_get("", "seq")?,
                time: Instant(row.try_get("", "time")?),
                kid: row.try_get("", "kid")?,
                jws: row.try_get("", "jws")?,
            })
        })
        .transpose()
    }

    /// The first position that is still there; `None` for an empty log.
    pub async fn first_seq(&self) -> Result<Option<i64>, StoreError> {
        let row = self.one("SELECT MIN(seq) AS seq FROM events WHERE tenant = ?", vec![]).await?;
        Ok(row.map(|row| row.try_get::<Option<i64>>("", "seq")).transpose()?.flatten())
    }
}

impl TenantTx<'_> {
    /// Removes events up to a position.
    pub async fn delete_events(&mut self, through: i64) -> Result<u64, StoreError> {
        self.delete_terms(through).await?;
        let text = "DELETE FROM events WHERE tenant = ? AND seq <= ?";
        Ok(self.run(text, vec![through.into()]).await?.rows_affected())
    }

    /// Removes at most `most` credentials that expired before an instant.
    pub async fn delete_issued(&mut self, expired_before: Instant, most: u32) -> Result<u64, StoreError> {
        let oldest = "(SELECT seq FROM issued WHERE tenant = ? AND expires_at < ? ORDER BY seq LIMIT ?)";
        let values =
            || -> Vec<Value> { vec![self.tenant.into(), expired_before.0.into(), i64::from(most).into()] };
        let index = format!(
            "DELETE FROM issued_agents WHERE tenant = ? AND (agent, expires_at, seq) IN \
             (SELECT agent, expires_at, seq FROM issued WHERE tenant = ? AND seq IN {oldest})"
        );
        let mut of_index = vec![self.tenant.into()];
        of_index.extend(values());
        self.run(&index, of_index).await?;
        let text = format!("DELETE FROM issued WHERE tenant = ? AND seq IN {oldest}");
        Ok(self.run(&text, values()).await?.rows_affected())
    }

    /// Removes revocations that nothing could be reached by since before an instant; never one of a key.
    pub async fn delete_revocations(&mut self, kept_until: Instant) -> Result<u64, StoreError> {
        let text = "DELETE FROM revocations WHERE tenant = ? AND kept_until IS NOT NULL AND kept_until < ?";
        Ok(self.run(text, vec![kept_until.0.into()]).await?.rows_affected())
    }
}
