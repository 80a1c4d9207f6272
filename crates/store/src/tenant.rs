//! The only ways to tenant data: [`TenantRead`] reads, [`TenantTx`] also writes.
//!
//! Both carry their tenant and put it into every statement. A `TenantTx` exists only inside the
//! writer's transaction, and collects the events that its changes are: a change without an event
//! does not compile into anything that memory would ever see.

use deputy_mandate::Instant;
use deputy_token::revocation::Target;
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, ExecResult, QueryResult, Value};

use crate::{Record, StoreError, event::EventDraft, event::Touched, sql};

/// Reads of one tenant's data.
pub struct TenantRead<'c> {
    pub(crate) conn: DatabaseExecutor<'c>,
    pub(crate) backend: DbBackend,
    pub(crate) tenant: &'c str,
}

impl<'c> TenantRead<'c> {
    pub(crate) fn new(conn: impl Into<DatabaseExecutor<'c>>, backend: DbBackend, tenant: &'c str) -> Self {
        Self { conn: conn.into(), backend, tenant }
    }

    /// All rows of a query whose first mark is the tenant.
    pub(crate) async fn all(&self, text: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, StoreError> {
        Ok(self.conn.query_all_raw(self.scoped(text, values)).await?)
    }

    /// The first row of a query whose first mark is the tenant.
    pub(crate) async fn one(
        &self,
        text: &str,
        values: Vec<Value>,
    ) -> Result<Option<QueryResult>, StoreError> {
        Ok(self.conn.query_one_raw(self.scoped(text, values)).await?)
    }

    pub(crate) fn scoped(&self, text: &str, mut values: Vec<Value>) -> sea_orm::Statement {
        values.insert(0, self.tenant.into());
        sql::statement(self.backend, text, values)
    }

    /// A record by id.
    pub async fn find<R: Record>(&self, id: &str) -> Result<Option<R>, StoreError> {
        let text = "SELECT id, body FROM records WHERE tenant = ? AND kind = ? AND id = ?";
        self.one(text, vec![R::KIND.as_str().into(), id.into()]).await?.as_ref().map(decode).transpose()
    }

    /// A record by its natural key.
    pub async fn find_named<R: Record>(&self, name: &str) -> Result<Option<R>, StoreError> {
        let text = "SELECT id, body FROM records WHERE tenant = ? AND kind = ? AND name = ?";
        self.one(text, vec![R::KIND.as_str().into(), name.into()]).await?.as_ref().map(decode).transpose()
    }

    /// Every record of a kind, by id.
    pub async fn every<R: Record>(&self) -> Result<Vec<R>, StoreError> {
        let text = "SELECT id, body FROM records WHERE tenant = ? AND kind = ? ORDER BY id";
        self.all(text, vec![R::KIND.as_str().into()]).await?.iter().map(decode).collect()
    }

    /// The records of a kind with these ids, in any order.
    pub async fn some<R: Record>(&self, ids: &[String]) -> Result<Vec<R>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(sql::IN_CHUNK) {
            let text = format!(
                "SELECT id, body FROM records WHERE tenant = ? AND kind = ? AND id IN {}",
                sql::marks(chunk.len())
            );
            let mut values: Vec<Value> = vec![R::KIND.as_str().into()];
            values.extend(chunk.iter().map(|id| Value::from(id.as_str())));
            for row in self.all(&text, values).await? {
                found.push(decode(&row)?);
            }
        }
        Ok(found)
    }

    /// The records of a kind that point at `link`.
    pub async fn linked<R: Record>(&self, link: &str) -> Result<Vec<R>, StoreError> {
        let text = "SELECT r.id, r.body FROM record_links l JOIN records r \
                    ON r.tenant = l.tenant AND r.kind = l.kind AND r.id = l.id \
                    WHERE l.tenant = ? AND l.link = ? AND l.kind = ? ORDER BY r.id";
        self.all(text, vec![link.into(), R::KIND.as_str().into()]).await?.iter().map(decode).collect()
    }
}

pub(crate) fn decode<R: Record>(row: &QueryResult) -> Result<R, StoreError> {
    let body: String = row.try_get("", "body")?;
    serde_json::from_str(&body).map_err(|cause| StoreError::Corrupt {
        what: R::KIND.as_str(),
        id: row.try_get("", "id").unwrap_or_default(),
        cause: cause.to_string(),
    })
}

/// One entry that a transaction adds to the log, in order.
pub(crate) enum Entry {
    /// An event.
    Event(Box<EventDraft>),
    /// A revocation, which is an event of its own.
    Revocation { event: Box<EventDraft>, id: String, target: Target, reason: String },
}

/// Reads and writes of one tenant's data, inside the writer's transaction.
pub struct TenantTx<'c> {
    read: TenantRead<'c>,
    now: Instant,
    changed_at: i64,
    pub(crate) entries: Vec<Entry>,
    pub(crate) halts: bool,
}

impl<'c> std::ops::Deref for TenantTx<'c> {
    type Target = TenantRead<'c>;

    fn deref(&self) -> &TenantRead<'c> {
        &self.read
    }
}

