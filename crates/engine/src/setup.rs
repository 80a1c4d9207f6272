//! What is used once: links for the first tenant of an empty installation and for the demo's sign-in, and attempts
//! to sign in at an identity provider.
//!
//! Invariant: a link works once, for fifteen minutes, and for what it was made for: its purpose is part
//! of the digest that is stored, and a set-up link does nothing once there is a tenant.

use deputy_mandate::Instant;
use deputy_store::model::ApiRole;
use deputy_token::secrets::Sha256Digest;

use crate::{Actor, Caller, Engine, NewSession, NewTenant, Refusal, tenants::check_new, view::TenantView};

/// How long a link works, in seconds.
const LIFE_SECS: i64 = 15 * 60;

/// The code of a link; whoever has it may use it.
#[derive(Clone)]
pub struct OneTimeCode {
    /// 256 random bits, base64url.
    pub code: String,
    /// Until when it works.
    pub expires_at: Instant,
}

impl std::fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTimeCode").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What a link is for.
pub(crate) enum Purpose<'p> {
    SetUp,
    SignIn(&'p TenantView),
    /// An attempt at an identity provider, by its id.
    Provider(&'p TenantView, &'p str),
}

impl Purpose<'_> {
    fn digest(&self, code: &str) -> String {
        let text = match self {
            Self::SetUp => format!("set-up\0{code}"),
            Self::SignIn(view) => format!("sign-in\0{}\0{code}", view.id),
            Self::Provider(view, id) => format!("provider\0{}\0{id}\0{code}", view.id),
        };
        Sha256Digest::of(text).to_text()
    }
}

impl Engine {
    /// Whether no tenant was ever made here.
    pub async fn is_empty(&self) -> Result<bool, Refusal> {
        Ok(self.inner.database.tenants("", 1).await?.is_empty())
    }

    /// A link for whoever sets this installation up.
    ///
    /// # Errors
    /// `Conflict` when there is a tenant already.
    pub async fn create_setup_link(&self) -> Result<OneTimeCode, Refusal> {
        self.require_empty().await?;
        self.create_link(&Purpose::SetUp).await
    }

    /// Uses a set-up link: makes the first tenant and its administrator's key.
    ///
    /// # Errors
    /// `Invalid` for a slug or a name that cannot be, which leaves the link usable; `Conflict` when there
    /// is a tenant already; `Unauthenticated` for a link that is unknown, used or over.
    pub async fn use_setup_link(
        &self,
        code: &str,
        slug: &str,
        name: Option<&str>,
        request_id: Option<String>,
    ) -> Result<NewTenant, Refusal> {
        check_new(slug, name)?;
        self.require_empty().await?;
        self.use_link(&Purpose::SetUp, code).await?;
        self.create_tenant(&by_link(None, request_id), slug, name).await
    }

    /// A link that signs one person in to a tenant's dashboard as an administrator. Only whoever runs the
    /// server can have it made.
    pub async fn create_sign_in_link(&self, view: &TenantView) -> Result<OneTimeCode, Refusal> {
        self.create_link(&Purpose::SignIn(view)).await
    }

    /// Uses a sign-in link.
    ///
    /// # Errors
    /// `Unauthenticated` for a link that is unknown, another tenant's, used or over.
    pub async fn sign_in_with_link(
        &self,
        view: &TenantView,
        code: &str,
        request_id: Option<String>,
    ) -> Result<NewSession, Refusal> {
        self.use_link(&Purpose::SignIn(view), code).await?;
        self.begin_session(view, &by_link(Some(ApiRole::Admin), request_id), None).await
    }

    async fn require_empty(&self) -> Result<(), Refusal> {
        if self.is_empty().await? {
            Ok(())
        } else {
            Err(Refusal::conflict("this installation is set up already"))
        }
    }

    async fn create_link(&self, purpose: &Purpose<'_>) -> Result<OneTimeCode, Refusal> {
        let code = self.inner.sources.secret()?;
        let expires_at = self.keep_code(purpose, &code).await?;
        Ok(OneTimeCode { code, expires_at })
    }

    /// Remembers a code of 256 random bits for its one use.
    pub(crate) async fn keep_code(&self, purpose: &Purpose<'_>, code: &str) -> Result<Instant, Refusal> {
        let now = self.inner.sources.now();
        let expires_at = now.plus_secs(LIFE_SECS);
        self.inner.database.insert_setup_link(&purpose.digest(code), now, expires_at).await?;
        Ok(expires_at)
    }

    /// Uses a code up.
    ///
    /// # Errors
    /// `Unauthenticated` for one that is unknown, for something else, used or over.
    pub(crate) async fn use_link(&self, purpose: &Purpose<'_>, code: &str) -> Result<(), Refusal> {
        let used =
            self.inner.database.use_setup_link(&purpose.digest(code), self.inner.sources.now()).await?;
        if used { Ok(()) } else { Err(Refusal::Unauthenticated) }
    }
}

fn by_link(role: Option<ApiRole>, request_id: Option<String>) -> Caller {
    Caller { actor: Actor::Setup, role, request_id, ..Caller::system() }
}

#[cfg(test)]
#[path = "setup_tests.rs"]
mod tests;
