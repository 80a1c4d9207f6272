//! What happens from now on, for whoever keeps a stream open.
//!
//! Invariant: a follower sees every matching event after its position, once and in order, because it
//! reads the log itself and is only woken by memory's progress; and it ends when its key does.

use std::{sync::Arc, time::Duration};

use deputy_store::{EventFilter, TenantStatus};
use tokio::sync::watch;

use crate::{Actor, Caller, Engine, EventQuery, Refusal, view::TenantView};

/// Events that are read at a time.
const PAGE: u32 = 500;
/// How often at most one follower asks the database.
const PACE: Duration = Duration::from_millis(50);
/// How long a follower waits when the database does not answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// An event on a stream.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Its position.
    pub seq: i64,
    /// The event as one JSON object.
    pub json: String,
}

/// A follower of a tenant's log.
#[derive(Debug)]
pub struct EventTail {
    engine: Engine,
    view: Arc<TenantView>,
    caller: Caller,
    filter: EventFilter,
    position: i64,
    moves: watch::Receiver<i64>,
    caught_up: bool,
}

impl Engine {
    /// Follows the log after a position; from now on, when none is given.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read; `Invalid` for a filter that cannot be.
    pub async fn follow_events(
        &self,
        view: &Arc<TenantView>,
        caller: &Caller,
        query: &EventQuery,
        last_seen: Option<i64>,
    ) -> Result<EventTail, Refusal> {
        caller.require_reader()?;
        let filter = self.filter_of(view, query).await?;
        let moves = view.moves();
        let position = last_seen.or(query.after).unwrap_or_else(|| view.applied());
        Ok(EventTail {
            engine: self.clone(),
            view: view.clone(),
            caller: caller.clone(),
            filter,
            position,
            moves,
            caught_up: false,
        })
    }

    /// Whether a caller who was let in would still be; a person is not while the database cannot say so.
    pub async fn still_admits(&self, view: &TenantView, caller: &Caller) -> bool {
        let known = match &caller.actor {
            Actor::User(id) => {
                self.dashboard_role(view, id).await.is_ok_and(|role| role.is_some() && role == caller.role)
            }
            Actor::Key(id) => {
                let now = self.inner.sources.now();
                let state = view.read();
                state.keys.values().any(|key| key.id == *id && state.admits(key, now))
            }
            Actor::Agent(id) => view.read().agents.contains_key(id),
            Actor::Platform(_) | Actor::Setup | Actor::System => true,
        };
        known && view.read().status == Some(TenantStatus::Active)
    }
}

impl EventTail {
    /// The next events; `None` when the caller is no longer let in or the server stops.
    pub async fn next_events(&mut self) -> Option<Vec<Followed>> {
        loop {
            if self.caught_up {
                tokio::time::sleep(PACE).await;
            }
            let head = *self.moves.borrow_and_update();
            if head <= self.position {
                self.moves.changed().await.ok()?;
                continue;
            }
            if !self.engine.still_admits(&self.view, &self.caller).await {
                return None;
            }
            match self.read(head).await {
                Ok(found) if found.is_empty() => {}
                Ok(found) => return Some(found),
                Err(error) => {
                    tracing::warn!(%error, "a follower cannot read the log");
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        }
    }

    async fn read(&mut self, head: i64) -> Result<Vec<Followed>, Refusal> {
        self.filter.after = Some(self.position);
        self.filter.before = Some(head.saturating_add(1));
        let read = self.engine.inner.database.tenant(&self.view.id);
        let found = read.events(&self.filter, PAGE).await?;
        let full = found.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
        self.caught_up = !full;
        self.position = match found.last() {
            Some(last) if full => last.seq,
            _ => head,
        };
        Ok(found.iter().map(|event| Followed { seq: event.seq, json: event.json() }).collect())
    }
}
