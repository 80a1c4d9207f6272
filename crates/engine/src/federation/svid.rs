//! JWT-SVIDs: an agent says who it is to a workload that knows SPIFFE and not Deputy (SPIFFE JWT-SVID).
//!
//! Invariant: they are signed by a key of the installation that signs nothing else, and the bundle carries that key
//! alone; so a tenant's keys never speak for the trust domain, nor this one for a tenant. A JWT-SVID carries no
//! authority and cannot be revoked, so it is short, for one registered audience, and never given to an agent whose
//! tokens have to be bound to a key.

use std::{collections::BTreeMap, sync::Arc};

use deputy_mandate::{IDENTITY, Instant};
use deputy_oauth::{
    error::{OAuthError, RequestProblem, TargetProblem},
    token::{JWT_SVID, SvidRequest, TokenResponse},
};
use deputy_store::{Append, event::EventDraft};
use deputy_token::{
    access::Hop,
    jws,
    keys::{Alg, Jwk, SigningKey},
};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use super::issuers::bundle_of;
use crate::{
    Client, Engine, MAX_STALENESS_MS, Refusal,
    clients::{LEEWAY_SECS, refused, unless_replayed},
    issue::{grace_left, require_issuable, require_runtime, spiffe_id},
    signing::broken,
    view::TenantView,
};

/// The values of the installation that hold the keys: this, and a number for each key after the first.
const VALUE: &str = "svid_key";
/// How long a key signs, in seconds: thirty days.
const SIGNS_SECS: i64 = 30 * 24 * 3600;
/// How long before it signs a key is in the bundle, in seconds; and after that, what it signed lives an hour.
const AHEAD_SECS: i64 = 24 * 3600;
/// What the key is sealed for; it belongs to no tenant.
const PURPOSE: &str = "svid-key";
/// Life of a JWT-SVID when nothing else is asked for, and the longest, in seconds.
const USUAL_SECS: u32 = 300;
const MOST_SECS: u32 = 3600;
/// How often others should look for a new key, in seconds.
const REFRESH_HINT: u32 = 300;

/// Keys that were read or made, by generation; a stored key never changes.
#[derive(Default)]
pub(crate) struct SvidKeys(RwLock<BTreeMap<i64, Arc<StoredKey>>>);

#[derive(Serialize, Deserialize)]
struct StoredKey {
    id: String,
    jwk: Jwk,
    sealed: String,
    created_at: Instant,
}

/// The trust bundle of this installation's trust domain (SPIFFE Trust Domain and Bundle §4).
#[derive(Debug, Clone, Serialize)]
pub struct SpiffeBundle {
    keys: serde_json::Value,
    spiffe_sequence: i64,
    spiffe_refresh_hint: u32,
}

impl Engine {
    /// The trust bundle.
    ///
    /// # Errors
    /// `Unavailable` while the database is.
    pub async fn spiffe_bundle(&self) -> Result<SpiffeBundle, Refusal> {
        let now = self.inner.sources.now();
        let first = self.svid_key(0).await?;
        let (current, age) = generation(&first, now);
        // What the key before has signed lives on; the key to come is known before it signs.
        let (is_first_hour, is_last_day) =
            (current > 0 && age < i64::from(MOST_SECS) + LEEWAY_SECS, age > SIGNS_SECS - AHEAD_SECS);
        let mut generations = vec![current];
        generations.extend(is_first_hour.then_some(current - 1));
        generations.extend(is_last_day.then_some(current + 1));
        let mut keys = Vec::with_capacity(generations.len());
        for generation in &generations {
            keys.push(self.svid_key(*generation).await?.jwk.clone());
        }
        let mut bundle = bundle_of(&keys);
        let keys = bundle.get_mut("keys").map(serde_json::Value::take).unwrap_or_default();
        // Grows with each change of the set: a key goes, a key comes in, and signs.
        let phase = i64::from(!is_first_hour) + i64::from(is_last_day);
        let spiffe_sequence = 3 * current + phase;
        Ok(SpiffeBundle { keys, spiffe_sequence, spiffe_refresh_hint: REFRESH_HINT })
    }

