//! Tenants: making, listing, suspending them; a slug is never reused.

use std::sync::Arc;

use deputy_store::{
    Record, Tenant, TenantStatus,
    event::Touched,
    model::{ApiKey, ApiRole, KeyState, Settings},
};
use deputy_token::secrets::ApiKey as NewKey;
use serde::Serialize;

use crate::{Caller, Engine, Refusal};

/// A tenant that was just made, with its first key, which is shown this once.
#[derive(Debug, Clone, Serialize)]
pub struct NewTenant {
    /// Its name in URLs.
    pub slug: String,
    /// Its issuer.
    pub issuer: String,
    /// Where SCIM clients connect.
    pub scim_base_url: String,
    /// A key with the role `admin`.
    pub admin_key: String,
}

/// Longest slug.
const MOST_SLUG: usize = 40;

/// A slug is what fits in a URL's segment and in a SPIFFE ID's path without encoding.
fn check_slug(slug: &str) -> Result<(), Refusal> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let ok = (1..=MOST_SLUG).contains(&slug.len())
        && slug.chars().all(inner)
        && slug.starts_with(edge)
        && slug.ends_with(edge);
    if ok {
        return Ok(());
    }
    Err(Refusal::invalid("slug", format!("use 1 to {MOST_SLUG} of a-z, 0-9 and -, beginning and ending with a letter or digit")))
}

impl Engine {
    /// Makes a tenant with its keys and its first administrator's key.
    pub async fn create_tenant(&self, caller: &Caller, slug: &str, name: Option<&str>) -> Result<NewTenant, Refusal> {
        check_slug(slug)?;
        let name = name.unwrap_or(slug);
        if name.is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
            return Err(Refusal::invalid("name", "use 1 to 200 characters without control characters"));
        }
        if self.inner.database.tenant_named(slug).await?.is_some() {
            return Err(Refusal::conflict("the slug is in use, or has been used before"));
        }
        let now = self.inner.sources.now();
        let id: Arc<str> = self.inner.sources.id()?.into();
        let issuer = format!("{}/t/{slug}", self.inner.installation.public_url);
        let signing = [
            self.new_signing_key(&id, KeyState::Current, now)?,
            self.new_signing_key(&id, KeyState::Next, now)?,
        ];
        let audit = self.new_audit_key(&id, now)?;
        let (admin, admin_key) = self.new_api_key(ApiRole::Admin)?;
        let settings = Settings::initial(&issuer);
        let mut event = caller.event("tenant.created").detail(&serde_json::json!({"slug": slug, "name": name}));
        event.touched = vec![Touched::Tenant];
        fn touch<R: Record>(record: &R) -> Touched {
            Touched::Record(R::KIND, record.id().to_owned())
        }
        event.touched.extend(signing.iter().map(touch));
        event.touched.extend([touch(&audit), touch(&admin), touch(&settings)]);
        let (slug_text, name_text) = (slug.to_owned(), name.to_owned());
        self.inner
            .writer
            .change(&id, move |tx| {
                Box::pin(async move {
                    tx.insert_tenant(&slug_text, &name_text).await?;
                    tx.insert_many(&signing).await?;
                    tx.insert(&audit).await?;
                    tx.insert(&admin).await?;
                    tx.insert(&settings).await?;
                    tx.event(event);
                    Ok::<(), Refusal>(())
                })
            })
            .await?;
        Ok(NewTenant { slug: slug.to_owned(), scim_base_url: format!("{issuer}/scim/v2"), issuer, admin_key })
    }

    /// A new key of the management API, and its text, which is shown once.
    pub(crate) fn new_api_key(&self, role: ApiRole) -> Result<(ApiKey, String), Refusal> {
        let key = NewKey::generate(&*self.inner.sources.random).map_err(|error| {
            tracing::error!(%error, "no key could be made");
            Refusal::Internal
        })?;
        let text = key.reveal().to_owned();
        let record = ApiKey {
            id: self.inner.sources.id()?,
            hash: key.digest().to_text(),
            prefix: text.chars().take(8).collect(),
            role,
            audiences: std::collections::BTreeSet::new(),
            holder: None,
            created_at: self.inner.sources.now(),
            expires_at: None,
        };
        Ok((record, text))
    }

    /// Tenants in the order of their slugs, after one.
    pub async fn tenants(&self, after: &str, limit: u32) -> Result<Vec<Tenant>, Refusal> {
        Ok(self.inner.database.tenants(after, limit).await?)
    }

    /// Suspends a tenant or lets it work again.
    pub async fn set_tenant_status(&self, caller: &Caller, slug: &str, status: TenantStatus) -> Result<(), Refusal> {
        caller.require_platform()?;
        let view = self.tenant(slug).await?;
        let mut event = caller.event(match status {
            TenantStatus::Active => "tenant.reactivated",
            TenantStatus::Suspended => "tenant.suspended",
        });
        event.touched = vec![Touched::Tenant];
        self.change(&view, move |tx| {
            Box::pin(async move {
                tx.set_tenant_status(status).await?;
                if status == TenantStatus::Suspended {
                    tx.halts();
                }
                tx.event(event);
                Ok(())
            })
        })
        .await?;
        Ok(())
    }
}
