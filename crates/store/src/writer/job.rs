//! What the writer can be asked to do.

use std::{future::Future, pin::Pin, sync::Arc};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::batch::Lane;
use crate::{Issue, Spend, StoreError, TenantTx, event::EventDraft, tenant::Entry};

/// A boxed future that may be sent between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where a job's entries came to stand in the tenant's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Position of the last event that the job wrote; the head, when it wrote none.
    pub seq: i64,
}

/// An event to append without reading anything first.
#[derive(Debug, Default)]
pub struct Append {
    /// The event.
    pub event: EventDraft,
    /// The credential that it issues.
    pub issue: Option<Issue>,
    /// Position of the state that an issue was computed from; the append is refused as
    /// [`AppendError::Stale`] when authority of its chain was taken away after it.
    pub read_at: Option<i64>,
    /// What it uses up; the append is refused as [`AppendError::Replayed`] when any of it was used before.
    pub spend: Vec<Spend>,
}

/// Why an append was not made.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// What it rests on was taken away at this position: compute it again from a newer state.
    #[error("computed from a state before {0}")]
    Stale(i64),
    /// What may be used once has been used before.
    #[error("what may be used once has been used before")]
    Replayed(Spend),
    /// The queue is full or the writer has stopped.
    #[error("the writer is busy")]
    Busy,
    /// The database.
    #[error(transparent)]
    Store(Arc<StoreError>),
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError<E> {
    /// The change itself refused; nothing of it was written.
    #[error("refused")]
    Refused(E),
    /// The database.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// The writer has stopped.
    #[error("the writer has stopped")]
    Closed,
}

/// How a job's turn inside the transaction ended.
pub(super) enum Turn {
    /// Its writes stay and it waits for the commit.
    Wrote(Committed),
    /// It wrote nothing and has been answered.
    Answered,
}

/// One job in the queue.
pub(super) trait Job: Send {
    /// Whose log it writes to.
    fn tenant(&self) -> &Arc<str>;
    /// Whether somebody waits for its answer.
    fn is_awaited(&self) -> bool {
        true
    }
    /// What it appends, when that is all that it does and the database need not be asked for it.
    fn only_appends(&self) -> Option<&Append> {
        None
    }
    /// Takes its turn; an error undoes the whole batch, and every job in it is told so.
    fn turn<'a>(&'a mut self, lane: &'a mut Lane<'_>) -> BoxFuture<'a, Result<Turn, StoreError>>;
    /// Answers after the commit, or with the batch's failure.
    fn answer(&mut self, outcome: Result<Committed, Arc<StoreError>>);
}

pub(super) struct AppendJob {
    pub(super) tenant: Arc<str>,
    pub(super) append: Append,
    pub(super) reply: Option<oneshot::Sender<Result<Committed, AppendError>>>,
    /// Kept until the job is done with, so that those that nobody waits for have a bound.
    #[expect(dead_code, reason = "held for its drop")]
    pub(super) place: Option<OwnedSemaphorePermit>,
}

impl AppendJob {
    fn reply(&mut self, answer: Result<Committed, AppendError>) {
        if let Some(reply) = self.reply.take() {
            // A caller that went away does not undo the commit.
            let _gone = reply.send(answer);
        }
    }
}

impl Job for AppendJob {
    fn tenant(&self) -> &Arc<str> {
        &self.tenant
    }

    fn is_awaited(&self) -> bool {
        self.reply.is_some()
    }

    fn only_appends(&self) -> Option<&Append> {
        self.append.spend.is_empty().then_some(&self.append)
    }

    fn turn<'a>(&'a mut self, lane: &'a mut Lane<'_>) -> BoxFuture<'a, Result<Turn, StoreError>> {
        Box::pin(async move {
            if let Some(read_at) = self.append.read_at
                && let Some(barrier) = lane.taken_away_after(read_at, &self.append.event.chain).await?
            {
                self.reply(Err(AppendError::Stale(barrier)));
                return Ok(Turn::Answered);
            }
            for spend in &self.append.spend {
                if !lane.spend(spend).await? {
                    let spend = spend.clone();
                    self.reply(Err(AppendError::Replayed(spend)));
                    return Ok(Turn::Answered);
                }
            }
            let seq = lane.page.append(&self.append.event)?;
            if let Some(issue) = &self.append.issue {
                lane.page.issue(&self.append.event, issue, seq);
            }
            Ok(Turn::Wrote(Committed { seq }))
        })
    }

    fn answer(&mut self, outcome: Result<Committed, Arc<StoreError>>) {
        self.reply(outcome.map_err(AppendError::Store));
    }
}

type ChangeReply<T, E> = oneshot::Sender<Result<(T, Committed), ChangeError<E>>>;

pub(super) struct ChangeJob<T, E, F> {
    pub(super) tenant: Arc<str>,
    pub(super) change: Option<F>,
    pub(super) done: Option<T>,
    pub(super) reply: Option<ChangeReply<T, E>>,
}

impl<T, E, F> Job for ChangeJob<T, E, F>
where
    T: Send,
    E: Send,
    F: for<'a> FnOnce(&'a mut TenantTx<'_>) -> BoxFuture<'a, Result<T, E>> + Send,
{
    fn tenant(&self) -> &Arc<str> {
        &self.tenant
    }

    fn turn<'a>(&'a mut self, lane: &'a mut Lane<'_>) -> BoxFuture<'a, Result<Turn, StoreError>> {
        Box::pin(async move {
            let Some(change) = self.change.take() else { return Ok(Turn::Answered) };
            let savepoint = lane.savepoint().await?;
            let mut tx = TenantTx::new(savepoint.reads(), lane.now(), lane.changed_at());
            let result = change(&mut tx).await;
            let (entries, halts): (Vec<Entry>, bool) = (std::mem::take(&mut tx.entries), tx.halts);
            drop(tx);
            match result {
                Ok(value) => {
                    savepoint.keep().await?;
                    let seq = lane.page.enter(entries, halts)?;
                    self.done = Some(value);
                    Ok(Turn::Wrote(Committed { seq }))
                }
                Err(refusal) => {
                    savepoint.undo().await?;
                    if let Some(reply) = self.reply.take() {
                        let _gone = reply.send(Err(ChangeError::Refused(refusal)));
                    }
                    Ok(Turn::Answered)
                }
            }
        })
    }

    fn answer(&mut self, outcome: Result<Committed, Arc<StoreError>>) {
        let Some(reply) = self.reply.take() else { return };
        let answer = match (outcome, self.done.take()) {
            (Ok(committed), Some(value)) => Ok((value, committed)),
            (Ok(_), None) => Err(ChangeError::Closed),
            (Err(error), _) => Err(ChangeError::Store(error)),
        };
        let _gone = reply.send(answer);
    }
}
