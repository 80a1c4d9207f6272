//! Signing in to the dashboard at the tenant's identity provider (OpenID Connect Core §3.1).
//!
//! Invariant: an attempt belongs to one browser, one provider and fifteen minutes, and is used up by the first answer
//! to it, good or bad. The browser holds its secret; what goes to the provider (`state`, `nonce`, the PKCE verifier) is
//! derived from it, so nothing of an attempt is stored but a digest. Who comes back gets the role that their groups
//! have here, and none without one.

use std::sync::Arc;

use deputy_federation::{
    assertion::{Assertion, Verified},
    keys::{KeySource, Metadata},
    sign_in::{self, Attempt, Client, SignInError},
};
use deputy_store::{Append, Vouched, model::IdentityProvider};
use deputy_token::secrets::Sha256Digest;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::shown::redirect_uri;
use crate::{Actor, Caller, Engine, NewSession, Refusal, setup::Purpose, view::TenantView};

/// A provider that people sign in with.
#[derive(Debug, Clone)]
pub struct DashboardProvider {
    /// Opaque id.
    pub id: String,
    /// Its issuer.
    pub issuer: String,
    /// Whose product it is.
    pub preset: String,
}

/// An attempt that has begun.
#[derive(Clone)]
pub struct BegunSignIn {
    /// For the browser's cookie; stored nowhere.
    pub secret: String,
    /// Where to send the browser.
    pub location: String,
}

impl std::fmt::Debug for BegunSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BegunSignIn").finish_non_exhaustive()
    }
}

/// What a browser comes back with (RFC 6749 §4.1.2, RFC 9207 §2).
#[derive(Clone)]
pub struct CameBack {
    /// The cookie.
    pub secret: Zeroizing<String>,
    /// `state`.
    pub state: String,
    /// `code`; absent when the provider refused.
    pub code: Option<Zeroizing<String>>,
    /// `iss`.
    pub iss: Option<String>,
}

impl std::fmt::Debug for CameBack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CameBack").field("iss", &self.iss).finish_non_exhaustive()
    }
}

/// Why nobody is signed in.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NotSignedIn {
    /// Not an answer to this browser's attempt, which may be over.
    #[error("this is no answer to an attempt of this browser")]
    Attempt,
    /// The provider refused, or what it answered does not hold.
    #[error("the provider did not vouch for anybody")]
    Provider,
    /// The provider vouches for somebody who is not known here, or not active.
    #[error("nobody here is who the provider vouches for")]
    Person,
    /// Somebody without a role (`Forbidden`), or nothing that is about the attempt.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// What belongs to an attempt, from the browser's secret.
struct Derived {
    state: String,
    nonce: String,
    verifier: String,
}

impl Derived {
    fn of(secret: &str) -> Self {
        let derive = |purpose: &str| Sha256Digest::of(format!("{purpose}\0{secret}")).to_text();
        Self { state: derive("state"), nonce: derive("nonce"), verifier: derive("verifier") }
    }

    fn attempt(&self) -> Attempt<'_> {
        Attempt { state: &self.state, nonce: &self.nonce, verifier: &self.verifier }
    }
}

impl Engine {
    /// The providers that people sign in with.
    #[must_use]
    pub fn dashboard_providers(&self, view: &TenantView) -> Vec<DashboardProvider> {
        let state = view.read();
        let all = state.identity_providers.values().filter(|provider| provider.dashboard);
        all.map(|provider| DashboardProvider {
            id: provider.id.clone(),
            issuer: provider.issuer.clone(),
            preset: provider.preset.clone(),
        })
        .collect()
    }

    /// Begins to sign somebody in at a provider.
    ///
    /// # Errors
    /// `NotFound` for a provider that is none of the dashboard's; `Unavailable` while it does not answer.
    pub async fn begin_sign_in(&self, view: &TenantView, provider: &str) -> Result<BegunSignIn, Refusal> {
        let provider = dashboard_provider(view, provider).ok_or(Refusal::NotFound)?;
        let metadata = self.described(view, &provider).await?;
        let secret = format!("{}.{}", provider.id, self.inner.sources.secret()?);
        let derived = Derived::of(&secret);
        let redirect_uri = redirect_uri(view);
        let client_id = provider.client_id.as_deref().ok_or(Refusal::NotFound)?;
        let client = Client { id: client_id, secret: None, redirect_uri: &redirect_uri };
        let hosted = provider.hosted_domain.as_deref();
        let location = sign_in::authorization_url(&metadata, &client, &derived.attempt(), hosted)
            .map_err(|error| failed(view, &provider, &error))?;
        self.keep_code(&Purpose::Provider(view, &provider.id), &secret).await?;
        Ok(BegunSignIn { secret, location })
    }

