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
    /// The sign-in that began it, when an identity provider did.
    pub vouched: Option<Vouched>,
}

/// A sign-in at an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Its issuer.
    pub issuer: String,
    /// Who signed in, as the issuer names them.
    pub subject: String,
    /// The session there, when it has a name.
    pub sid: Option<String>,
}

impl Database {
    async fn do_write(&self, text: &str, values: Vec<sea_orm::Value>) -> Result<u64, StoreError> {
        let statement = sql::statement(self.backend, text, values);
        Ok(self.write.execute_raw(statement).await?.rows_affected())
    }

    /// Begins a session.
    pub async fn insert_session(&self, session: &Session) -> Result<(), StoreError> {
        let text = "INSERT INTO sessions (id, tenant, actor, role, csrf, created_at, expires_at, issuer, subject, sid) \
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let vouched = session.vouched.as_ref();
        let values = vec![
            session.id.as_str().into(),
            session.tenant.clone().into(),
            session.actor.as_str().into(),
            session.role.as_str().into(),
            session.csrf.as_str().into(),
            session.created_at.0.into(),
            session.expires_at.0.into(),
            vouched.map(|one| one.issuer.clone()).into(),
            vouched.map(|one| one.subject.clone()).into(),
            vouched.and_then(|one| one.sid.clone()).into(),
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
                vouched: vouched(row)?,
            })
        };
        row.as_ref().map(session).transpose()
    }

    /// Ends a session, and forgets those that have ended by themselves. What a renewal left of it has the same form
    /// value.
    pub async fn end_session(&self, session: &Session, now: Instant) -> Result<(), StoreError> {
        let text = "DELETE FROM sessions WHERE csrf = ? OR expires_at <= ?";
        self.do_write(text, vec![session.csrf.as_str().into(), now.0.into()]).await.map(drop)
    }

    /// Puts a new secret in the place of a session's: the old one works until `until`, for what is under way.
    pub async fn replace_session(&self, old: &str, new: &Session, until: Instant) -> Result<(), StoreError> {
        self.insert_session(new).await?;
        let text = "UPDATE sessions SET expires_at = ? WHERE id = ? AND expires_at > ?";
        self.do_write(text, vec![until.0.into(), old.into(), until.0.into()]).await.map(drop)
    }

    /// Ends the sessions that an issuer vouched for: of a subject, of one of its sessions, or of both at once.
    pub async fn end_vouched(
        &self,
        tenant: &str,
        issuer: &str,
        subject: Option<&str>,
        sid: Option<&str>,
    ) -> Result<u64, StoreError> {
        let mut text = "DELETE FROM sessions WHERE tenant = ? AND issuer = ?".to_owned();
        let mut values: Vec<sea_orm::Value> = vec![tenant.into(), issuer.into()];
        for (column, value) in [("subject", subject), ("sid", sid)] {
            if let Some(value) = value {
                text.push_str(&format!(" AND {column} = ?"));
                values.push(value.into());
            }
        }
        if subject.is_none() && sid.is_none() { Ok(0) } else { self.do_write(&text, values).await }
    }

    /// Keeps a set-up link's digest, and forgets those that are over: anybody can begin to sign in.
    pub async fn insert_setup_link(
        &self,
        id: &str,
        now: Instant,
        expires_at: Instant,
    ) -> Result<(), StoreError> {
        self.do_write("DELETE FROM setup_links WHERE expires_at <= ?", vec![now.0.into()]).await?;
        let text = "INSERT INTO setup_links (id, created_at, expires_at) VALUES (?, ?, ?)";
        self.do_write(text, vec![id.into(), now.0.into(), expires_at.0.into()]).await.map(drop)
    }

    /// Uses a set-up link up; false when it is unknown, used or over.
    pub async fn use_setup_link(&self, id: &str, now: Instant) -> Result<bool, StoreError> {
        let text = "UPDATE setup_links SET used_at = ? WHERE id = ? AND used_at IS NULL AND expires_at > ?";
        Ok(self.do_write(text, vec![now.0.into(), id.into(), now.0.into()]).await? == 1)
    }
}

fn vouched(row: &QueryResult) -> Result<Option<Vouched>, StoreError> {
    let (issuer, subject): (Option<String>, Option<String>) =
        (row.try_get("", "issuer")?, row.try_get("", "subject")?);
    let sid = row.try_get("", "sid")?;
    Ok(issuer.zip(subject).map(|(issuer, subject)| Vouched { issuer, subject, sid }))
}
