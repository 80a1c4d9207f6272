//! Who looks at the dashboard: the extractors that its routes begin with.
//!
//! Invariant: a page sees its tenant only together with a session of it. A form of another origin, of another
//! session or of none is refused before it is read for anything else.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::ACCEPT;
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, web};
use deputy_engine::model::ApiRole;
use deputy_engine::view::TenantView;
use deputy_engine::{Caller, Engine};
use futures_util::future::LocalBoxFuture;

use super::done::Done;
use crate::config::public_url::PublicUrl;
use crate::dialect::Page;
use crate::http::api::{engine, request_id, who};
use crate::http::form::Form;
use crate::http::limits::Limits;
use crate::http::session::{self, CsrfToken, SessionSecret, verify_origin};
use crate::pages::chrome::{Chrome, Section};
use crate::pages::see_other;
use crate::refusal::Refusal;

/// A session of the tenant in the path.
#[derive(Debug)]
pub struct Signed {
    /// The engine.
    pub engine: web::Data<Engine>,
    /// The tenant.
    pub view: Arc<TenantView>,
    /// Who is signed in.
    pub caller: Caller,
    /// The browser's secret.
    pub secret: SessionSecret,
    role: ApiRole,
    csrf: CsrfToken,
}

/// A form that such a session sent.
#[derive(Debug)]
pub struct Submitted {
    /// The session.
    pub signed: Signed,
    /// The fields.
    pub form: Form,
}

/// Why somebody does not see a page.
#[derive(Debug, thiserror::Error)]
pub enum Turned {
    /// They have to sign in first.
    #[error("a session is needed")]
    SignIn {
        /// The tenant's slug.
        tenant: String,
    },
    /// They are told what is wrong.
    #[error(transparent)]
    Page(#[from] Page),
}

impl From<Refusal> for Turned {
    fn from(refusal: Refusal) -> Self {
        Self::Page(Page(refusal))
    }
}

impl ResponseError for Turned {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignIn { .. } => StatusCode::SEE_OTHER,
            Self::Page(page) => page.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::SignIn { tenant } => see_other(&format!("/t/{tenant}/sign-in")),
            Self::Page(page) => page.error_response(),
        }
    }
}

impl FromRequest for Signed {
    type Error = Turned;
    type Future = LocalBoxFuture<'static, Result<Self, Turned>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { signed(&request).await.map_err(|refusal| turned(&request, refusal)) })
    }
}

impl FromRequest for Submitted {
    type Error = Turned;
    type Future = LocalBoxFuture<'static, Result<Self, Turned>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, form) = (request.clone(), Form::from_request(request, payload));
        Box::pin(async move {
            verify_sender(&request)?;
            let signed = signed(&request).await?;
            let form = form.await?;
            signed.csrf.verify(&form)?;
            Ok(Self { signed, form })
        })
    }
}

async fn signed(request: &HttpRequest) -> Result<Signed, Refusal> {
    let engine = engine(request)?;
    let secret = SessionSecret::find(request).ok_or(Refusal::Unauthenticated)?;
    let view = match engine.tenant(slug(request)).await {
        Err(Refusal::NotFound) => return Err(Refusal::Unauthenticated),
        found => found?,
    };
    let found = engine.session(&view, secret.secret(), request_id(request)).await?;
    if found.is_old && opens(request) {
        renew(request, &engine, &view, &secret).await;
    }
    let csrf = CsrfToken::new(found.csrf);
    Ok(Signed { engine, view, caller: found.caller, secret, role: found.role, csrf })
}

/// Gives the browser a new secret with this answer. One that cannot be made now is made with a later page.
async fn renew(request: &HttpRequest, engine: &Engine, view: &TenantView, secret: &SessionSecret) {
    let https = request.app_data::<web::Data<PublicUrl>>().is_some_and(|public| public.is_https());
    match engine.renew_session(view, secret.secret()).await {
        Ok(fresh) => {
            let cookie = fresh.and_then(|fresh| SessionSecret::new(fresh).given(&view.slug, https));
            if let Some(cookie) = cookie {
                session::renew(request, cookie);
            }
        }
        Err(refusal) => tracing::warn!(tenant = %view.slug, %refusal, "a session could not be renewed"),
    }
}

/// Whether a page is asked for: neither a form nor a stream, whose answers a browser may never see the end of.
fn opens(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).map_or(&b""[..], |value| value.as_bytes());
    *request.method() == Method::GET && accept != b"text/event-stream"
}

/// What a form without a session is held to as well: its origin, and the client's share of writes.
///
/// # Errors
/// `Forbidden`; `TooMany`.
pub fn verify_sender(request: &HttpRequest) -> Result<(), Refusal> {
    let public = request.app_data::<web::Data<PublicUrl>>().ok_or(Refusal::Internal)?;
    let limits = request.app_data::<web::Data<Limits>>().ok_or(Refusal::Internal)?;
    verify_origin(request, public)?;
    limits.write(&who(request))
}

/// A person who opens a page is shown where to sign in; a form or a stream is told that it needs a session.
fn turned(request: &HttpRequest, refusal: Refusal) -> Turned {
    match (refusal, is_slug(slug(request))) {
        (Refusal::Unauthenticated, true) if opens(request) => {
            Turned::SignIn { tenant: slug(request).to_owned() }
        }
        (Refusal::Unauthenticated, false) if opens(request) => Refusal::NotFound.into(),
        (refusal, _) => refusal.into(),
    }
}

/// The slug in the path.
#[must_use]
pub fn slug(request: &HttpRequest) -> &str {
    request.match_info().get("tenant").unwrap_or_default()
}

/// Whether a tenant could be called so; nothing else may get into a header or a link.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(plain)
}

impl Signed {
    /// The present, in Unix milliseconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.engine.sources().now().0
    }

    /// A path of this tenant's dashboard.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("/t/{}/{path}", self.view.slug)
    }

    /// The frame of a page.
    ///
    /// # Errors
    /// `Unavailable` when the database is.
    pub async fn chrome(&self, here: Section, done: Option<Done>) -> Result<Chrome, Refusal> {
        let halt = self.engine.halt(&self.view, &self.caller)?;
        Ok(Chrome {
            tenant: self.view.slug.to_string(),
            tenant_name: self.engine.tenant_name(&self.view).await?,
            role: self.role.as_str(),
            may_write: self.role == ApiRole::Admin,
            here,
            csrf: self.csrf.clone(),
            halt: super::halt::sentence(halt.level),
            orphans: u64::try_from(self.engine.orphan_count(&self.view)).unwrap_or(u64::MAX),
            notice: done.map(Done::notice),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::is_slug;

    #[test]
    fn only_a_slug_gets_into_a_location() {
        assert!(is_slug("acme-1"));
        for bad in ["", "Acme", "a/b", "a\"b", "a b", "é", "a\r\nb", &"a".repeat(64)] {
            assert!(!is_slug(bad), "{bad}");
        }
    }
}
