//! The event log's tables: heads, events, revocations, checkpoints.

use deputy_mandate::Instant;
use deputy_token::revocation::{Target, TargetKind};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};

use crate::{
    StoreError, TenantRead, TenantTx,
    event::{EventDraft, Touched},
    sql,
};

/// The end of a tenant's log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogHead {
    /// The last position; 0 before the first event.
    pub seq: i64,
    /// The last event's hash.
    pub hash: String,
    /// The last position whose event changed state.
    pub change_seq: i64,
    /// The last position of a revocation.
    pub barrier_seq: i64,
    /// The last position of a halt.
    pub halt_seq: i64,
    /// The last position that can be found by agent, subject or credential without a scan.
    pub(crate) indexed_seq: i64,
}

const HEAD_COLUMNS: &str = "seq, hash, change_seq, barrier_seq, halt_seq, indexed_seq";

/// A tenant's head; empty for a log that has not begun.
pub(crate) async fn head(read: &TenantRead<'_>) -> Result<LogHead, StoreError> {
    let row = read.one(&format!("SELECT {HEAD_COLUMNS} FROM log_heads WHERE tenant = ?"), vec![]).await?;
    row.as_ref().map_or_else(|| Ok(LogHead::default()), head_of)
}

fn head_of(row: &QueryResult) -> Result<LogHead, StoreError> {
    Ok(LogHead {
        seq: row.try_get("", "seq")?,
        hash: row.try_get("", "hash")?,
        change_seq: row.try_get("", "change_seq")?,
        barrier_seq: row.try_get("", "barrier_seq")?,
        halt_seq: row.try_get("", "halt_seq")?,
        indexed_seq: row.try_get("", "indexed_seq")?,
    })
}

/// Every tenant's head, by tenant id: what a replica polls.
pub(crate) async fn heads(
    conn: &impl ConnectionTrait,
    backend: DbBackend,
) -> Result<Vec<(String, LogHead)>, StoreError> {
    let text = format!("SELECT tenant, {HEAD_COLUMNS} FROM log_heads");
    let rows = conn.query_all_raw(sql::statement(backend, &text, vec![])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "tenant")?, head_of(row)?))).collect()
}

pub(crate) fn save_head(backend: DbBackend, tenant: &str, head: &LogHead) -> Statement {
    let text = "INSERT INTO log_heads (tenant, seq, hash, change_seq, barrier_seq, halt_seq, indexed_seq) \
                VALUES (?, ?, ?, ?, ?, ?, ?) \
                ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, \
                change_seq = excluded.change_seq, barrier_seq = excluded.barrier_seq, \
                halt_seq = excluded.halt_seq, indexed_seq = excluded.indexed_seq";
    let values = vec![
        tenant.into(),
        head.seq.into(),
        head.hash.as_str().into(),
        head.change_seq.into(),
        head.barrier_seq.into(),
        head.halt_seq.into(),
        head.indexed_seq.into(),
    ];
    sql::statement(backend, text, values)
}

pub(crate) const EVENT_HEAD: &str =
    "INSERT INTO events (tenant, seq, time, action, agent, subject, credential, touched, body, hash)";
pub(crate) const EVENT_WIDTH: usize = 10;

#[expect(clippy::too_many_arguments, reason = "one argument a column of the row that it writes")]
pub(crate) fn push_event(
    rows: &mut Vec<Value>,
    tenant: &str,
    seq: i64,
    now: Instant,
    event: &EventDraft,
    touched: Option<String>,
    body: String,
    hash: &str,
) {
    rows.extend([tenant.into(), seq.into(), now.0.into(), event.action.into(), event.agent.clone().into()]);
    rows.extend([
        event.subject.clone().into(),
        event.credential.clone().into(),
        touched.into(),
        body.into(),
        hash.into(),
    ]);
}

/// The stored form of what an event touched; `None` when it touched nothing.
pub(crate) fn touched_text(touched: &[Touched]) -> Option<String> {
    (!touched.is_empty()).then(|| touched.iter().map(Touched::text).collect::<Vec<_>>().join(" "))
}

pub(crate) const REVOCATION_HEAD: &str =
    "INSERT INTO revocations (tenant, seq, id, kind, value, body, reason, created_at, kept_until)";
pub(crate) const REVOCATION_WIDTH: usize = 9;

/// Until when a revocation made now must be kept: the longest life of a credential, plus leeway for clocks.
pub(crate) fn kept_until(now: Instant) -> Instant {
    now.plus_secs(24 * 3600 + 600)
}

pub(crate) fn push_revocation(
    rows: &mut Vec<Value>,
    tenant: &str,
    row: &RevocationRow,
) -> Result<(), StoreError> {
    let body = serde_json::to_string(&row.target).map_err(|cause| corrupt("revocation", &row.id, &cause))?;
    let kind = row.target.kind();
    // A key's is kept for ever: credentials made offline with it can appear at any time.
    let kept_until = (kind != TargetKind::Key).then_some(row.kept_until.0);
    rows.extend([tenant.into(), row.seq.into(), row.id.as_str().into(), kind.as_str().into()]);
    rows.extend([
        row.target.value().unwrap_or_default().into(),
        Some(body).into(),
        row.reason.as_str().into(),
    ]);
    rows.extend([row.created_at.0.into(), kept_until.into()]);
    Ok(())
}

fn corrupt(what: &'static str, id: &str, cause: &serde_json::Error) -> StoreError {
    StoreError::Corrupt { what, id: id.to_owned(), cause: cause.to_string() }
}