    /// Ends an attempt: a session for who came back, if they have a role here.
    ///
    /// # Errors
    /// [`NotSignedIn`]; `Unavailable` while the provider does not answer.
    pub async fn finish_sign_in(
        &self,
        view: &TenantView,
        came: &CameBack,
        request_id: Option<String>,
    ) -> Result<NewSession, NotSignedIn> {
        let id = came.secret.split_once('.').map(|(id, _)| id).ok_or(NotSignedIn::Attempt)?;
        let provider = dashboard_provider(view, id).ok_or(NotSignedIn::Attempt)?;
        let used = self.use_link(&Purpose::Provider(view, &provider.id), &came.secret).await;
        used.map_err(|refusal| because(refusal, NotSignedIn::Attempt))?;
        let derived = Derived::of(&came.secret);
        if !bool::from(derived.state.as_bytes().ct_eq(came.state.as_bytes())) {
            return Err(NotSignedIn::Attempt);
        }
        let verified = self.id_token(view, &provider, came, &derived).await;
        let verified = verified.map_err(|refusal| because(refusal, NotSignedIn::Provider))?;
        let person = self.person_of(view, &provider, &verified.claims).await?.map_err(|problem| {
            tracing::info!(tenant = %view.slug, issuer = %provider.issuer, %problem, "a sign-in names nobody");
            NotSignedIn::Person
        })?;
        let role = self.dashboard_role(view, &person.id).await?;
        let caller = Caller {
            actor: Actor::User(person.id.clone()),
            role,
            person: Some(person.id.clone()),
            request_id,
            ..Caller::system()
        };
        if role.is_none() {
            let detail = serde_json::json!({"issuer": provider.issuer, "why": "no role at the dashboard"});
            let mut event = caller.event("session.refused").detail(&detail);
            event.subject = Some(person.id);
            let told = self.inner.writer.append(&view.id, Append { event, ..Append::default() }).await;
            told.map_err(Refusal::from)?;
            return Err(Refusal::Forbidden.into());
        }
        self.fill_profile(view, &caller, &provider, &person, &verified.claims).await?;
        let sid = sign_in::session_of(&verified).map(str::to_owned);
        let vouched = Vouched { issuer: provider.issuer.clone(), subject: verified.subject.clone(), sid };
        Ok(self.begin_session(view, &caller, Some(vouched)).await?)
    }

    async fn id_token(
        &self,
        view: &TenantView,
        provider: &IdentityProvider,
        came: &CameBack,
        derived: &Derived,
    ) -> Result<Verified, Refusal> {
        let refused = |error: SignInError| failed(view, provider, &error);
        let metadata = self.described(view, provider).await?;
        sign_in::verify_response_issuer(&metadata, came.iss.as_deref()).map_err(refused)?;
        let code = came.code.as_deref().ok_or(Refusal::Unauthenticated)?;
        let client_id = provider.client_id.as_deref().ok_or(Refusal::Unauthenticated)?;
        let (secret, redirect_uri) = (self.client_secret(view, provider)?, redirect_uri(view));
        let secret = secret.as_ref().map(|secret| secret.as_str());
        let client = Client { id: client_id, secret, redirect_uri: &redirect_uri };
        let fetch = self.inner.keys.fetch();
        let token = sign_in::redeem(&**fetch, &metadata, &client, &derived.verifier, code).await;
        let token = token.map_err(refused)?;
        let now = self.inner.sources.now();
        let parsed = Assertion::parse(&token).ok();
        let wanted = parsed.as_ref().map(Assertion::wanted);
        let keys = self.provider_keys(view, &provider.issuer, wanted, now).await?;
        sign_in::verify_id_token(&token, &keys, &provider.issuer, client_id, &derived.nonce, now)
            .map_err(refused)
    }

    async fn described(
        &self,
        view: &TenantView,
        provider: &IdentityProvider,
    ) -> Result<Arc<Metadata>, Refusal> {
        let source = KeySource::Discovery { issuer: provider.issuer.clone() };
        let found = self.keys_of(view, &source, None, self.inner.sources.now()).await?;
        found.metadata.ok_or(Refusal::Internal)
    }
}

fn dashboard_provider(view: &TenantView, id: &str) -> Option<Arc<IdentityProvider>> {
    let state = view.read();
    state.identity_providers.values().find(|provider| provider.id == id && provider.dashboard).cloned()
}

/// What an authentication that failed is about; any other refusal stays what it is.
fn because(refusal: Refusal, why: NotSignedIn) -> NotSignedIn {
    if refusal == Refusal::Unauthenticated { why } else { refusal.into() }
}

fn failed(view: &TenantView, provider: &IdentityProvider, error: &SignInError) -> Refusal {
    tracing::warn!(tenant = %view.slug, issuer = %provider.issuer, %error, "a sign-in failed");
    match error {
        SignInError::Fetch(_) => Refusal::Unavailable { retry_after_secs: 5 },
        _ => Refusal::Unauthenticated,
    }
}
