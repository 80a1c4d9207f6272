//! `/t/{tenant}/sign-in`, `/t/{tenant}/sign-out`: sessions begin and end.
//!
//! Invariant: an unknown tenant is answered exactly as one without an identity provider, and as an unknown key is.
//! Failures count against the client.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::{HttpRequest, HttpResponse, web};
use deputy_engine::NewSession;
use serde::Deserialize;

use super::signed::{Submitted, is_slug, slug, verify_sender};
use crate::config::public_url::PublicUrl;
use crate::dialect::Page;
use crate::http::api::{engine, limited, request_id};
use crate::http::form::Form;
use crate::http::query::Query;
use crate::http::session::{SessionSecret, taken};
use crate::pages::sign_in::{SignInPage, buttons};
use crate::pages::{respond_with, see_other};
use crate::refusal::Refusal;

/// What a sign-in link carries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkQuery {
    code: Option<String>,
}

/// The form that takes a key; with a one-time code, the session that it stands for.
///
/// # Errors
/// `NotFound` for what cannot be a tenant; `Unauthenticated` for a code that is unknown, used or over.
pub async fn show(
    request: HttpRequest,
    query: Query<LinkQuery, Page>,
    public: web::Data<PublicUrl>,
) -> Result<HttpResponse, Page> {
    let Some(code) = &query.0.code else { return form_page(&request, StatusCode::OK, None).await };
    let begun = limited(&request, async {
        let engine = engine(&request)?;
        let view = engine.tenant(slug(&request)).await.map_err(unknown)?;
        engine.sign_in_with_link(&view, code, request_id(&request)).await
    });
    match begun.await {
        Ok(session) => entered(&request, session, &public),
        Err(Refusal::Unauthenticated) => {
            let problem = "That link has been used, or its time is over. Sign in with a key.";
            form_page(&request, StatusCode::UNAUTHORIZED, Some(Problem::Other(problem))).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Begins a session with a key.
///
/// # Errors
/// `Forbidden` for a form of another site; `TooMany` after too many failures.
pub async fn submit(
    request: HttpRequest,
    form: Form,
    public: web::Data<PublicUrl>,
) -> Result<HttpResponse, Page> {
    verify_sender(&request)?;
    let begun = limited(&request, async {
        let key = form.find("key").ok_or(Refusal::Unauthenticated)?;
        let engine = engine(&request)?;
        let view = engine.tenant(slug(&request)).await.map_err(unknown)?;
        engine.sign_in_with_key(&view, key, request_id(&request)).await
    });
    match begun.await {
        Ok(session) => entered(&request, session, &public),
        Err(Refusal::Unauthenticated) => {
            let problem = "That key is not known here.";
            form_page(&request, StatusCode::UNAUTHORIZED, Some(Problem::Key(problem))).await
        }
        Err(Refusal::Forbidden) => {
            let problem = "That key is for programs. Sign in with an admin or an auditor key.";
            form_page(&request, StatusCode::FORBIDDEN, Some(Problem::Key(problem))).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Ends the session.
///
/// # Errors
/// `Unavailable` when the database is.
pub async fn leave(submitted: Submitted, public: web::Data<PublicUrl>) -> Result<HttpResponse, Page> {
    let signed = &submitted.signed;
    let request_id = signed.caller.request_id.clone();
    signed.engine.sign_out(&signed.view, signed.secret.secret(), request_id).await?;
    let mut response = see_other(&signed.at("sign-in"));
    let cookie = taken(&signed.view.slug, public.is_https()).ok_or(Refusal::Internal)?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// What was wrong with the last attempt.
#[derive(Debug, Clone, Copy)]
pub(super) enum Problem {
    /// The key.
    Key(&'static str),
    /// Anything else.
    Other(&'static str),
}

pub(super) fn unknown(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::NotFound => Refusal::Unauthenticated,
        other => other,
    }
}

fn entered(request: &HttpRequest, session: NewSession, public: &PublicUrl) -> Result<HttpResponse, Page> {
    let tenant = slug(request);
    let mut response = see_other(&format!("/t/{tenant}/"));
    let cookie = SessionSecret::new(session.secret).given(tenant, public.is_https());
    response.headers_mut().insert(SET_COOKIE, cookie.ok_or(Refusal::Internal)?);
    Ok(response)
}

/// The form, with the providers that people sign in with.
pub(super) async fn form_page(
    request: &HttpRequest,
    status: StatusCode,
    problem: Option<Problem>,
) -> Result<HttpResponse, Page> {
    let tenant = slug(request);
    if !is_slug(tenant) {
        return Err(Refusal::NotFound.into());
    }
    let engine = engine(request)?;
    // A key can be tried whatever is wrong with the tenant.
    let providers = match engine.tenant(tenant).await {
        Ok(view) => buttons(&engine.dashboard_providers(&view)),
        Err(_) => Vec::new(),
    };
    let page = SignInPage {
        tenant: tenant.to_owned(),
        providers,
        is_about_key: matches!(problem, Some(Problem::Key(_))),
        problem: problem.map(|(Problem::Key(said) | Problem::Other(said))| said.to_owned()),
    };
    respond_with(status, &page)
}
