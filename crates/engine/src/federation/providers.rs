//! Identity providers: registered, changed, taken away.
//!
//! Invariant: the client secret is encrypted under the master key before it is stored, and shown to nobody.

use deputy_mandate::Value;
use deputy_store::{
    TenantRead,
    model::{IdentityProvider, Role},
};
use zeroize::Zeroizing;

use super::{
    entry::{self, MEMBERS},
    person::find_provider,
    shown::{ProviderBody, ShownIdentityProvider},
};
use crate::{
    Caller, Engine, Refusal, entries, listing,
    page::{Page, Paging},
    signing::{broken, context},
    view::TenantView,
};

const PURPOSE: &str = "idp-secret";

impl Engine {
    /// Identity providers in the order in which they were made.
    pub fn identity_providers(
        &self,
        view: &TenantView,
        caller: &Caller,
        paging: &Paging,
    ) -> Result<Page<ShownIdentityProvider>, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let all = state.identity_providers.values().map(|one| (one.id.as_str(), one));
        Ok(listing::page(all, paging)?.map(|one| ShownIdentityProvider::of(view, &state, one)))
    }

    /// One identity provider, by id or issuer.
    pub fn identity_provider(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
    ) -> Result<ShownIdentityProvider, Refusal> {
        caller.require_reader()?;
        let found = find_provider(view, id).ok_or(Refusal::NotFound)?;
        Ok(ShownIdentityProvider::of(view, &view.read(), &found))
    }

    /// Registers an identity provider.
    pub async fn create_identity_provider(
        &self,
        view: &TenantView,
        caller: &Caller,
        body: &Value,
    ) -> Result<ShownIdentityProvider, Refusal> {
        caller.require_admin()?;
        entries::require_known(body, &MEMBERS)?;
        let (by, id, now) = (caller.clone(), self.inner.sources.id()?, self.inner.sources.now());
        let mut provider = entry::read(body, &id, None, now)?;
        self.check_address("issuer", &provider.issuer)?;
        require_other(view, &provider.issuer)?;
        provider.sealed_secret = self.sealed_secret(&view.id, &id, body)?;
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                entry::resolve_roles(tx, &mut provider).await?;
                if tx.find_named::<IdentityProvider>(&provider.issuer).await?.is_some() {
                    return Err(Refusal::conflict(format!("`{}` is registered already", provider.issuer)));
                }
                tx.insert(&provider).await?;
                let event = by.event("identity_provider.created").detail(&told(&provider));
                tx.changed(&provider, event);
                Ok(provider)
            })
        });
        let (provider, _) = change.await?;
        Ok(ShownIdentityProvider::of(view, &view.read(), &provider))
    }

    /// Changes an identity provider: a merge patch over its entry, or a whole entry in its place. The secret stays
    /// unless the body names it.
    pub async fn change_identity_provider(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
        body: Value,
        replaces: bool,
    ) -> Result<ShownIdentityProvider, Refusal> {
        caller.require_admin()?;
        entries::require_known(&body, &MEMBERS)?;
        let names_secret = entries::members(&body)?.contains_key("client_secret");
        let (engine, by, wanted, tenant) = (self.clone(), caller.clone(), id.to_owned(), view.id.clone());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let before = require(tx, &wanted).await?;
                let roles: Vec<Role> = tx.every().await?;
                let name = |id: &str| roles.iter().find(|role| role.id == id).map(|role| role.name.clone());
                let shown = entries::body_of(&ProviderBody::of(&before, name))?;
                let secret = engine.sealed_secret(&tenant, &before.id, &body)?;
                let whole = if replaces { body } else { entries::merged(shown.clone(), &body)? };
                let mut after = entry::read(&whole, &before.id, Some(&before), tx.now())?;
                if after.issuer != before.issuer {
                    return Err(Refusal::invalid(
                        "issuer",
                        "an issuer cannot be changed: people are known by it; register another",
                    ));
                }
                if names_secret {
                    after.sealed_secret = secret;
                }
                entry::resolve_roles(tx, &mut after).await?;
                tx.update(&after).await?;
                let changes = entries::changes(&shown, &entries::body_of(&ProviderBody::of(&after, name))?);
                let detail = serde_json::json!({
                    "id": after.id, "issuer": after.issuer, "changes": changes, "secret": names_secret,
                });
                tx.changed(&after, by.event("identity_provider.changed").detail(&detail));
                Ok(after)
            })
        });
        let (provider, _) = change.await?;
        Ok(ShownIdentityProvider::of(view, &view.read(), &provider))
    }

    /// Takes an identity provider away: nothing that it signs counts from now on, and sessions that it began end.
    pub async fn delete_identity_provider(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
    ) -> Result<(), Refusal> {
        caller.require_admin()?;
        let (by, wanted) = (caller.clone(), id.to_owned());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let provider = require(tx, &wanted).await?;
                tx.delete::<IdentityProvider>(&provider.id).await?;
                let event = by.event("identity_provider.deleted").detail(&told(&provider));
                tx.changed(&provider, event);
                Ok(())
            })
        });
        change.await.map(drop)
    }

    /// The secret of a provider, to be used at once.
    pub(super) fn client_secret(
        &self,
        view: &TenantView,
        provider: &IdentityProvider,
    ) -> Result<Option<Zeroizing<String>>, Refusal> {
        let Some(sealed) = &provider.sealed_secret else { return Ok(None) };
        let context = context(PURPOSE, &view.id, &provider.id);
        let opened = self.inner.master.open(&context, sealed).map_err(|e| broken("open")(&e))?;
        let text = std::str::from_utf8(&opened).map_err(|e| broken("decode")(&e))?;
        Ok(Some(Zeroizing::new(text.to_owned())))
    }

    /// Refuses an address that would never be asked.
    pub(super) fn check_address(&self, field: &'static str, url: &str) -> Result<(), Refusal> {
        self.inner.keys.fetch().check(url).map_err(|error| Refusal::invalid(field, error.to_string()))
    }

    /// The secret that an entry names, as it is stored.
    fn sealed_secret(&self, tenant: &str, id: &str, body: &Value) -> Result<Option<String>, Refusal> {
        let secret: Option<String> = entries::member(body, "client_secret")?;
        let Some(secret) = secret.map(Zeroizing::new) else { return Ok(None) };
        if secret.is_empty() || secret.len() > 1024 {
            return Err(Refusal::invalid("client_secret", "has 1 to 1024 bytes"));
        }
        let sealed = self.inner.master.seal(
            &context(PURPOSE, tenant, id),
            secret.as_bytes(),
            &*self.inner.sources.random,
        );
        sealed.map(Some).map_err(|e| broken("seal")(&e))
    }
}

async fn require(read: &TenantRead<'_>, id: &str) -> Result<IdentityProvider, Refusal> {
    match read.find(id).await? {
        Some(provider) => Ok(provider),
        None => read.find_named(id).await?.ok_or(Refusal::NotFound),
    }
}

/// What a tenant signs itself is judged as its own, never as somebody else's word.
pub(super) fn require_other(view: &TenantView, issuer: &str) -> Result<(), Refusal> {
    if issuer == &*view.issuer {
        return Err(Refusal::invalid("issuer", "is this tenant's own"));
    }
    Ok(())
}

fn told(provider: &IdentityProvider) -> serde_json::Value {
    serde_json::json!({
        "id": provider.id, "issuer": provider.issuer, "audiences": provider.audiences,
        "dashboard": provider.dashboard,
    })
}
