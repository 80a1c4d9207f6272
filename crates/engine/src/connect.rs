//! The keys with which people connect their identity provider, as the dashboard makes and ends them.
//!
//! Invariant: at most two such keys live at once, the one in use and the one that takes its place, so that no
//! forgotten key goes on provisioning. The bound is this use's: an administrator's program makes as many as it asks
//! for (`keys`).

use deputy_store::model::{ApiKey, ApiRole};

use crate::{
    Caller, Engine, NewKey, Refusal,
    keys::{about, expiry},
    view::TenantView,
};

/// Most keys of identity providers that live at once, where people make them by hand.
pub const MOST_SCIM_KEYS: usize = 2;

impl Engine {
    /// Makes a key for an identity provider, which is shown this once; `expires` as [`Engine::create_key`] takes it.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator asks; `Conflict` while two such keys live; `Invalid` for an end that
    /// cannot be.
    pub async fn create_scim_key(
        &self,
        view: &TenantView,
        caller: &Caller,
        expires: Option<&str>,
    ) -> Result<NewKey, Refusal> {
        caller.require_admin()?;
        let (mut record, key) = self.new_api_key(ApiRole::Scim)?;
        record.expires_at = expires.map(|text| expiry(text, record.created_at)).transpose()?;
        let by = caller.clone();
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let lives = |one: &&ApiKey| one.role == ApiRole::Scim && one.lives_at(now);
                if tx.every::<ApiKey>().await?.iter().filter(lives).count() >= MOST_SCIM_KEYS {
                    return Err(Refusal::conflict(
                        "two keys are alive: end the one that is not in use first",
                    ));
                }
                tx.insert(&record).await?;
                tx.changed(&record, about(&by, "key.created", &record));
                Ok(record)
            })
        });
        let (record, _) = change.await?;
        Ok(NewKey::of(key, &view.read(), &record))
    }

    /// Ends a key of an identity provider at once.
    ///
    /// # Errors
    /// `Forbidden` unless an administrator asks; `NotFound`, also for a key of another role.
    pub async fn end_scim_key(&self, view: &TenantView, caller: &Caller, id: &str) -> Result<(), Refusal> {
        caller.require_admin()?;
        if !view.read().keys.values().any(|key| key.id == id && key.role == ApiRole::Scim) {
            return Err(Refusal::NotFound);
        }
        self.delete_key(view, caller, id).await
    }
}
