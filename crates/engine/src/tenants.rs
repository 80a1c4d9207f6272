//! Tenants: making, listing, suspending them; a slug is never reused.

use std::sync::Arc;

use deputy_store::{
    Record, Tenant, TenantStatus,
    event::{Touched, rfc3339},
    model::{ApiKey, ApiRole, KeyState, Settings},
};
use deputy_token::{revocation::Halt as HaltLevel, secrets::ApiKey as NewKey};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, Caller, Engine, NewHalt, Refusal,
    page::{Page, Paging},
};

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

/// A tenant as the installation's API shows it.
#[derive(Debug, Clone, Serialize)]
pub struct ShownTenant {
    /// Its name in URLs.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
    /// Where SCIM clients connect.
    pub scim_base_url: String,
    /// Whether it works.
    pub status: TenantStatus,
    /// When it was made, RFC 3339.
    pub created_at: String,
}

/// A change of a tenant by a platform key; absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantChange {
    /// Whether it works.
    pub status: Option<TenantStatus>,
    /// The halt, with its reason.
    pub halt: Option<HaltLevel>,
    /// Why it is halted, or not any more.
    pub reason: Option<String>,
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
    Err(Refusal::invalid(
        "slug",
        format!("use 1 to {MOST_SLUG} of a-z, 0-9 and -, beginning and ending with a letter or digit"),
    ))
}

/// What a tenant can be called.
pub(crate) fn check_new(slug: &str, name: Option<&str>) -> Result<(), Refusal> {
    check_slug(slug)?;
    let name = name.unwrap_or(slug);
    if name.is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
        return Err(Refusal::invalid("name", "use 1 to 200 characters without control characters"));
    }
    Ok(())
}

impl Engine {
    /// Makes a tenant with its keys and its first administrator's key.
    pub async fn create_tenant(
        &self,
        caller: &Caller,
        slug: &str,
        name: Option<&str>,
    ) -> Result<NewTenant, Refusal> {
        if !matches!(caller.actor, Actor::Platform(_) | Actor::System | Actor::Setup) {
            return Err(Refusal::Forbidden);
        }
        check_new(slug, name)?;
        let name = name.unwrap_or(slug);
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
        let capabilities = self.new_capability_secret(&id, now)?;
        let (admin, admin_key) = self.new_api_key(ApiRole::Admin)?;
        let settings = Settings::initial(&issuer);
        let mut event =
            caller.event("tenant.created").detail(&serde_json::json!({"slug": slug, "name": name}));
        event.touched = vec![Touched::Tenant];
        fn touch<R: Record>(record: &R) -> Touched {
            Touched::Record(R::KIND, record.id().to_owned())
        }
        event.touched.extend(signing.iter().map(touch));
        event.touched.extend([touch(&audit), touch(&capabilities), touch(&admin), touch(&settings)]);
        let (slug_text, name_text) = (slug.to_owned(), name.to_owned());
        self.inner
            .writer
            .change(&id, move |tx| {
                Box::pin(async move {
                    tx.insert_tenant(&slug_text, &name_text).await?;
                    tx.insert_many(&signing).await?;
                    tx.insert(&audit).await?;
                    tx.insert(&capabilities).await?;
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

    /// Tenants in the order of their slugs.
    pub async fn tenants(&self, caller: &Caller, paging: &Paging) -> Result<Page<ShownTenant>, Refusal> {
        caller.require_platform()?;
        let limit = paging.limit()?;
        let after = paging.cursor.as_deref().unwrap_or_default();
        let found = self.inner.database.tenants(after, limit + 1).await?;
        let page = Page::cut(found, limit, |tenant| tenant.slug.clone());
        Ok(page.map(|tenant| self.show_tenant(tenant)))
    }

    /// One tenant, by its slug.
    pub async fn shown_tenant(&self, caller: &Caller, slug: &str) -> Result<ShownTenant, Refusal> {
        caller.require_platform()?;
        let found = self.inner.database.tenant_named(slug).await?;
        Ok(self.show_tenant(found.ok_or(Refusal::NotFound)?))
    }

    /// Suspends, reactivates or halts a tenant.
    pub async fn change_tenant(
        &self,
        caller: &Caller,
        slug: &str,
        change: TenantChange,
    ) -> Result<ShownTenant, Refusal> {
        caller.require_platform()?;
        let before = self.shown_tenant(caller, slug).await?;
        match (change.halt, change.reason) {
            (Some(level), reason) => {
                let reason =
                    reason.ok_or_else(|| Refusal::invalid("reason", "a halt is set with its reason"))?;
                self.set_tenant_halt(caller, slug, NewHalt { level, reason }).await?;
            }
            (None, Some(_)) => {
                return Err(Refusal::invalid("reason", "is the reason of a `halt`, which is missing"));
            }
            (None, None) => {}
        }
        if let Some(status) = change.status.filter(|status| *status != before.status) {
            self.set_tenant_status(caller, slug, status).await?;
        }
        self.shown_tenant(caller, slug).await
    }

    fn show_tenant(&self, tenant: Tenant) -> ShownTenant {
        let issuer = format!("{}/t/{}", self.inner.installation.public_url, tenant.slug);
        ShownTenant {
            slug: tenant.slug,
            name: tenant.name,
            scim_base_url: format!("{issuer}/scim/v2"),
            issuer,
            status: tenant.status,
            created_at: rfc3339(tenant.created_at),
        }
    }

    /// Suspends a tenant or lets it work again.
    pub async fn set_tenant_status(
        &self,
        caller: &Caller,
        slug: &str,
        status: TenantStatus,
    ) -> Result<(), Refusal> {
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
