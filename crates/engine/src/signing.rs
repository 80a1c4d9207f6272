//! The tenant's signing keys: opened once, kept ready, published while anything they signed lives.
//!
//! A tenant has a current key, which signs, and a next one, published before it signs so that
//! verifiers that cache the key set know it in time. Private parts are sealed under the master key
//! with a context that names tenant and key, so that no ciphertext can be moved to another place.

use std::{collections::HashMap, sync::Arc};

use deputy_mandate::Instant;
use deputy_store::model::{AuditKey, KeyState, SigningKey as StoredKey};
use deputy_token::keys::{Alg, Jwk, Kid, SigningKey};
use parking_lot::RwLock;

use crate::{Engine, Refusal, capability_keys::OpenSecrets, view::TenantView};

/// By tenant and `kid`.
type OpenKeys = HashMap<(Arc<str>, String), Arc<SigningKey>>;

/// Private keys that were opened.
#[derive(Default)]
pub(crate) struct KeyRing {
    open: RwLock<OpenKeys>,
    pub(crate) capability_secrets: OpenSecrets,
}

impl KeyRing {
    fn get(&self, tenant: &Arc<str>, kid: &str) -> Option<Arc<SigningKey>> {
        self.open.read().get(&(tenant.clone(), kid.to_owned())).cloned()
    }

    fn put(&self, tenant: &Arc<str>, kid: &str, key: Arc<SigningKey>) {
        self.open.write().insert((tenant.clone(), kid.to_owned()), key);
    }
}

pub(crate) fn context(purpose: &str, tenant: &str, kid: &str) -> String {
    format!("{purpose}|{tenant}|{kid}")
}

pub(crate) fn broken(what: &'static str) -> impl FnOnce(&dyn std::fmt::Display) -> Refusal {
    move |error| {
        tracing::error!(%error, what, "a key cannot be used");
        Refusal::Internal
    }
}

impl Engine {
    /// A new key that signs tokens (ES256).
    pub(crate) fn new_signing_key(
        &self,
        tenant: &str,
        state: KeyState,
        now: Instant,
    ) -> Result<StoredKey, Refusal> {
        let (id, jwk, sealed) = self.new_key("signing-key", tenant, Alg::Es256)?;
        Ok(StoredKey { id, state, jwk, sealed, created_at: now, published_until: None })
    }

    /// A new key that signs checkpoints (EdDSA).
    pub(crate) fn new_audit_key(&self, tenant: &str, now: Instant) -> Result<AuditKey, Refusal> {
        let (id, jwk, sealed) = self.new_key("audit-key", tenant, Alg::EdDsa)?;
        Ok(AuditKey { id, current: true, jwk, sealed, created_at: now })
    }

    /// A new key, its private part sealed for a purpose; of the installation when `tenant` is empty.
    pub(crate) fn new_key(
        &self,
        purpose: &str,
        tenant: &str,
        alg: Alg,
    ) -> Result<(String, Jwk, String), Refusal> {
        let id = self.inner.sources.id()?;
        let random = &*self.inner.sources.random;
        let kid = Kid::new(id.as_str()).map_err(|e| broken("kid")(&e))?;
        let key = SigningKey::generate(kid, alg, random).map_err(|e| broken("generate")(&e))?;
        let private = key.pkcs8().map_err(|e| broken("export")(&e))?;
        let sealed = self
            .inner
            .master
            .seal(&context(purpose, tenant, &id), &private, random)
            .map_err(|e| broken("seal")(&e))?;
        Ok((id, key.jwk().clone(), sealed))
    }

    /// The key that signs now.
    pub(crate) fn current_key(&self, view: &TenantView) -> Result<Arc<SigningKey>, Refusal> {
        let current = {
            let state = view.read();
            state.signing.values().find(|key| key.state == KeyState::Current).cloned()
        };
        let current = current.ok_or_else(|| {
            tracing::error!(tenant = %view.slug, "the tenant has no current signing key");
            Refusal::Internal
        })?;
        self.open(&view.id, "signing-key", Alg::Es256, &current.id, &current.sealed)
    }

    /// The key that signs checkpoints now.
    pub(crate) fn current_audit_key(&self, view: &TenantView) -> Result<Arc<SigningKey>, Refusal> {
        let current = view.read().audit.values().find(|key| key.current).cloned().ok_or(Refusal::Internal)?;
        self.open(&view.id, "audit-key", Alg::EdDsa, &current.id, &current.sealed)
    }

    /// The private part of a key, opened once.
    pub(crate) fn open(
        &self,
        tenant: &Arc<str>,
        purpose: &str,
        alg: Alg,
        kid: &str,
        sealed: &str,
    ) -> Result<Arc<SigningKey>, Refusal> {
        if let Some(key) = self.inner.ring.get(tenant, kid) {
            return Ok(key);
        }
        let private =
            self.inner.master.open(&context(purpose, tenant, kid), sealed).map_err(|e| broken("open")(&e))?;
        let name = Kid::new(kid).map_err(|e| broken("kid")(&e))?;
        let key = Arc::new(SigningKey::from_pkcs8(name, alg, &private).map_err(|e| broken("parse")(&e))?);
        self.inner.ring.put(tenant, kid, key.clone());
        Ok(key)
    }

    /// The published key set: next, current, and retired keys until their tokens have expired.
    #[must_use]
    pub fn published_keys(&self, view: &TenantView) -> Vec<Jwk> {
        let now = self.inner.sources.now();
        let state = view.read();
        state.signing.values().filter(|key| is_published(key, now)).map(|key| key.jwk.clone()).collect()
    }
}

/// Whether tokens of this key are accepted.
pub(crate) fn is_published(key: &StoredKey, now: Instant) -> bool {
    match key.state {
        KeyState::Next | KeyState::Current => true,
        KeyState::Retired => key.published_until.is_some_and(|until| now < until),
        KeyState::Compromised => false,
    }
}