/// A revocation as stored.
#[derive(Debug, Clone)]
pub struct RevocationRow {
    /// Its position in the log.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// What it kills.
    pub target: Target,
    /// Why, in somebody's words.
    pub reason: String,
    /// When it was made.
    pub created_at: Instant,
    /// When everything it reaches has expired; a key's is kept for ever.
    pub kept_until: Instant,
}

fn revocation_of(row: &QueryResult) -> Result<RevocationRow, StoreError> {
    let id: String = row.try_get("", "id")?;
    let body: String = row.try_get("", "body")?;
    let target = serde_json::from_str(&body).map_err(|cause| corrupt("revocation", &id, &cause))?;
    let kept_until: Option<i64> = row.try_get("", "kept_until")?;
    Ok(RevocationRow {
        seq: row.try_get("", "seq")?,
        target,
        reason: row.try_get("", "reason")?,
        created_at: Instant(row.try_get("", "created_at")?),
        kept_until: Instant(kept_until.unwrap_or(i64::MAX)),
        id,
    })
}

/// An event as stored: its canonical text and its hash.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Its position.
    pub seq: i64,
    /// What happened.
    pub action: String,
    /// Canonical JSON without `hash`.
    pub body: String,
    /// `base64url(SHA-256(body))`.
    pub hash: String,
}

impl StoredEvent {
    /// The event as one JSON object, `hash` included.
    #[must_use]
    pub fn json(&self) -> String {
        let open = self.body.strip_suffix('}').unwrap_or(&self.body);
        format!("{open},\"hash\":\"{}\"}}", self.hash)
    }
}

pub(crate) fn event_of(row: &QueryResult) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        seq: row.try_get("", "seq")?,
        action: row.try_get("", "action")?,
        body: row.try_get("", "body")?,
        hash: row.try_get("", "hash")?,
    })
}

/// A signed statement about the log's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Position that it covers.
    pub seq: i64,
    /// When it was made.
    pub time: Instant,
    /// The audit key that signed it.
    pub kid: String,
    /// The signed statement.
    pub jws: String,
}

impl TenantRead<'_> {
    /// The log's head.
    pub async fn head(&self) -> Result<LogHead, StoreError> {
        head(self).await
    }

    /// Revocations with `after < seq <= upto`, in order.
    pub async fn revocations_between(&self, after: i64, upto: i64) -> Result<Vec<RevocationRow>, StoreError> {
        let text = "SELECT * FROM revocations WHERE tenant = ? AND seq > ? AND seq <= ? ORDER BY seq";
        self.all(text, vec![after.into(), upto.into()]).await?.iter().map(revocation_of).collect()
    }

    /// Revocations that can still reach a live credential, above a position, in order.
    pub async fn live_revocations(&self, after: i64, now: Instant) -> Result<Vec<RevocationRow>, StoreError> {
        let text = "SELECT * FROM revocations WHERE tenant = ? AND seq > ? \
                    AND (kept_until IS NULL OR kept_until > ?) ORDER BY seq";
        self.all(text, vec![after.into(), now.0.into()]).await?.iter().map(revocation_of).collect()
    }

    /// One revocation by its id.
    pub async fn revocation(&self, id: &str) -> Result<Option<RevocationRow>, StoreError> {
        let row = self.one("SELECT * FROM revocations WHERE tenant = ? AND id = ?", vec![id.into()]).await?;
        row.as_ref().map(revocation_of).transpose()
    }

    /// Revocations, newest first, below a position.
    pub async fn revocations_page(&self, before: i64, limit: u32) -> Result<Vec<RevocationRow>, StoreError> {
        let text = "SELECT * FROM revocations WHERE tenant = ? AND seq < ? ORDER BY seq DESC LIMIT ?";
        self.all(text, vec![before.into(), i64::from(limit).into()])
            .await?
            .iter()
            .map(revocation_of)
            .collect()
    }

    /// What the events after a position touched, and the head, for memory to follow.
    pub(crate) async fn touched_after(&self, after: i64) -> Result<Vec<Touched>, StoreError> {
        let text =
            "SELECT touched FROM events WHERE tenant = ? AND seq > ? AND touched IS NOT NULL ORDER BY seq";
        let mut touched = Vec::new();
        for row in self.all(text, vec![after.into()]).await? {
            let text: String = row.try_get("", "touched")?;
            touched.extend(text.split(' ').filter_map(Touched::parse));
        }
        Ok(touched)
    }

    /// Checkpoints above a position, in order.
    pub async fn checkpoints(&self, after: i64) -> Result<Vec<Checkpoint>, StoreError> {
        let text = "SELECT seq, time, kid, jws FROM checkpoints WHERE tenant = ? AND seq > ? ORDER BY seq";
        let rows = self.all(text, vec![after.into()]).await?;
        let checkpoint = |row: &QueryResult| {
            Ok(Checkpoint {
                seq: row.try_get("", "seq")?,
                time: Instant(row.try_get("", "time")?),
                kid: row.try_get("", "kid")?,
                jws: row.try_get("", "jws")?,
            })
        };
        rows.iter().map(checkpoint).collect()
    }
}

impl TenantTx<'_> {
    /// Keeps a checkpoint; one for the same position stays as it is.
    pub async fn keep_checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        let text = "INSERT INTO checkpoints (tenant, seq, time, kid, jws) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let values = vec![
            checkpoint.seq.into(),
            checkpoint.time.0.into(),
            checkpoint.kid.as_str().into(),
            checkpoint.jws.as_str().into(),
        ];
        self.run(text, values).await.map(drop)
    }
}
