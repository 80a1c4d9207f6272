//! How the synchronisation of each key goes, for the page on which people connect their identity provider.
//!
//! It is kept a few times a minute at most, beside the requests: a lost note is made up by the next.

use std::{collections::HashMap, sync::Arc};

use deputy_mandate::Instant;
use deputy_store::{Sync, event::rfc3339, model::ApiRole};
use parking_lot::Mutex;
use serde::Serialize;

use crate::{Actor, Caller, Engine, Refusal, view::TenantView};

/// How often a key's success is kept at most, in milliseconds.
const PACE: i64 = 10_000;
/// Longest failure that is kept, in characters.
const MOST_CHARS: usize = 500;

/// When each key's state was last kept, by tenant and key.
#[derive(Debug, Default)]
pub(crate) struct SyncNotes {
    kept: Mutex<HashMap<(Arc<str>, String), Kept>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Kept {
    success: Option<Instant>,
    failure: Option<(Instant, String)>,
}

impl SyncNotes {
    /// Whether an outcome is to be kept now.
    fn is_due(&self, tenant: &Arc<str>, key: &str, failure: Option<&str>, now: Instant) -> bool {
        let mut kept = self.kept.lock();
        let last = kept.entry((tenant.clone(), key.to_owned())).or_default();
        let is_past = |since: Instant| now.0 - since.0 >= PACE;
        match failure {
            None if last.success.is_none_or(is_past) => last.success = Some(now),
            Some(said)
                if last.failure.as_ref().is_none_or(|(since, last)| is_past(*since) || last != said) =>
            {
                last.failure = Some((now, said.to_owned()));
            }
            _ => return false,
        }
        true
    }
}

/// A key of an identity provider, and how its synchronisation goes.
#[derive(Debug, Clone, Serialize)]
pub struct ShownSync {
    /// The key's id.
    pub key: String,
    /// The part of the key that may be shown.
    pub prefix: String,
    /// When it was made (RFC 3339).
    pub created_at: String,
    /// When it ends by itself.
    pub expires_at: Option<String>,
    /// When a request of it last succeeded.
    pub synced_at: Option<String>,
    /// When a request of it was last refused.
    pub failed_at: Option<String>,
    /// Why, in the words that the identity provider got.
    pub failure: Option<String>,
}

impl Engine {
    /// Notes how a request of an identity provider went; `failure` is what it was told.
    pub fn note_sync(&self, view: &Arc<TenantView>, caller: &Caller, failure: Option<&str>) {
        let (Actor::Key(key), Some(ApiRole::Scim)) = (&caller.actor, caller.role) else { return };
        let now = self.inner.sources.now();
        let failure: Option<String> = failure.map(|said| said.chars().take(MOST_CHARS).collect());
        if !self.inner.sync_notes.is_due(&view.id, key, failure.as_deref(), now) {
            return;
        }
        let sync = Sync {
            key: key.clone(),
            synced_at: failure.is_none().then_some(now),
            failed_at: failure.is_some().then_some(now),
            failure,
        };
        let (engine, view) = (self.clone(), view.clone());
        tokio::spawn(async move {
            let kept = engine.inner.writer.change(&view.id, move |tx| {
                Box::pin(async move { tx.keep_sync(&sync).await.map_err(Refusal::from) })
            });
            if let Err(error) = kept.await {
                tracing::debug!(?error, "the state of a synchronisation was not kept");
            }
        });
    }

    /// The keys of identity providers, the newest first, and how each one's synchronisation goes.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read.
    pub async fn syncs(&self, view: &TenantView, caller: &Caller) -> Result<Vec<ShownSync>, Refusal> {
        caller.require_reader()?;
        let mut kept: HashMap<String, Sync> = HashMap::new();
        for sync in self.inner.database.tenant(&view.id).syncs().await? {
            kept.insert(sync.key.clone(), sync);
        }
        let state = view.read();
        let mut keys: Vec<_> = state.keys.values().filter(|key| key.role == ApiRole::Scim).collect();
        keys.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        let shown = keys.into_iter().map(|key| {
            let sync = kept.remove(&key.id).unwrap_or_default();
            ShownSync {
                key: key.id.clone(),
                prefix: key.prefix.clone(),
                created_at: rfc3339(key.created_at),
                expires_at: key.expires_at.map(rfc3339),
                synced_at: sync.synced_at.map(rfc3339),
                failed_at: sync.failed_at.map(rfc3339),
                failure: sync.failure,
            }
        });
        Ok(shown.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_kept_at_a_pace_and_a_new_failure_at_once() {
        let (notes, tenant) = (SyncNotes::default(), Arc::from("t"));
        let due = |failure, now| notes.is_due(&tenant, "k", failure, Instant(now));
        assert!(due(None, 0) && !due(None, PACE - 1) && due(None, PACE));
        assert!(due(Some("a"), 0) && !due(Some("a"), 1) && due(Some("b"), 2) && due(Some("b"), PACE + 2));
    }
}
