//! A batch of nothing but events, written by one text: on SQLite each statement of its own is two turns between
//! threads, which cost more than its rows.
//!
//! The ends of logs are remembered from the commit before. Invariant: when a remembered end is none any more, because
//! another process wrote to the file, nothing is written: positions are unique, so the text fails at its first event.
//! The batch is then made in a transaction that reads the ends.

use std::{collections::HashMap, sync::Arc};

use deputy_mandate::Instant;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::page::{Log, Logs, Page, Rows};
use crate::{
    Database, LogHead, StoreError, sql,
    writer::job::{Committed, Job, Turn},
};

/// The ends of logs as the last commits left them.
#[derive(Default)]
pub(in crate::writer) struct Heads(HashMap<Arc<str>, LogHead>);

/// A batch that only appends.
pub(super) struct Collected {
    rows: Rows,
    turns: Vec<Turn>,
    logs: Logs,
}

impl Heads {
    /// Remembers where the logs of a committed batch end; only where one process writes is that worth knowing.
    pub(super) fn remember(&mut self, backend: DbBackend, logs: &Logs) {
        if backend == DbBackend::Sqlite {
            self.0.extend(logs.0.iter().map(|(tenant, log)| (tenant.clone(), log.head.clone())));
        }
    }

    /// Remembers nothing any more.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// Writes what was collected; `None`, and nothing is written, when it does not follow the ends of the logs.
    pub(super) async fn write(
        &mut self,
        database: &Database,
        Collected { rows, turns, mut logs }: Collected,
    ) -> Result<Option<(Vec<Turn>, Logs)>, StoreError> {
        let backend = database.backend;
        let mut whole = vec![Statement::from_string(backend, "BEGIN IMMEDIATE")];
        whole.extend(rows.statements(backend, &mut logs));
        whole.push(Statement::from_string(backend, "COMMIT"));
        for statement in sql::together(backend, whole) {
            if let Err(error) = database.write.execute_raw(statement).await {
                self.forget();
                // What it began ends here, if it got as far as to begin.
                let _none_is_open = database.write.execute_unprepared("ROLLBACK").await;
                return match error.into() {
                    outage @ StoreError::Unavailable(_) => Err(outage),
                    _ => Ok(None),
                };
            }
        }
        self.remember(backend, &logs);
        Ok(Some((turns, logs)))
    }

    /// What a batch writes in which no job need ask the database; `None` for any other.
    pub(super) fn collect(&self, now: Instant, time: &str, jobs: &[Box<dyn Job>]) -> Option<Collected> {
        let (mut rows, mut logs) = (Rows::default(), Logs::default());
        let mut turns = Vec::with_capacity(jobs.len());
        for job in jobs {
            let (tenant, append) = (job.tenant(), job.only_appends()?);
            let log = match logs.0.get_mut(tenant) {
                Some(log) => log,
                None => {
                    let log = Log::ending(self.0.get(tenant)?.clone());
                    logs.0.entry(tenant.clone()).or_insert(log)
                }
            };
            let taken_away = log.head.barrier_seq.max(log.head.halt_seq);
            if append.read_at.is_some_and(|read_at| read_at < taken_away) {
                return None;
            }
            let mut page = Page { now, time, tenant, log, rows: &mut rows };
            // What cannot be sealed is told of by the other way.
            let seq = page.append(&append.event).ok()?;
            if let Some(issue) = &append.issue {
                page.issue(&append.event, issue, seq);
            }
            turns.push(Turn::Wrote(Committed { seq }));
        }
        Some(Collected { rows, turns, logs })
    }
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Instant;

    use super::{Heads, Job};
    use crate::{
        LogHead, Spend,
        event::EventDraft,
        writer::job::{Append, AppendJob},
    };

    fn knowing(head: LogHead) -> Heads {
        Heads([("t".into(), head)].into())
    }

    fn collects(heads: &Heads, append: Append) -> bool {
        let job: Box<dyn Job> = Box::new(AppendJob { tenant: "t".into(), append, reply: None, place: None });
        heads.collect(Instant(0), "", &[job]).is_some()
    }

    #[test]
    fn only_a_batch_that_need_not_ask_is_written_at_once() {
        let event = || Append { event: EventDraft::new("token.issued", "system"), ..Append::default() };
        let head = LogHead { seq: 9, barrier_seq: 5, halt_seq: 3, ..LogHead::default() };
        assert!(collects(&knowing(head.clone()), event()));
        assert!(!collects(&Heads::default(), event()), "the end of the log is not known");

        for (read_at, is_collected) in [(4, false), (5, true), (9, true)] {
            assert_eq!(
                collects(&knowing(head.clone()), Append { read_at: Some(read_at), ..event() }),
                is_collected
            );
        }
        let halted = LogHead { halt_seq: 6, ..head.clone() };
        assert!(!collects(&knowing(halted), Append { read_at: Some(5), ..event() }));

        let spend = Spend::Assertion { client: "c".into(), jti: "j".into(), until: Instant(0) };
        assert!(!collects(&knowing(head), Append { spend: vec![spend], ..event() }));
    }
}
