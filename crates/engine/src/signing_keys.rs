//! The life of a tenant's signing keys: next, current, retired, or compromised.
//!
//! Invariants: there is always one current key and one next; a retired key stays published until the
//! last token that it can have signed has expired; a compromised one is withdrawn in the same
//! transaction, and no token that was computed with it is answered afterwards.

use deputy_mandate::{Instant, MAX_LIFETIME_SECS};
use deputy_store::{
    Record as _, TenantTx,
    event::{EventDraft, Touched, rfc3339},
    model::{KeyState, SigningKey},
};
use serde::Serialize;

use crate::{Caller, Engine, Refusal, signing::is_published, view::TenantView};

/// How long a retired key stays published beyond the longest life of a token, in seconds: other
/// servers may sign with it until they have followed the log, and verifiers' clocks differ.
const LEEWAY_SECS: i64 = 300;

/// A signing key, without its private part.
#[derive(Debug, Clone, Serialize)]
pub struct ShownSigningKey {
    /// `kid` in the key set and in tokens' headers.
    pub kid: String,
    /// Where it is in its life.
    pub state: KeyState,
    /// `ES256`.
    pub alg: &'static str,
    /// RFC 7638 thumbprint.
    pub thumbprint: String,
    /// Whether it is in the key set now.
    pub published: bool,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When a retired key leaves the key set, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_until: Option<String>,
}

impl Engine {
    /// Every signing key that the tenant ever had, in the order in which they were made.
    pub fn signing_keys(&self, view: &TenantView, caller: &Caller) -> Result<Vec<ShownSigningKey>, Refusal> {
        caller.require_reader()?;
        let now = self.inner.sources.now();
        let shown = |key: &SigningKey| ShownSigningKey {
            kid: key.id.clone(),
            state: key.state,
            alg: deputy_token::keys::Alg::Es256.as_str(),
            thumbprint: key.jwk.thumbprint(),
            published: is_published(key, now),
            created_at: rfc3339(key.created_at),
            published_until: key.published_until.map(rfc3339),
        };
        Ok(view.read().signing.values().map(|key| shown(key)).collect())
    }

    /// Makes the next key current and a fresh one next; the current key retires.
    pub async fn rotate_signing_keys(
        &self,
        view: &TenantView,
        caller: &Caller,
    ) -> Result<Vec<ShownSigningKey>, Refusal> {
        caller.require_admin()?;
        let fresh = self.new_signing_key(&view.id, KeyState::Next, self.inner.sources.now())?;
        let event = caller.event("signing_key.rotated");
        self.change(view, move |tx| {
            Box::pin(async move {
                let keys: Vec<SigningKey> = tx.every().await?;
                let current =
                    keys.iter().find(|key| key.state == KeyState::Current).ok_or(Refusal::Internal)?;
                let step = step(&keys, current, KeyState::Retired, fresh, tx.now())?;
                write(tx, step, event).await
            })
        })
        .await?;
        self.signing_keys(view, caller)
    }

    /// Withdraws a key: it leaves the key set and nothing that it signed is accepted from now on. If it
    /// was current, the next one takes over. Doing it again changes nothing.
    pub async fn compromise_signing_key(
        &self,
        view: &TenantView,
        caller: &Caller,
        kid: &str,
    ) -> Result<Vec<ShownSigningKey>, Refusal> {
        caller.require_admin()?;
        let fresh = self.new_signing_key(&view.id, KeyState::Next, self.inner.sources.now())?;
        let (event, kid) = (caller.event("signing_key.compromised"), kid.to_owned());
        self.change(view, move |tx| {
            Box::pin(async move {
                let keys: Vec<SigningKey> = tx.every().await?;
                let key = keys.iter().find(|key| key.id == kid).ok_or(Refusal::NotFound)?;
                if key.state == KeyState::Compromised {
                    return Ok(());
                }
                let step = step(&keys, key, KeyState::Compromised, fresh, tx.now())?;
                write(tx, step, event).await?;
                // Whatever was computed before is computed again, so that it is signed with another key.
                tx.halts();
                Ok(())
            })
        })
        .await?;
        self.signing_keys(view, caller)
    }
}

/// What ends a key's turn writes.
#[derive(Debug)]
struct Step {
    changed: Vec<SigningKey>,
    added: Option<SigningKey>,
}

/// Ends `ended`, whose private part is not kept, and fills the place that it leaves.
fn step(
    keys: &[SigningKey],
    ended: &SigningKey,
    state: KeyState,
    fresh: SigningKey,
    now: Instant,
) -> Result<Step, Refusal> {
    let until = now.plus_secs(i64::from(MAX_LIFETIME_SECS) + LEEWAY_SECS);
    let published_until = (state == KeyState::Retired).then_some(until);
    let mut changed = vec![SigningKey { state, sealed: String::new(), published_until, ..ended.clone() }];
    let added = match ended.state {
        KeyState::Current => {
            let next = keys.iter().find(|key| key.state == KeyState::Next).ok_or(Refusal::Internal)?;
            changed.push(SigningKey { state: KeyState::Current, ..next.clone() });
            Some(fresh)
        }
        KeyState::Next => Some(fresh),
        KeyState::Retired | KeyState::Compromised => None,
    };
    Ok(Step { changed, added })
}

async fn write(tx: &mut TenantTx<'_>, step: Step, event: EventDraft) -> Result<(), Refusal> {
    let told = step.changed.iter().chain(&step.added);
    let told: Vec<_> = told.map(|key| serde_json::json!({"kid": key.id, "state": key.state})).collect();
    let mut event = event.detail(&serde_json::json!({"keys": told}));
    for key in &step.changed {
        tx.update(key).await?;
        event.touched.push(Touched::Record(SigningKey::KIND, key.id.clone()));
    }
    if let Some(key) = &step.added {
        tx.insert(key).await?;
        event.touched.push(Touched::Record(SigningKey::KIND, key.id.clone()));
    }
    tx.event(event);
    Ok(())
}
