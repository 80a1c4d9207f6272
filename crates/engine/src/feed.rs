//! The revocation feed, by which verifiers elsewhere know what is dead (mandates, section 7).
//!
//! Invariant: whoever has applied every entry up to `head_seq` knew, at `as_of`, all that there was to
//! know. `as_of` is taken before the log's head is, so it never promises too much. No reason and no
//! name of a person leaves here.

use std::{sync::Arc, time::Duration};

use deputy_mandate::Instant;
use deputy_store::{RevocationRow, event::rfc3339, model::ApiRole};
use deputy_token::revocation::{Halt as HaltLevel, Target};
use serde::Serialize;
use tokio::{sync::watch, time::Instant as Deadline};

use crate::{Caller, Engine, Refusal, revocations::kept_until, view::TenantView};

/// The longest silence of a stream: half of what verifiers tolerate by default.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often at most one follower asks the database.
const PACE: Duration = Duration::from_millis(50);
/// How long a follower waits when the database does not answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a verifier applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feed {
    /// Revocations in the order of the log.
    pub entries: Vec<FeedEntry>,
    /// The position up to which the entries are complete: the next `after`.
    pub head_seq: i64,
    /// When nothing newer was known (RFC 3339).
    pub as_of: String,
    /// How far the tenant is halted.
    pub halt: HaltLevel,
}

/// One revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedEntry {
    /// Its position: a hop whose `seq` is not lower outlives it, but for credentials and keys.
    pub seq: i64,
    /// What it kills.
    pub target: Target,
    /// When it may be forgotten (RFC 3339); absent for a key's, which is kept for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<String>,
}

impl From<RevocationRow> for FeedEntry {
    fn from(row: RevocationRow) -> Self {
        let kept_until = kept_until(&row);
        Self { seq: row.seq, target: row.target, kept_until }
    }
}

/// What a stream says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedMessage {
    /// New entries, or another halt.
    News(Feed),
    /// Nothing new: the same, without entries.
    Heartbeat(Feed),
}

/// A follower of a tenant's revocations.
#[derive(Debug)]
pub struct FeedTail {
    engine: Engine,
    view: Arc<TenantView>,
    caller: Caller,
    position: i64,
    halt: Option<HaltLevel>,
    as_of: Instant,
    moves: watch::Receiver<i64>,
    beat: Deadline,
}

fn require_feed(caller: &Caller) -> Result<(), Refusal> {
    caller.require(&[ApiRole::Verifier, ApiRole::Admin, ApiRole::Auditor])
}

impl Engine {
    /// The live revocations after a position; all of them after 0.
    ///
    /// # Errors
    /// `Forbidden` for other roles; `Unavailable` when the database is.
    pub async fn revocation_feed(
        &self,
        view: &TenantView,
        caller: &Caller,
        after: i64,
    ) -> Result<Feed, Refusal> {
        require_feed(caller)?;
        let now = self.inner.sources.now();
        let head_seq = self.inner.database.tenant(&view.id).head().await?.seq;
        self.feed_between(view, after, head_seq, now).await
    }

    /// Follows the revocations after a position; the first answer holds what there is.
    ///
    /// # Errors
    /// `Forbidden` for other roles.
    pub fn follow_revocations(
        &self,
        view: &Arc<TenantView>,
        caller: &Caller,
        after: i64,
    ) -> Result<FeedTail, Refusal> {
        require_feed(caller)?;
        Ok(FeedTail {
            engine: self.clone(),
            view: view.clone(),
            caller: caller.clone(),
            position: after,
            halt: None,
            as_of: Instant(0),
            moves: view.moves(),
            beat: Deadline::now() + HEARTBEAT,
        })
    }

    async fn feed_between(
        &self,
        view: &TenantView,
        after: i64,
        head_seq: i64,
        as_of: Instant,
    ) -> Result<Feed, Refusal> {
        // Whoever is ahead of the log has followed another one: everything is new to them.
        let after = if after > head_seq { 0 } else { after };
        let rows = self.inner.database.tenant(&view.id).live_revocations(after, as_of).await?;
        let entries = rows.into_iter().filter(|row| row.seq <= head_seq).map(FeedEntry::from).collect();
        let halt = level(view);
        Ok(Feed { entries, head_seq, as_of: rfc3339(as_of), halt })
    }
}

fn level(view: &TenantView) -> HaltLevel {
    view.read().halt.as_ref().map_or(HaltLevel::None, |halt| halt.level)
}

impl FeedTail {
    /// The next message; `None` when the caller is no longer let in or the server stops.
    pub async fn next_message(&mut self) -> Option<FeedMessage> {
        loop {
            self.moves.mark_unchanged();
            // In this order: what was known at `as_of` is not beyond the head that is read after it.
            let as_of = self.view.fresh_at();
            let head = self.view.applied();
            if !self.engine.still_admits(&self.view, &self.caller).await {
                return None;
            }
            if self.halt.is_some() && head == self.position {
                self.as_of = as_of;
            } else if let Some(news) = self.read(head, as_of).await {
                return Some(FeedMessage::News(news));
            }
            if Deadline::now() >= self.beat {
                self.beat = Deadline::now() + HEARTBEAT;
                return Some(FeedMessage::Heartbeat(self.silence()));
            }
            if matches!(tokio::time::timeout_at(self.beat, self.moves.changed()).await, Ok(Err(_))) {
                return None;
            }
        }
    }

    /// Reads up to a position; news are entries, or a halt that is not the one told last.
    async fn read(&mut self, head: i64, as_of: Instant) -> Option<Feed> {
        let feed = match self.engine.feed_between(&self.view, self.position, head, as_of).await {
            Ok(feed) => feed,
            Err(error) => {
                tracing::warn!(%error, "a follower cannot read the revocations");
                self.moves.mark_changed();
                tokio::time::sleep(PATIENCE).await;
                return None;
            }
        };
        (self.position, self.as_of) = (head, as_of);
        if feed.entries.is_empty() && self.halt == Some(feed.halt) {
            tokio::time::sleep(PACE).await;
            return None;
        }
        self.halt = Some(feed.halt);
        self.beat = Deadline::now() + HEARTBEAT;
        Some(feed)
    }

    fn silence(&self) -> Feed {
        let halt = self.halt.unwrap_or_default();
        Feed { entries: Vec::new(), head_seq: self.position, as_of: rfc3339(self.as_of), halt }
    }
}
