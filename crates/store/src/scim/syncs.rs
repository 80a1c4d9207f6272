//! How the synchronisation of each key goes: when it last did something, and what was last wrong.

use deputy_mandate::Instant;
use sea_orm::ConnectionTrait;

use crate::{StoreError, TenantRead, TenantTx, sql};

/// The state of one key's synchronisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sync {
    /// The key.
    pub key: String,
    /// When a request of it last succeeded.
    pub synced_at: Option<Instant>,
    /// When a request of it was last refused.
    pub failed_at: Option<Instant>,
    /// Why, in the words that the client got.
    pub failure: Option<String>,
}

impl TenantRead<'_> {
    /// The state of every key that ever synchronised.
    pub async fn syncs(&self) -> Result<Vec<Sync>, StoreError> {
        let rows = self.all("SELECT * FROM scim_syncs WHERE tenant = ? ORDER BY key_id", vec![]).await?;
        let sync = |row: &sea_orm::QueryResult| {
            Ok(Sync {
                key: row.try_get("", "key_id")?,
                synced_at: row.try_get::<Option<i64>>("", "synced_at")?.map(Instant),
                failed_at: row.try_get::<Option<i64>>("", "failed_at")?.map(Instant),
                failure: row.try_get("", "failure")?,
            })
        };
        rows.iter().map(sync).collect()
    }
}

impl TenantTx<'_> {
    /// Keeps the state of a key; what is absent stays as it was.
    pub async fn keep_sync(&mut self, sync: &Sync) -> Result<(), StoreError> {
        let text = "INSERT INTO scim_syncs (tenant, key_id, synced_at, failed_at, failure) VALUES (?, ?, ?, ?, ?) \
                    ON CONFLICT (tenant, key_id) DO UPDATE SET \
                    synced_at = COALESCE(excluded.synced_at, scim_syncs.synced_at), \
                    failed_at = COALESCE(excluded.failed_at, scim_syncs.failed_at), \
                    failure = COALESCE(excluded.failure, scim_syncs.failure)";
        let values = vec![
            self.tenant.into(),
            sync.key.as_str().into(),
            sync.synced_at.map(|at| at.0).into(),
            sync.failed_at.map(|at| at.0).into(),
            sync.failure.clone().into(),
        ];
        self.conn.execute_raw(sql::statement(self.backend, text, values)).await?;
        Ok(())
    }
}
