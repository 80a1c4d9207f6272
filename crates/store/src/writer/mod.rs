//! Group commit: one task owns every write of this process.
//!
//! What waits is taken together and committed in one transaction, so the cost of making it durable
//! is shared. A job's reply is sent after that commit, and a job once queued is carried out even if
//! whoever asked has gone away. Positions in a tenant's log are allotted here and written under the lock
//! of the tenant's log head, which is held to the commit: readers of `seq > n` never miss a late one.

mod batch;
mod job;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use tokio::sync::{Semaphore, mpsc, oneshot};

use batch::Outcome;
pub use job::{Append, AppendError, BoxFuture, ChangeError, Committed};
use job::{AppendJob, ChangeJob, Job};

use crate::{Database, TenantTx, clock::SharedClock};

/// Most jobs in one transaction.
const MOST_JOBS: usize = 512;
/// Most jobs that wait; beyond it an append is refused as unavailable rather than delayed without bound.
const QUEUE: usize = 8_192;

/// How long an event that nobody waits for may wait for others; it must be on disk within 100 ms.
const PATIENCE: Duration = Duration::from_millis(10);

/// How long the writer waits for more before it tries again what it keeps from an outage.
const PAUSE: Duration = Duration::from_millis(200);

/// Is told of each commit, before the jobs in it are answered.
pub trait Watcher: Send + Sync + 'static {
    /// Positions `first..=last` of `tenant` were committed; `touched` when one of them changed state.
    fn committed(&self, tenant: &str, first: i64, last: i64, touched: bool);
}

/// The way to the writing task; cheap to clone.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    /// One for each event that nobody waits for and that is not on disk yet.
    places: Arc<Semaphore>,
}

impl Writer {
    /// Starts the writing task. It ends, with everything queued on disk, when the last `Writer` is dropped.
    #[must_use]
    pub fn spawn(
        database: Database,
        clock: SharedClock,
        watcher: Arc<dyn Watcher>,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(database, clock, watcher, jobs));
        (Self { queue, places: Arc::new(Semaphore::new(QUEUE)) }, task)
    }

    /// Appends an event, with the credential that it issues, if it is one.
    pub async fn append(&self, tenant: &Arc<str>, append: Append) -> Result<Committed, AppendError> {
        let (reply, answer) = oneshot::channel();
        let job = AppendJob { tenant: tenant.clone(), append, reply: Some(reply), place: None };
        self.queue.try_send(Box::new(job)).map_err(|_| AppendError::Busy)?;
        answer.await.unwrap_or(Err(AppendError::Busy))
    }

    /// Queues an event whose durability nobody waits for; it is committed with the next batch, or the first after
    /// an outage of the database.
    pub fn append_later(&self, tenant: &Arc<str>, append: Append) -> Result<(), AppendError> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| AppendError::Busy)?;
        let job = AppendJob { tenant: tenant.clone(), append, reply: None, place: Some(place) };
        self.queue.try_send(Box::new(job)).map_err(|_| AppendError::Busy)
    }

    /// Runs `change` inside the writing transaction; its writes and events commit together or not at all.
    pub async fn change<T, E, F>(
        &self,
        tenant: &Arc<str>,
        change: F,
    ) -> Result<(T, Committed), ChangeError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: for<'a> FnOnce(&'a mut TenantTx<'_>) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = ChangeJob { tenant: tenant.clone(), change: Some(change), done: None, reply: Some(reply) };
        self.queue.send(Box::new(job)).await.map_err(|_| ChangeError::Closed)?;
        answer.await.unwrap_or(Err(ChangeError::Closed))
    }
}

/// Lets jobs that nobody waits for share a commit: more are taken in until somebody waits, the batch is
/// full, or the first has waited for [`PATIENCE`].
async fn gather(jobs: &mut mpsc::Receiver<Box<dyn Job>>, waiting: &mut Vec<Box<dyn Job>>) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut seen = 0;
    while waiting.len() < MOST_JOBS && !waiting.iter().skip(seen).any(|job| job.is_awaited()) {
        seen = waiting.len();
        let more = jobs.recv_many(waiting, MOST_JOBS - seen);
        if !matches!(tokio::time::timeout_at(deadline, more).await, Ok(1..)) {
            break;
        }
    }
}

async fn run(
    database: Database,
    clock: SharedClock,
    watcher: Arc<dyn Watcher>,
    mut jobs: mpsc::Receiver<Box<dyn Job>>,
) {
    let mut waiting: Vec<Box<dyn Job>> = Vec::with_capacity(MOST_JOBS);
    let mut heads = batch::Heads::default();
    loop {
        let kept = !waiting.is_empty();
        let more = jobs.recv_many(&mut waiting, MOST_JOBS);
        let ended = match kept {
            true => matches!(tokio::time::timeout(PAUSE, more).await, Ok(0)),
            false => more.await == 0,
        };
        if waiting.is_empty() {
            return;
        }
        gather(&mut jobs, &mut waiting).await;
        match batch::commit(&database, &mut heads, clock.now(), &*watcher, &mut waiting).await {
            // Who waited has been told; what nobody waits for is an event all the same.
            Outcome::Outage if !ended => waiting.retain(|job| !job.is_awaited()),
            Outcome::Outage | Outcome::Settled => waiting.clear(),
        }
    }
}
