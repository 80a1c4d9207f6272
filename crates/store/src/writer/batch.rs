//! One transaction for everything that waits.
//!
//! The tenants of a batch are locked in sorted order, their log heads read, each job takes its turn
//! (a change inside a savepoint of its own), and what the turns collected is written by a few
//! multi-row statements before the commit.

use std::{collections::BTreeMap, sync::Arc};

use deputy_mandate::Instant;
use deputy_token::{
    access::Hop,
    revocation::{RevocationIndex, Target},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, TransactionTrait, Value};

use super::{
    Watcher,
    job::{Job, Turn},
};
use crate::{
    Database, Issue, LogHead, RevocationRow, Spend, StoreError,
    event::{EventDraft, GENESIS, rfc3339},
    issued, log, sql,
    tenant::{Entry, TenantRead},
    terms,
};

/// How a commit ended.
pub(super) enum Outcome {
    /// It is on disk, or never will be.
    Settled,
    /// The database was away; the same may succeed later.
    Outage,
}

/// Commits what waits and answers every job.
pub(super) async fn commit(
    database: &Database,
    now: Instant,
    watcher: &dyn Watcher,
    jobs: &mut [Box<dyn Job>],
) -> Outcome {
    match attempt(database, now, watcher, jobs).await {
        Ok(turns) => {
            for (job, turn) in jobs.iter_mut().zip(turns) {
                if let Turn::Wrote(committed) = turn {
                    job.answer(Ok(committed));
                }
            }
            Outcome::Settled
        }
        Err(error) => {
            tracing::error!(%error, jobs = jobs.len(), "a commit failed; nothing of it was written");
            let outage = matches!(error, StoreError::Unavailable(_));
            let error = Arc::new(error);
            for job in jobs {
                job.answer(Err(error.clone()));
            }
            if outage { Outcome::Outage } else { Outcome::Settled }
        }
    }
}

async fn attempt(
    database: &Database,
    now: Instant,
    watcher: &dyn Watcher,
    jobs: &mut [Box<dyn Job>],
) -> Result<Vec<Turn>, StoreError> {
    let txn = database.begin_write().await?;
    let tenants = jobs.iter().map(|job| (job.tenant().clone(), Log::default())).collect();
    let mut logs = open(&txn, database.backend, tenants).await?;
    let mut rows = Rows::default();
    let mut turns = Vec::with_capacity(jobs.len());
    let time = rfc3339(now);
    for job in jobs.iter_mut() {
        let tenant = job.tenant().clone();
        let log = logs.entry(tenant.clone()).or_default();
        let mut lane = Lane {
            txn: &txn,
            backend: database.backend,
            now,
            time: &time,
            tenant: &tenant,
            log,
            rows: &mut rows,
        };
        turns.push(job.turn(&mut lane).await?);
    }
    rows.write(&txn, database.backend, &mut logs).await?;
    txn.commit().await?;
    for (tenant, log) in logs.iter().filter(|(_, log)| log.head.seq >= log.first) {
        watcher.committed(tenant, log.first, log.head.seq, log.touched);
    }
    Ok(turns)
}

/// Locks the tenants' logs, in sorted order so that two replicas never wait for each other in a circle.
async fn open(
    txn: &DatabaseTransaction,
    backend: DbBackend,
    mut logs: BTreeMap<Arc<str>, Log>,
) -> Result<BTreeMap<Arc<str>, Log>, StoreError> {
    for (tenant, log) in &mut logs {
        if backend == DbBackend::Postgres {
            let text = "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))";
            txn.query_one_raw(sql::statement(backend, text, vec![(**tenant).into()])).await?;
        }
        log.head = log::head(&TenantRead::new(txn, backend, tenant)).await?;
        log.first = log.head.seq + 1;
        log.recent_after = log.head.seq;
    }
    Ok(logs)
}

/// A tenant's log while a batch is being written.
#[derive(Default)]
struct Log {
    head: LogHead,
    first: i64,
    touched: bool,
    /// The revocations after `recent_after`.
    recent: RevocationIndex,
    recent_after: i64,
}

/// What a batch's turns have collected, to be written by a few statements.
#[derive(Default)]
struct Rows {
    events: Vec<Value>,
    revocations: Vec<Value>,
    issued: Vec<Value>,
}

impl Rows {
    /// Writes them, and the heads of the logs that grew.
    async fn write(
        self,
        txn: &DatabaseTransaction,
        backend: DbBackend,
        logs: &mut BTreeMap<Arc<str>, Log>,
    ) -> Result<(), StoreError> {
        let events = sql::inserts(backend, log::EVENT_HEAD, "", log::EVENT_WIDTH, self.events);
        let revocations =
            sql::inserts(backend, log::REVOCATION_HEAD, "", log::REVOCATION_WIDTH, self.revocations);
        let issued = sql::inserts(backend, issued::HEAD, "", issued::WIDTH, self.issued);
        let mut statements: Vec<Statement> = events.into_iter().chain(revocations).chain(issued).collect();
        for (tenant, log) in logs.iter_mut().filter(|(_, log)| log.head.seq >= log.first) {
            statements.extend(terms::follow(backend, tenant, &mut log.head));
            statements.push(log::save_head(backend, tenant, &log.head));
        }
        for statement in sql::together(backend, statements) {
            txn.execute_raw(statement).await?;
        }
        Ok(())
    }
}

