//! Dashboard sessions and one-time set-up links: kept as digests, shared by all replicas.

use deputy_mandate::Instant;
use sea_orm::{ConnectionTrait, QueryResult};

use crate::{Database, StoreError, sql};

/// A signed-in person or key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Digest of the cookie.
    pub id: String,
    /// The tenant it is for; `None` for the whole installation.
    pub tenant: Option<String>,
    /// Who it is, as events name them.
    pub actor: String,
    /// What it may do.
    pub role: String,
    /// The value that forms carry back.
    pub csrf: String,
    /// When it began.
    pub created_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
}

impl Database {
    async fn do_write(&self, text: &str, values: Vec<sea_orm::Value>) -> Result<u64, StoreError> {
        let statement = sql::statement(self.backend, text, values);
        Ok(self.write.execute_raw(statement).await?.rows_affected())
    }

    /// Begins a session.
    pub async fn insert_session(&self, session: &Session) -> Result<(), StoreError> {
        let text = "INSERT INTO sessions (id, tenant, actor, role, csrf, created_at, expires_at) \
                    VALUES (?, ?, ?, ?, ?, ?, ?)";
        let values = vec![
            session.id.as_str().into(),
            session.tenant.clone().into(),
            session.actor.as_str().into(),
            session.role.as_str().into(),
            session.csrf.as_str().into(),
            session.created_at.0.into(),
            session.expires_at.0.into(),
        ];
        self.do_write(text, values).await.map(drop)
    }

    /// A session that has not ended.
    pub async fn session(&self, id: &str, now: Instant) -> Result<Option<Session>, StoreError> {
        let text = "SELECT * FROM sessions WHERE id = ? AND expires_at > ?";
        let statement = sql::statement(self.backend, text, vec![id.into(), now.0.into()]);
        let row = self.read.query_one_raw(statement).await?;
        let session = |row: &QueryResult| {
            Ok(Session {
                id: row.try_get("", "id")?,
                tenant: row.try_get("", "tenant")?,
                actor: row.try_get("", "actor")?,
                role: row.try_get("", "role")?,
                csrf: row.try_get("", "csrf")?,
                created_at: Instant(row.try_get("", "created_at")?),
                expires_at: Instant(row.try_get("", "expires_at")?),
            })
        };
        row.as_ref().map(session).transpose()
    }

    /// Ends a session, and forgets those that have ended by themselves.
    pub async fn end_session(&self, id: &str, now: Instant) -> Result<(), StoreError> {
        let text = "DELETE FROM sessions WHERE id = ? OR expires_at <= ?";
        self.do_write(text, vec![id.into(), now.0.into()]).await.map(drop)
    }

    /// Keeps a set-up link's digest.
    pub async fn insert_setup_link(
        &self,
        id: &str,
        now: Instant,
        expires_at: Instant,
    ) -> Result<(), StoreError> {
        let text = "INSERT INTO setup_links (id, created_at, expires_at) VALUES (?, ?, ?)";
        self.do_write(text, vec![id.into(), now.0.into(), expires_at.0.into()]).await.map(drop)
    }

    /// Uses a set-up link up; false when it is unknown, used or over.
    pub async fn use_setup_link(&self, id: &str, now: Instant) -> Result<bool, StoreError> {
        let text = "UPDATE setup_links SET used_at = ? WHERE id = ? AND used_at IS NULL AND expires_at > ?";
        Ok(self.do_write(text, vec![now.0.into(), id.into(), now.0.into()]).await? == 1)
    }
}