    /// Issues a JWT-SVID to an authenticated client.
    ///
    /// # Errors
    /// As the token endpoint answers them.
    pub async fn issue_svid(
        &self,
        view: &TenantView,
        client: &Client,
        request: &SvidRequest,
        request_id: Option<String>,
    ) -> Result<TokenResponse, Refusal> {
        let now = self.inner.sources.now();
        if view.staleness(now) > MAX_STALENESS_MS {
            return Err(Refusal::Unavailable { retry_after_secs: 1 });
        }
        let read_at = view.applied();
        let key = self.open_svid_key().await?;
        let audience = request.audience.as_str();
        let (agent, owners, lives) = {
            let state = view.read();
            let agent = state.agents.get(&client.agent.id).ok_or_else(refused)?.clone();
            require_issuable(&state, &agent, &[], now)?;
            require_runtime(&agent, request.runtime.as_ref())?;
            if agent.require_dpop {
                return Err(Refusal::OAuth(RequestProblem::Unsupported("requested_token_type").into()));
            }
            if !state.is_audience(audience) {
                return Err(Refusal::OAuth(TargetProblem::Unknown.into()));
            }
            let asked = request.expires_in.unwrap_or(USUAL_SECS);
            let lives = [Some(asked), agent.ttl, grace_left(&agent, now)];
            let lives = lives.into_iter().flatten().fold(MOST_SECS, u32::min);
            let owners = state.owner_labels(&agent);
            (agent, owners, lives)
        };
        let subject = spiffe_id(&self.inner.installation.trust_domain, &view.slug, &agent.name);
        let (jti, iat) = (self.inner.sources.id()?, now.as_secs_floor());
        let claims = json!({
            "sub": subject, "aud": [audience], "iat": iat, "exp": iat + i64::from(lives), "jti": jti,
        });
        let token = jws::seal("JWT", &claims, &key).map_err(|e| broken("sign a JWT-SVID")(&e))?;
        let detail =
            json!({"audience": audience, "expires_at": iat + i64::from(lives), "jti": jti, "sub": subject});
        let mut event = EventDraft::new("svid.issued", format!("agent:{}", agent.id)).detail(&detail);
        event.agent = Some(agent.id.clone());
        event.owners = owners;
        event.request_id = request_id;
        // The hop that it would be, so that a revocation which has overtaken the issue stops it.
        event.chain = vec![Hop {
            id: jti,
            agent: agent.id.clone(),
            sub: None,
            jkt: None,
            rt: agent.runtime.as_ref().map(|runtime| runtime.fingerprint.clone()),
            bind: None,
            crit: agent.critical,
            seq: read_at,
        }];
        let append =
            Append { event, read_at: Some(read_at), spend: client.spend.clone(), ..Append::default() };
        self.inner.writer.append(&view.id, append).await.map_err(unless_replayed)?;
        Ok(TokenResponse {
            access_token: token,
            token_type: "N_A",
            expires_in: i64::from(lives),
            scope: IDENTITY.to_owned(),
            authorization_details: RawValue::from_string("[]".to_owned())
                .map_err(|_| Refusal::OAuth(OAuthError::ServerError))?,
            issued_token_type: Some(JWT_SVID),
            removed: Vec::new(),
            warnings: Vec::new(),
        })
    }

    /// A key of the installation, made when it is first asked for; of two servers that make one, one is kept.
    async fn svid_key(&self, generation: i64) -> Result<Arc<StoredKey>, Refusal> {
        if let Some(known) = self.inner.svid_keys.0.read().get(&generation) {
            return Ok(known.clone());
        }
        let name = if generation == 0 { VALUE.to_owned() } else { format!("{VALUE}.{generation}") };
        let stored = match self.inner.database.value(&name).await? {
            Some(stored) => stored,
            None => {
                let (id, jwk, sealed) = self.new_key(PURPOSE, "", Alg::Es256)?;
                let created_at = self.inner.sources.now();
                let fresh = StoredKey { id, jwk, sealed, created_at };
                let fresh = serde_json::to_string(&fresh).map_err(|e| broken("store")(&e))?;
                self.inner.database.value_or_insert(&name, &fresh).await?
            }
        };
        let stored: StoredKey = serde_json::from_str(&stored).map_err(|e| broken("read")(&e))?;
        Ok(self.inner.svid_keys.0.write().entry(generation).or_insert(Arc::new(stored)).clone())
    }

    /// The key that signs now.
    pub(super) async fn open_svid_key(&self) -> Result<Arc<SigningKey>, Refusal> {
        let first = self.svid_key(0).await?;
        let stored = match generation(&first, self.inner.sources.now()) {
            (0, _) => first,
            (current, _) => self.svid_key(current).await?,
        };
        self.open(&Arc::from(""), PURPOSE, Alg::Es256, &stored.id, &stored.sealed)
    }
}

/// Which key signs now, counted from the first, and for how many seconds it has.
fn generation(first: &StoredKey, now: Instant) -> (i64, i64) {
    let age = ((now.0 - first.created_at.0) / 1_000).max(0);
    (age / SIGNS_SECS, age % SIGNS_SECS)
}
