//! The tenants that this server holds, and the task that makes their memory follow their logs.
//!
//! A tenant is loaded when it is first asked for. After that, the task compares log heads a few
//! times a second, and at once after a commit of this server's own, and applies what is new.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use deputy_mandate::Instant;
use deputy_store::{Database, StoreError, Tenant, Watcher, clock::SharedClock};
use parking_lot::RwLock;
use tokio::sync::{Notify, watch};

use super::{TenantState, TenantView};

/// How often other writers' commits are looked for.
const POLL: Duration = Duration::from_millis(100);
/// How often revocations that can reach nothing any more are forgotten.
const EXPIRE: Duration = Duration::from_secs(600);
/// Most seconds that a caller waits for memory to reach a position.
const REACH_WAIT: Duration = Duration::from_secs(5);

/// Memory did not reach a position in time.
#[derive(Debug, thiserror::Error)]
#[error("memory did not follow the log to {0} in time")]
pub struct TailFailure(pub i64);

/// The tenants in memory.
pub struct Registry {
    database: Database,
    clock: SharedClock,
    public_url: Arc<str>,
    by_slug: RwLock<HashMap<Arc<str>, Arc<TenantView>>>,
    by_id: RwLock<HashMap<Arc<str>, Arc<TenantView>>>,
    loading: tokio::sync::Mutex<()>,
    wake: Notify,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("tenants", &self.by_slug.read().len()).finish_non_exhaustive()
    }
}

impl Registry {
    /// A registry that holds no tenant yet.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, public_url: &str) -> Self {
        Self {
            database,
            clock,
            public_url: public_url.into(),
            by_slug: RwLock::default(),
            by_id: RwLock::default(),
            loading: tokio::sync::Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// A tenant by its slug, loaded if need be.
    pub async fn tenant(&self, slug: &str) -> Result<Option<Arc<TenantView>>, StoreError> {
        if let Some(view) = self.by_slug.read().get(slug) {
            return Ok(Some(view.clone()));
        }
        let Some(tenant) = self.database.tenant_named(slug).await? else { return Ok(None) };
        self.load(&tenant).await.map(Some)
    }

    async fn load(&self, tenant: &Tenant) -> Result<Arc<TenantView>, StoreError> {
        let _one_at_a_time = self.loading.lock().await;
        if let Some(view) = self.by_id.read().get(&tenant.id) {
            return Ok(view.clone());
        }
        let now = self.clock.now();
        let snapshot = self.database.snapshot(&tenant.id, now).await?;
        let seq = snapshot.head.seq;
        let mut state = TenantState { status: Some(tenant.status), ..TenantState::default() };
        state.apply(snapshot);
        let view = Arc::new(TenantView {
            id: tenant.id.clone(),
            slug: tenant.slug.as_str().into(),
            issuer: format!("{}/t/{}", self.public_url, tenant.slug).into(),
            applied: AtomicI64::new(seq),
            fresh_at: AtomicI64::new(now.0),
            state: RwLock::new(state),
            moved: watch::Sender::new(seq),
        });
        self.by_id.write().insert(view.id.clone(), view.clone());
        self.by_slug.write().insert(view.slug.clone(), view.clone());
        // The status may have changed between reading the row and reading the snapshot.
        self.follow(&view, true).await?;
        Ok(view)
    }

    /// The tenants that are loaded.
    #[must_use]
    pub fn loaded(&self) -> Vec<Arc<TenantView>> {
        self.by_id.read().values().cloned().collect()
    }

    /// Waits until memory holds a position; this server's own commits wake the following at once.
    pub async fn reach(&self, view: &TenantView, seq: i64) -> Result<(), TailFailure> {
        if view.applied() >= seq {
            return Ok(());
        }
        self.wake.notify_one();
        let mut moves = view.moves();
        let reached = tokio::time::timeout(REACH_WAIT, moves.wait_for(|applied| *applied >= seq)).await;
        if matches!(reached, Ok(Ok(_))) { Ok(()) } else { Err(TailFailure(seq)) }
    }

    /// Follows the logs until the server stops.
    pub async fn run(self: Arc<Self>) {
        let mut last_expiry = tokio::time::Instant::now();
        loop {
            let woken = tokio::time::timeout(POLL, self.wake.notified()).await;
            if let Err(error) = self.follow_all().await {
                tracing::warn!(%error, "the log cannot be read; memory grows stale");
                if woken.is_ok() {
                    tokio::time::sleep(POLL).await;
                }
            }
            if last_expiry.elapsed() > EXPIRE {
                last_expiry = tokio::time::Instant::now();
                let now = self.clock.now();
                for view in self.loaded() {
                    view.state.write().revocations.expire(now);
                }
            }
        }
    }

    async fn follow_all(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let heads = self.database.log_heads().await?;
        for (tenant, head) in heads {
            let Some(view) = self.by_id.read().get(tenant.as_str()).cloned() else { continue };
            let applied = view.applied();
            if head.change_seq > applied {
                self.follow(&view, false).await?;
            } else {
                advance(&view, head.seq);
            }
            view.fresh_at.fetch_max(now.0, Ordering::AcqRel);
        }
        Ok(())
    }

    async fn follow(&self, view: &TenantView, tenant_row: bool) -> Result<(), StoreError> {
        let now = self.clock.now();
        let changes = self.database.changes(&view.id, view.applied()).await?;
        let seq = changes.head.seq;
        let revoked_at: Vec<Instant> = changes.revocations.iter().map(|row| row.created_at).collect();
        let status = if changes.tenant || tenant_row {
            self.database.tenant_by_id(&view.id).await?.map(|tenant| tenant.status)
        } else {
            None
        };
        {
            let mut state = view.state.write();
            state.apply(changes);
            if status.is_some() {
                state.status = status;
            }
            // Inside the lock: whoever reads the position first never sees an older state after it.
            view.applied.fetch_max(seq, Ordering::AcqRel);
        }
        view.fresh_at.fetch_max(now.0, Ordering::AcqRel);
        view.moved.send_if_modified(|moved| raise(moved, seq));
        let applied_at = self.clock.now();
        for at in revoked_at {
            metrics::histogram!("deputy_revocation_seconds").record(seconds_between(at, applied_at));
        }
        Ok(())
    }
}

/// Whole milliseconds as seconds; 0 when another server's clock is ahead.
fn seconds_between(earlier: Instant, later: Instant) -> f64 {
    let millis = u64::try_from(later.0.saturating_sub(earlier.0)).unwrap_or(0);
    Duration::from_millis(millis).as_secs_f64()
}

/// Memory is already complete up to `seq`: nothing in between changed state.
fn advance(view: &TenantView, seq: i64) {
    if view.applied.fetch_max(seq, Ordering::AcqRel) < seq {
        view.moved.send_if_modified(|moved| raise(moved, seq));
    }
}

fn raise(moved: &mut i64, seq: i64) -> bool {
    let raised = seq > *moved;
    *moved = seq.max(*moved);
    raised
}

impl Watcher for Registry {
    fn committed(&self, tenant: &str, first: i64, last: i64, touched: bool) {
        let Some(view) = self.by_id.read().get(tenant).cloned() else { return };
        // Only when nothing of another writer lies in between, and nothing changed state.
        if !touched && view.applied() == first - 1 {
            advance(&view, last);
        } else {
            self.wake.notify_one();
        }
    }
}

impl TenantView {
    /// How old this memory's knowledge is, in milliseconds.
    #[must_use]
    pub fn staleness(&self, now: Instant) -> i64 {
        (now.0 - self.fresh_at().0).max(0)
    }
}
