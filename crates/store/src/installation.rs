//! What belongs to the installation and to no tenant: tenants, platform keys, single values.

use std::sync::Arc;

use deputy_mandate::Instant;
use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::{Database, StoreError, TenantRead, TenantTx, log, sql};

/// How far the clocks of two servers may be apart: what one has forgotten, the other must refuse by its age.
const CLOCKS_APART_SECS: i64 = 300;

/// Whether a tenant works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// It works.
    Active,
    /// It exists, and nothing of it can be used.
    Suspended,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Opaque id.
    pub id: Arc<str>,
    /// Its name in URLs; never reused.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Whether it works.
    pub status: TenantStatus,
    /// When it was made.
    pub created_at: Instant,
}

/// A key of the whole installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformKey {
    /// Opaque id.
    pub id: String,
    /// SHA-256 of the key, base64url.
    pub hash: String,
    /// The part of it that may be shown.
    pub prefix: String,
    /// When it ends by itself.
    pub expires_at: Option<Instant>,
    /// When it was ended.
    pub ended_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
}

fn tenant_of(row: &QueryResult) -> Result<Tenant, StoreError> {
    let id: String = row.try_get("", "id")?;
    let status: String = row.try_get("", "status")?;
    Ok(Tenant {
        slug: row.try_get("", "slug")?,
        name: row.try_get("", "name")?,
        // Whatever is not known to be active is not.
        status: if status == "active" { TenantStatus::Active } else { TenantStatus::Suspended },
        created_at: Instant(row.try_get("", "created_at")?),
        id: id.into(),
    })
}

fn key_of(row: &QueryResult) -> Result<PlatformKey, StoreError> {
    let instant = |column| Ok::<_, StoreError>(row.try_get::<Option<i64>>("", column)?.map(Instant));
    Ok(PlatformKey {
        id: row.try_get("", "id")?,
        hash: row.try_get("", "hash")?,
        prefix: row.try_get("", "prefix")?,
        expires_at: instant("expires_at")?,
        ended_at: instant("ended_at")?,
        created_at: Instant(row.try_get("", "created_at")?),
    })
}

const fn status_text(status: TenantStatus) -> &'static str {
    match status {
        TenantStatus::Active => "active",
        TenantStatus::Suspended => "suspended",
    }
}

impl Database {
    async fn rows(&self, text: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, StoreError> {
        Ok(self.read.query_all_raw(sql::statement(self.backend, text, values)).await?)
    }

    /// Reads of one tenant's data, outside any transaction.
    #[must_use]
    pub fn tenant<'c>(&'c self, id: &'c str) -> TenantRead<'c> {
        TenantRead::new(&self.read, self.backend, id)
    }

    /// A tenant by its slug.
    pub async fn tenant_named(&self, slug: &str) -> Result<Option<Tenant>, StoreError> {
        let rows = self.rows("SELECT * FROM tenants WHERE slug = ?", vec![slug.into()]).await?;
        rows.first().map(tenant_of).transpose()
    }

    /// A tenant by its id.
    pub async fn tenant_by_id(&self, id: &str) -> Result<Option<Tenant>, StoreError> {
        let rows = self.rows("SELECT * FROM tenants WHERE id = ?", vec![id.into()]).await?;
        rows.first().map(tenant_of).transpose()
    }

    /// Tenants in the order of their slugs, after one.
    pub async fn tenants(&self, after: &str, limit: u32) -> Result<Vec<Tenant>, StoreError> {
        let text = "SELECT * FROM tenants WHERE slug > ? ORDER BY slug LIMIT ?";
        self.rows(text, vec![after.into(), i64::from(limit).into()]).await?.iter().map(tenant_of).collect()
    }

    /// Every tenant's log head, by tenant id.
    pub async fn log_heads(&self) -> Result<Vec<(String, crate::LogHead)>, StoreError> {
        log::heads(&self.read, self.backend).await
    }

    /// A stored installation value.
    pub async fn value(&self, name: &str) -> Result<Option<String>, StoreError> {
        let rows = self.rows("SELECT value FROM installation WHERE name = ?", vec![name.into()]).await?;
        Ok(rows.first().map(|row| row.try_get("", "value")).transpose()?)
    }

    /// Stores an installation value unless there is one; returns the one that stands.
    pub async fn value_or_insert(&self, name: &str, value: &str) -> Result<String, StoreError> {
        let text = "INSERT INTO installation (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING";
        let statement = sql::statement(self.backend, text, vec![name.into(), value.into()]);
        self.write.execute_raw(statement).await?;
        Ok(self.value(name).await?.unwrap_or_else(|| value.to_owned()))
    }

    /// Every platform key that was made.
    pub async fn platform_keys(&self) -> Result<Vec<PlatformKey>, StoreError> {
        self.rows("SELECT * FROM platform_keys ORDER BY id", vec![]).await?.iter().map(key_of).collect()
    }

    /// A platform key by its hash.
    pub async fn platform_key(&self, hash: &str) -> Result<Option<PlatformKey>, StoreError> {
        let rows = self.rows("SELECT * FROM platform_keys WHERE hash = ?", vec![hash.into()]).await?;
        rows.first().map(key_of).transpose()
    }

    /// Adds a platform key.
    pub async fn insert_platform_key(&self, key: &PlatformKey) -> Result<(), StoreError> {
        let text =
            "INSERT INTO platform_keys (id, hash, prefix, created_at, expires_at) VALUES (?, ?, ?, ?, ?)";
        let values = vec![
            key.id.as_str().into(),
            key.hash.as_str().into(),
            key.prefix.as_str().into(),
            key.created_at.0.into(),
            key.expires_at.map(|at| at.0).into(),
        ];
        self.write.execute_raw(sql::statement(self.backend, text, values)).await?;
        Ok(())
    }

    /// Forgets assertions and proofs that no server would accept any more anyway, whatever its clock.
    pub async fn forget_spent(&self, now: Instant) -> Result<(), StoreError> {
        let before = now.plus_secs(-CLOCKS_APART_SECS).0;
        for text in [
            "DELETE FROM spent_assertions WHERE expires_at < ?",
            "DELETE FROM spent_proofs WHERE expires_at < ?",
        ] {
            self.write.execute_raw(sql::statement(self.backend, text, vec![before.into()])).await?;
        }
        Ok(())
    }
}

impl TenantTx<'_> {
    /// Makes the tenant whose transaction this is.
    pub async fn insert_tenant(&mut self, slug: &str, name: &str) -> Result<(), StoreError> {
        let text = "INSERT INTO tenants (id, slug, name, status, created_at) VALUES (?, ?, ?, 'active', ?)";
        self.run(text, vec![slug.into(), name.into(), self.now().0.into()]).await.map(drop)
    }

    /// Changes whether the tenant works.
    pub async fn set_tenant_status(&mut self, status: TenantStatus) -> Result<(), StoreError> {
        let values = vec![status_text(status).into(), self.tenant.into()];
        let statement = sql::statement(self.backend, "UPDATE tenants SET status = ? WHERE id = ?", values);
        self.conn.execute_raw(statement).await?;
        Ok(())
    }
}
