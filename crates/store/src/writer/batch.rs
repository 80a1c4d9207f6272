//! One transaction for everything that waits.
//!
//! The tenants of a batch are locked in sorted order, their log heads read, each job takes its turn
//! (a change inside a savepoint of its own), and what the turns collected is written by a few
//! multi-row statements before the commit. Where nothing need be read, all of that is one text.

mod at_once;
mod page;

use std::sync::Arc;

use deputy_mandate::Instant;
use deputy_token::access::Hop;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, TransactionTrait};

pub(super) use at_once::Heads;
pub(super) use page::Page;
use page::{Log, Logs, Rows};

use super::{
    Watcher,
    job::{Job, Turn},
};
use crate::{Database, Spend, StoreError, event::rfc3339, log, sql, tenant::TenantRead};

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
    heads: &mut Heads,
    now: Instant,
    watcher: &dyn Watcher,
    jobs: &mut [Box<dyn Job>],
) -> Outcome {
    match attempt(database, heads, now, jobs).await {
        Ok((turns, logs)) => {
            logs.tell(watcher);
            for (job, turn) in jobs.iter_mut().zip(turns) {
                if let Turn::Wrote(committed) = turn {
                    job.answer(Ok(committed));
                }
            }
            Outcome::Settled
        }
        Err(error) => {
            tracing::error!(%error, jobs = jobs.len(), "a commit failed; nothing of it was written");
            heads.forget();
            let outage = matches!(error, StoreError::Unavailable(_));
            let error = Arc::new(error);
            for job in jobs {
                job.answer(Err(error.clone()));
            }
            if outage { Outcome::Outage } else { Outcome::Settled }
        }
    }
}

/// Writes and commits; the caller tells of it.
async fn attempt(
    database: &Database,
    heads: &mut Heads,
    now: Instant,
    jobs: &mut [Box<dyn Job>],
) -> Result<(Vec<Turn>, Logs), StoreError> {
    let time = rfc3339(now);
    if let Some(collected) = heads.collect(now, &time, jobs)
        && let Some(written) = heads.write(database, collected).await?
    {
        return Ok(written);
    }
    let txn = database.begin_write().await?;
    let logs = Logs(jobs.iter().map(|job| (job.tenant().clone(), Log::default())).collect());
    let mut logs = open(&txn, database.backend, logs).await?;
    let mut rows = Rows::default();
    let mut turns = Vec::with_capacity(jobs.len());
    for job in jobs.iter_mut() {
        let tenant = job.tenant().clone();
        let log = logs.0.entry(tenant.clone()).or_default();
        let page = Page { now, time: &time, tenant: &tenant, log, rows: &mut rows };
        turns.push(job.turn(&mut Lane { txn: &txn, backend: database.backend, page }).await?);
    }
    for statement in sql::together(database.backend, rows.statements(database.backend, &mut logs)) {
        txn.execute_raw(statement).await?;
    }
    txn.commit().await?;
    heads.remember(database.backend, &logs);
    Ok((turns, logs))
}

/// Locks the tenants' logs, in sorted order so that two replicas never wait for each other in a circle.
async fn open(txn: &DatabaseTransaction, backend: DbBackend, mut logs: Logs) -> Result<Logs, StoreError> {
    for (tenant, log) in &mut logs.0 {
        if backend == DbBackend::Postgres {
            let text = "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))";
            txn.query_one_raw(sql::statement(backend, text, vec![(**tenant).into()])).await?;
        }
        *log = Log::ending(log::head(&TenantRead::new(txn, backend, tenant)).await?);
    }
    Ok(logs)
}

/// What a job sees on its turn: its tenant's log, and the transaction.
pub(super) struct Lane<'b> {
    txn: &'b DatabaseTransaction,
    backend: DbBackend,
    pub(super) page: Page<'b>,
}

impl<'b> Lane<'b> {
    pub(super) fn now(&self) -> Instant {
        self.page.now
    }

    /// Position of the last event that changed state, those of this batch included.
    pub(super) fn changed_at(&self) -> i64 {
        self.page.log.head.change_seq
    }

    /// A savepoint for one change.
    pub(super) async fn savepoint(&self) -> Result<Savepoint<'b>, StoreError> {
        Ok(Savepoint { txn: self.txn.begin().await?, backend: self.backend, tenant: self.page.tenant })
    }

    /// The position at which authority that `chain` rests on was taken away after `read_at`, if it was.
    pub(super) async fn taken_away_after(
        &mut self,
        read_at: i64,
        chain: &[Hop],
    ) -> Result<Option<i64>, StoreError> {
        let head = &self.page.log.head;
        if head.halt_seq > read_at {
            return Ok(Some(head.halt_seq));
        }
        if head.barrier_seq <= read_at {
            return Ok(None);
        }
        if read_at < self.page.log.recent_after {
            let read = TenantRead::new(self.txn, self.backend, self.page.tenant);
            for row in read.revocations_between(read_at, self.page.log.recent_after).await? {
                self.page.log.recent.insert(row.seq, &row.target, row.kept_until);
            }
            self.page.log.recent_after = read_at;
        }
        Ok(self.page.log.recent.reaches(chain).map(|_| self.page.log.head.barrier_seq))
    }

    /// Marks something as used; false when it was used before.
    pub(super) async fn spend(&self, spend: &Spend) -> Result<bool, StoreError> {
        let statement = spend.statement(self.backend, self.page.tenant);
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