/// What a job sees on its turn: its tenant's log, and the transaction.
pub(super) struct Lane<'b> {
    txn: &'b DatabaseTransaction,
    backend: DbBackend,
    now: Instant,
    time: &'b str,
    tenant: &'b Arc<str>,
    log: &'b mut Log,
    rows: &'b mut Rows,
}

impl<'b> Lane<'b> {
    pub(super) fn now(&self) -> Instant {
        self.now
    }

    /// Position of the last event that changed state, those of this batch included.
    pub(super) fn changed_at(&self) -> i64 {
        self.log.head.change_seq
    }

    /// A savepoint for one change.
    pub(super) async fn savepoint(&self) -> Result<Savepoint<'b>, StoreError> {
        Ok(Savepoint { txn: self.txn.begin().await?, backend: self.backend, tenant: self.tenant })
    }

    /// Adds an event; returns its position.
    pub(super) fn append(&mut self, event: &EventDraft) -> Result<i64, StoreError> {
        let head = &mut self.log.head;
        let seq = head.seq + 1;
        let prev = if head.seq == 0 { GENESIS } else { &head.hash };
        let (body, hash) = event.seal(seq, self.time, prev).map_err(|cause| StoreError::Corrupt {
            what: "event",
            id: event.action.to_owned(),
            cause: cause.to_string(),
        })?;
        let touched = log::touched_text(&event.touched);
        if touched.is_some() {
            head.change_seq = seq;
            self.log.touched = true;
        }
        log::push_event(&mut self.rows.events, self.tenant, seq, self.now, event, touched, body, &hash);
        head.seq = seq;
        head.hash = hash;
        Ok(seq)
    }

    /// Adds a change's entries in their order; returns the last position.
    pub(super) fn enter(&mut self, entries: Vec<Entry>, halts: bool) -> Result<i64, StoreError> {
        for entry in entries {
            match entry {
                Entry::Event(event) => {
                    self.append(&event)?;
                }
                Entry::Revocation { event, id, target, reason } => {
                    let seq = self.append(&event)?;
                    self.revoke(seq, id, &target, reason)?;
                }
            }
        }
        if halts {
            self.log.head.halt_seq = self.log.head.seq;
        }
        Ok(self.log.head.seq)
    }

    fn revoke(&mut self, seq: i64, id: String, target: &Target, reason: String) -> Result<(), StoreError> {
        let row = RevocationRow {
            seq,
            id,
            target: target.clone(),
            reason,
            created_at: self.now,
            kept_until: log::kept_until(self.now),
        };
        log::push_revocation(&mut self.rows.revocations, self.tenant, &row)?;
        self.log.head.barrier_seq = seq;
        self.log.recent.insert(seq, target, row.kept_until);
        Ok(())
    }

    /// Adds an issued credential.
    pub(super) fn issue(&mut self, event: &EventDraft, issue: &Issue, seq: i64) {
        issued::push(&mut self.rows.issued, self.tenant, event, issue, seq);
    }

    /// The position at which authority that `chain` rests on was taken away after `read_at`, if it was.
    pub(super) async fn taken_away_after(
        &mut self,
        read_at: i64,
        chain: &[Hop],
    ) -> Result<Option<i64>, StoreError> {
        let head = &self.log.head;
        if head.halt_seq > read_at {
            return Ok(Some(head.halt_seq));
        }
        if head.barrier_seq <= read_at {
            return Ok(None);
        }
        if read_at < self.log.recent_after {
            let read = TenantRead::new(self.txn, self.backend, self.tenant);
            for row in read.revocations_between(read_at, self.log.recent_after).await? {
                self.log.recent.insert(row.seq, &row.target, row.kept_until);
            }
            self.log.recent_after = read_at;
        }
        Ok(self.log.recent.reaches(chain).map(|_| self.log.head.barrier_seq))
    }

    /// Marks something as used; false when it was used before.
    pub(super) async fn spend(&self, spend: &Spend) -> Result<bool, StoreError> {
        let statement = spend.statement(self.backend, self.tenant);
        Ok(self.txn.execute_raw(statement).await?.rows_affected() == 1)
    }
}

/// A nested transaction that is kept or undone.
pub(super) struct Savepoint<'b> {
    txn: DatabaseTransaction,
    backend: DbBackend,
    tenant: &'b Arc<str>,
}

impl Savepoint<'_> {
    pub(super) fn reads(&self) -> TenantRead<'_> {
        TenantRead::new(&self.txn, self.backend, self.tenant)
    }

    pub(super) async fn keep(self) -> Result<(), StoreError> {
        Ok(self.txn.commit().await?)
    }

    pub(super) async fn undo(self) -> Result<(), StoreError> {
        Ok(self.txn.rollback().await?)
    }
}
