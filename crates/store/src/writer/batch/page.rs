//! What a batch writes, collected without asking the database: the ends of logs, and rows.

use std::{collections::BTreeMap, sync::Arc};

use deputy_mandate::Instant;
use deputy_token::revocation::{RevocationIndex, Target};
use sea_orm::{DbBackend, Statement, Value};

use crate::{
    Issue, LogHead, RevocationRow, StoreError,
    event::{EventDraft, GENESIS},
    issued, log, sql,
    tenant::Entry,
    terms,
    writer::Watcher,
};

/// A tenant's log while a batch is being written.
#[derive(Default)]
pub(super) struct Log {
    pub(super) head: LogHead,
    first: i64,
    touched: bool,
    /// The revocations after `recent_after`.
    pub(super) recent: RevocationIndex,
    pub(super) recent_after: i64,
}

impl Log {
    /// One that ends there so far.
    pub(super) fn ending(head: LogHead) -> Self {
        Self { first: head.seq + 1, recent_after: head.seq, head, ..Self::default() }
    }

    fn has_grown(&self) -> bool {
        self.head.seq >= self.first
    }
}

/// The logs of a batch, by tenant.
#[derive(Default)]
pub(super) struct Logs(pub(super) BTreeMap<Arc<str>, Log>);

impl Logs {
    /// Tells of what was committed.
    pub(super) fn tell(&self, watcher: &dyn Watcher) {
        for (tenant, log) in self.0.iter().filter(|(_, log)| log.has_grown()) {
            watcher.committed(tenant, log.first, log.head.seq, log.touched);
        }
    }
}

/// What a batch's turns have collected, to be written by a few statements.
#[derive(Default)]
pub(super) struct Rows {
    events: Vec<Value>,
    revocations: Vec<Value>,
    issued: Vec<Value>,
}

impl Rows {
    /// What writes them, and the heads of the logs that grew.
    pub(super) fn statements(self, backend: DbBackend, logs: &mut Logs) -> Vec<Statement> {
        let events = sql::inserts(backend, log::EVENT_HEAD, "", log::EVENT_WIDTH, self.events);
        let revocations =
            sql::inserts(backend, log::REVOCATION_HEAD, "", log::REVOCATION_WIDTH, self.revocations);
        let issued = sql::inserts(backend, issued::HEAD, "", issued::WIDTH, self.issued);
        let mut statements: Vec<Statement> = events.into_iter().chain(revocations).chain(issued).collect();
        for (tenant, log) in logs.0.iter_mut().filter(|(_, log)| log.has_grown()) {
            statements.extend(terms::follow(backend, tenant, &mut log.head));
            statements.push(log::save_head(backend, tenant, &log.head));
        }
        statements
    }
}

/// A place at the end of one tenant's log.
pub(in crate::writer) struct Page<'b> {
    pub(super) now: Instant,
    pub(super) time: &'b str,
    pub(super) tenant: &'b Arc<str>,
    pub(super) log: &'b mut Log,
    pub(super) rows: &'b mut Rows,
}

impl Page<'_> {
    /// Adds an event; returns its position.
    pub(in crate::writer) fn append(&mut self, event: &EventDraft) -> Result<i64, StoreError> {
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
    pub(in crate::writer) fn enter(&mut self, entries: Vec<Entry>, halts: bool) -> Result<i64, StoreError> {
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
    pub(in crate::writer) fn issue(&mut self, event: &EventDraft, issue: &Issue, seq: i64) {
        issued::push(&mut self.rows.issued, self.tenant, event, issue, seq);
    }
}