impl<'c> TenantTx<'c> {
    pub(crate) fn new(read: TenantRead<'c>, now: Instant, changed_at: i64) -> Self {
        Self { read, now, changed_at, entries: Vec::new(), halts: false }
    }

    /// The transaction's time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Position of the last change of state that this transaction sees, those that wait in its own batch
    /// included: what was computed from a state at this position or after it holds at the commit.
    #[must_use]
    pub fn changed_at(&self) -> i64 {
        self.changed_at
    }

    pub(crate) async fn run(&self, text: &str, values: Vec<Value>) -> Result<ExecResult, StoreError> {
        Ok(self.conn.execute_raw(self.scoped(text, values)).await?)
    }

    /// Inserts a new record; a used natural key is [`StoreError::Taken`].
    pub async fn insert<R: Record>(&mut self, record: &R) -> Result<(), StoreError> {
        self.insert_many(std::slice::from_ref(record)).await
    }

    /// Inserts many new records of a kind, a few statements in all.
    pub async fn insert_many<R: Record>(&mut self, records: &[R]) -> Result<(), StoreError> {
        self.write_many(records, "").await
    }

    /// Multi-row inserts with what `tail` says about rows that are there already.
    pub(crate) async fn write_many<R: Record>(
        &mut self,
        records: &[R],
        tail: &str,
    ) -> Result<(), StoreError> {
        let mut rows: Vec<Value> = Vec::with_capacity(records.len() * 7);
        let mut links: Vec<Value> = Vec::new();
        for record in records {
            let now = self.now.0;
            rows.extend([
                self.tenant.into(),
                R::KIND.as_str().into(),
                record.id().into(),
                record.name().into(),
            ]);
            rows.extend([encode(record)?.into(), now.into(), now.into()]);
            self.push_links(record, &mut links);
        }
        let head = "INSERT INTO records (tenant, kind, id, name, body, created_at, updated_at)";
        for statement in sql::inserts(self.backend, head, tail, 7, rows) {
            self.conn.execute_raw(statement).await?;
        }
        self.insert_links(links).await
    }

    /// Replaces a record that is there.
    pub async fn update<R: Record>(&mut self, record: &R) -> Result<(), StoreError> {
        let text =
            "UPDATE records SET name = ?, body = ?, updated_at = ? WHERE tenant = ? AND kind = ? AND id = ?";
        let values = vec![
            record.name().into(),
            encode(record)?.into(),
            self.now.0.into(),
            self.tenant.into(),
            R::KIND.as_str().into(),
            record.id().into(),
        ];
        self.conn.execute_raw(sql::statement(self.backend, text, values)).await?;
        self.delete_links::<R>(record.id()).await?;
        let mut links = Vec::new();
        self.push_links(record, &mut links);
        self.insert_links(links).await
    }

    /// Removes a record; false when it was not there.
    pub async fn delete<R: Record>(&mut self, id: &str) -> Result<bool, StoreError> {
        self.delete_links::<R>(id).await?;
        let text = "DELETE FROM records WHERE tenant = ? AND kind = ? AND id = ?";
        Ok(self.run(text, vec![R::KIND.as_str().into(), id.into()]).await?.rows_affected() > 0)
    }

    async fn delete_links<R: Record>(&mut self, id: &str) -> Result<(), StoreError> {
        let text = "DELETE FROM record_links WHERE tenant = ? AND kind = ? AND id = ?";
        self.run(text, vec![R::KIND.as_str().into(), id.into()]).await.map(drop)
    }

    fn push_links<R: Record>(&self, record: &R, links: &mut Vec<Value>) {
        let mut targets = record.links();
        targets.sort_unstable();
        targets.dedup();
        for link in targets {
            links.extend([self.tenant.into(), R::KIND.as_str().into(), record.id().into(), link.into()]);
        }
    }

    async fn insert_links(&mut self, links: Vec<Value>) -> Result<(), StoreError> {
        for statement in
            sql::inserts(self.backend, "INSERT INTO record_links (tenant, kind, id, link)", "", 4, links)
        {
            self.conn.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Adds an event to the log.
    pub fn event(&mut self, event: EventDraft) {
        self.entries.push(Entry::Event(Box::new(event)));
    }

    /// Adds an event that changed one record.
    pub fn changed<R: Record>(&mut self, record: &R, mut event: EventDraft) {
        event.touched.push(Touched::Record(R::KIND, record.id().to_owned()));
        self.event(event);
    }

    /// Adds a revocation, an event of its own that follows what was added before it.
    ///
    /// It is kept until every credential that it can reach has expired; one of a key for ever.
    pub fn revoke(&mut self, id: String, target: Target, reason: &str, mut event: EventDraft) {
        event.touched.push(Touched::Revocation);
        let reason = reason.to_owned();
        self.entries.push(Entry::Revocation { event: Box::new(event), id, target, reason });
    }

    /// Says that this change halts issuance, so that whatever was computed before it is computed again.
    pub fn halts(&mut self) {
        self.halts = true;
    }
}

fn encode<R: Record>(record: &R) -> Result<String, StoreError> {
    serde_json::to_string(record).map_err(|cause| StoreError::Corrupt {
        what: R::KIND.as_str(),
        id: record.id().to_owned(),
        cause: cause.to_string(),
    })
}
