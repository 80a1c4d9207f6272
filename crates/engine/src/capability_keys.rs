//! The tenant's capability secret, and the key of each audience that is derived from it.
//!
//! The secret is made with the tenant, or when it is first needed, and sealed under the master key. Whoever
//! verifies for an audience may have that audience's key, and no other. Invariant: a secret is never shown, an
//! audience's key only in the answer to who asked for it, after the event that says so.

use std::{collections::HashMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use deputy_mandate::Instant;
use deputy_store::model::{ApiRole, CapabilitySecret as StoredSecret, Resource};
use deputy_token::{
    capability::{AudienceKey, CapabilitySecret},
    keys::Kid,
};
use parking_lot::RwLock;
use serde::Serialize;

use crate::{
    Caller, Engine, Refusal,
    signing::{broken, context},
    view::{TenantState, TenantView},
};

const PURPOSE: &str = "capability-secret";

/// Secrets that were opened, by tenant and `kid`.
#[derive(Default)]
pub(crate) struct OpenSecrets(RwLock<HashMap<(Arc<str>, Kid), CapabilitySecret>>);

/// What a service needs to verify the capabilities of its audience without asking.
#[derive(Serialize)]
pub struct ShownCapabilityKey {
    /// The secret that it comes from, as capabilities name it.
    pub kid: String,
    /// The one audience that it is for.
    pub audience: String,
    /// The key, base64url.
    pub key: String,
}

impl std::fmt::Debug for ShownCapabilityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShownCapabilityKey")
            .field("kid", &self.kid)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Shows the key of a resource server's audience: to an administrator, or to a verifier of that audience.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden` for any other key, and to a verifier of other audiences whether or not there is
    /// such a resource server.
    pub async fn capability_key(
        &self,
        view: &TenantView,
        caller: &Caller,
        id_or_uri: &str,
    ) -> Result<ShownCapabilityKey, Refusal> {
        caller.require(&[ApiRole::Admin, ApiRole::Verifier])?;
        let audience = audience(&view.read(), caller, id_or_uri)?;
        let key = self.sealing_key(view, &audience).await?;
        let kid = key.kid().as_str().to_owned();
        let detail = serde_json::json!({"audience": audience, "kid": kid});
        let event = caller.event("capability_key.shown").detail(&detail);
        let told = self.change(view, move |tx| {
            Box::pin(async move {
                tx.event(event);
                Ok(())
            })
        });
        told.await?;
        Ok(ShownCapabilityKey { kid, audience, key: URL_SAFE_NO_PAD.encode(key.as_bytes()) })
    }

    /// A new secret.
    pub(crate) fn new_capability_secret(&self, tenant: &str, now: Instant) -> Result<StoredSecret, Refusal> {
        let random = &*self.inner.sources.random;
        let id = self.inner.sources.id()?;
        let secret = CapabilitySecret::generate(random).ok_or(Refusal::Internal)?;
        let sealed = self.inner.master.seal(&context(PURPOSE, tenant, &id), secret.as_bytes(), random);
        let sealed = sealed.map_err(|error| broken("seal")(&error))?;
        Ok(StoredSecret { id, current: true, sealed, created_at: now })
    }

    /// What capabilities of an audience are sealed with now.
    pub(crate) async fn sealing_key(
        &self,
        view: &TenantView,
        audience: &str,
    ) -> Result<AudienceKey, Refusal> {
        let current = current(&view.read());
        let current = match current {
            Some(current) => current,
            None => self.require_secret(view).await?,
        };
        self.derived(view, &current, audience)
    }

    /// What a capability of an audience claims to be sealed with; `None` when there is no such secret.
    pub(crate) fn audience_key(
        &self,
        view: &TenantView,
        kid: &Kid,
        audience: &str,
    ) -> Result<Option<AudienceKey>, Refusal> {
        let stored = view.read().capability_secrets.get(kid.as_str()).cloned();
        stored.map(|stored| self.derived(view, &stored, audience)).transpose()
    }

    /// The current secret of a tenant that was made before there were capabilities.
    async fn require_secret(&self, view: &TenantView) -> Result<Arc<StoredSecret>, Refusal> {
        let fresh = self.new_capability_secret(&view.id, self.inner.sources.now())?;
        let event = Caller::system().event("capability_secret.created");
        let event = event.detail(&serde_json::json!({"kid": fresh.id}));
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                // Another request, or another server, may have been first.
                let known: Vec<StoredSecret> = tx.every().await?;
                if let Some(known) = known.into_iter().find(|secret| secret.current) {
                    return Ok(known);
                }
                tx.insert(&fresh).await?;
                tx.changed(&fresh, event);
                Ok(fresh)
            })
        });
        Ok(Arc::new(change.await?.0))
    }

    fn derived(
        &self,
        view: &TenantView,
        stored: &StoredSecret,
        audience: &str,
    ) -> Result<AudienceKey, Refusal> {
        let kid = Kid::new(stored.id.as_str()).map_err(|error| broken("kid")(&error))?;
        let place = (view.id.clone(), kid);
        let open = &self.inner.ring.capability_secrets.0;
        if let Some(secret) = open.read().get(&place) {
            return Ok(secret.audience_key(&place.1, audience));
        }
        let plain = self.inner.master.open(&context(PURPOSE, &view.id, &stored.id), &stored.sealed);
        let plain = plain.map_err(|error| broken("open")(&error))?;
        let secret = CapabilitySecret::from_bytes(plain.as_slice().try_into().map_err(|_| {
            tracing::error!(tenant = %view.slug, "a capability secret is not 32 bytes");
            Refusal::Internal
        })?);
        let key = secret.audience_key(&place.1, audience);
        open.write().insert(place, secret);
        Ok(key)
    }
}

fn current(state: &TenantState) -> Option<Arc<StoredSecret>> {
    state.capability_secrets.values().find(|secret| secret.current).cloned()
}

/// The audience that a resource server is, if the caller may have its key.
fn audience(state: &TenantState, caller: &Caller, id_or_uri: &str) -> Result<String, Refusal> {
    let named = state.resources.get(id_or_uri);
    let found = named.or_else(|| state.resources.values().find(|one| one.id == id_or_uri));
    let uri = found.map(|resource: &Arc<Resource>| resource.uri.as_str());
    if caller.role == Some(ApiRole::Verifier) {
        let own = uri.filter(|uri| caller.audiences.contains(*uri));
        return own.map(str::to_owned).ok_or(Refusal::Forbidden);
    }
    uri.map(str::to_owned).ok_or(Refusal::NotFound)
}
