//! `/t/{tenant}/sign-in/begin`, `/callback`, `/logout`: signing in at the tenant's identity provider, and out of it.
//!
//! Invariant: neither a code nor a state is logged or shown, and nothing that the provider or a link says is repeated
//! on a page. Failures count against the client. OpenID Connect Core §3.1, Back-Channel Logout §2.7 and §2.8.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::{HttpRequest, HttpResponse, web};
use deputy_engine::{CameBack, NewSession, NotSignedIn};
use deputy_oauth::error::RequestProblem;
use deputy_oauth::form::Form as Parameters;
use zeroize::Zeroizing;

use super::sign_in::{Problem, form_page, unknown};
use super::signed::{slug, verify_sender};
use crate::config::public_url::PublicUrl;
use crate::dialect::{OAuth, Page};
use crate::http::api::{engine, guarded, limited, request_id, who};
use crate::http::body::{Body, ORDINARY};
use crate::http::form::Form;
use crate::http::limits::Limits;
use crate::http::session::{AttemptSecret, SessionSecret};
use crate::pages::respond;
use crate::pages::sign_in::{LeavingPage, SignedInPage};
use crate::refusal::Refusal;
use crate::routes::oauth;

const AWAY: &str =
    "The identity provider cannot be reached right now. Try again in a moment, or sign in with a key.";

/// Sends somebody to the provider that they chose.
///
/// # Errors
/// `Forbidden` for a form of another site; `TooMany`.
pub async fn begin(
    request: HttpRequest,
    form: Form,
    public: web::Data<PublicUrl>,
) -> Result<HttpResponse, Page> {
    verify_sender(&request)?;
    let begun = limited(&request, async {
        let engine = engine(&request)?;
        let view = engine.tenant(slug(&request)).await.map_err(unknown)?;
        engine.begin_sign_in(&view, form.require("provider")?).await.map_err(unknown)
    });
    match begun.await {
        Ok(begun) => {
            let mut response = respond(&LeavingPage { location: begun.location })?;
            let cookie = AttemptSecret::new(begun.secret).given(slug(&request), public.is_https());
            response.headers_mut().insert(SET_COOKIE, cookie.ok_or(Refusal::Internal)?);
            Ok(response)
        }
        Err(Refusal::Unauthenticated) => {
            let problem = "Nobody can sign in with that identity provider here.";
            form_page(&request, StatusCode::UNAUTHORIZED, Some(Problem::Other(problem))).await
        }
        Err(Refusal::Unavailable { .. }) => {
            form_page(&request, StatusCode::SERVICE_UNAVAILABLE, Some(Problem::Other(AWAY))).await
        }
        Err(refusal) => Err(refusal.into()),
    }
}

/// Where the provider sends the browser back to. Members of the query that are not known are left alone: providers
/// add their own.
///
/// # Errors
/// `Invalid` for a member that is repeated; `TooMany` after too many failures.
pub async fn come_back(request: HttpRequest, public: web::Data<PublicUrl>) -> Result<HttpResponse, Page> {
    let query = Parameters::parse(request.query_string().as_bytes());
    let query = query.map_err(|error| Refusal::invalid("query", error.to_string()))?;
    let mut why = None;
    let ended = limited(&request, async {
        finish(&request, &query).await.map_err(|problem| match problem {
            NotSignedIn::Refused(refusal) => refusal,
            problem => {
                why = Some(problem);
                Refusal::Unauthenticated
            }
        })
    });
    let mut response = match ended.await {
        Ok(session) => entered(&request, session, &public)?,
        Err(refusal) => {
            let (status, said) = match refusal {
                Refusal::Unauthenticated => {
                    (StatusCode::UNAUTHORIZED, said(why.as_ref(), query.get("error")))
                }
                Refusal::Forbidden => (
                    StatusCode::FORBIDDEN,
                    "You are known here, but no group of yours has a role at the dashboard. An administrator gives \
                     roles to groups in the settings.",
                ),
                Refusal::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, AWAY),
                other => return Err(other.into()),
            };
            form_page(&request, status, Some(Problem::Other(said))).await?
        }
    };
    let cookie = AttemptSecret::taken(slug(&request), public.is_https()).ok_or(Refusal::Internal)?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

async fn finish(request: &HttpRequest, query: &Parameters) -> Result<NewSession, NotSignedIn> {
    let secret = AttemptSecret::find(request).ok_or(NotSignedIn::Attempt)?;
    let engine = engine(request)?;
    let view = engine.tenant(slug(request)).await.map_err(|refusal| match refusal {
        Refusal::NotFound => NotSignedIn::Attempt,
        other => other.into(),
    })?;
    let code = query.get("code").filter(|_| query.get("error").is_none());
    let came = CameBack {
        secret: secret.into_secret(),
        state: query.get("state").unwrap_or_default().to_owned(),
        code: code.map(|code| Zeroizing::new(code.to_owned())),
        iss: query.get("iss").map(str::to_owned),
    };
    engine.finish_sign_in(&view, &came, request_id(request)).await
}

fn said(why: Option<&NotSignedIn>, error: Option<&str>) -> &'static str {
    match (why, error) {
        (Some(NotSignedIn::Provider), Some("access_denied")) => {
            "The identity provider did not sign you in: it was declined there, or you may not use Deputy."
        }
        (Some(NotSignedIn::Provider), Some(_)) => "The identity provider did not sign you in.",
        (Some(NotSignedIn::Provider), None) => {
            "What the identity provider answered does not hold. An administrator finds the cause in the server's log, \
             and can test the provider."
        }
        (Some(NotSignedIn::Person), _) => {
            "The identity provider knows you, but nobody here is who it says you are. An administrator can provision \
             you."
        }
        (Some(NotSignedIn::Attempt | NotSignedIn::Refused(_)) | None, _) => {
            "This sign-in was begun in another browser, has been used, or its 15 minutes are over. Begin again."
        }
    }
}

fn entered(request: &HttpRequest, session: NewSession, public: &PublicUrl) -> Result<HttpResponse, Page> {
    let tenant = slug(request);
    let mut response = respond(&SignedInPage { tenant: tenant.to_owned() })?;
    let cookie = SessionSecret::new(session.secret).given(tenant, public.is_https());
    response.headers_mut().insert(SET_COOKIE, cookie.ok_or(Refusal::Internal)?);
    Ok(response)
}

/// Ends the sessions that the identity provider says have ended there.
///
/// # Errors
/// `invalid_request` for a token that is none, or was used; `temporarily_unavailable` while the provider's keys cannot
/// be had.
#[utoipa::path(post, path = "/t/{tenant}/sign-in/logout", tag = "oauth", params(("tenant" = String, Path)), responses((status = 200, description = "The sessions that the `logout_token` names have ended, if there were any"), (status = 400, description = "It is no logout token for this tenant, or was used")))]
pub async fn logout(request: HttpRequest, body: Body<ORDINARY, OAuth>) -> Result<HttpResponse, OAuth> {
    let ended = guarded(&request, async {
        let limits = request.app_data::<web::Data<Limits>>().ok_or(Refusal::Internal)?;
        limits.write(&who(&request))?;
        let form = oauth::form(&request, &body.0)?;
        let none = || Refusal::OAuth(RequestProblem::Malformed("logout_token").into());
        let token = form.get("logout_token").ok_or_else(none)?;
        let engine = engine(&request)?;
        let view = engine.tenant(slug(&request)).await.map_err(|refusal| match refusal {
            Refusal::NotFound => none(),
            other => other,
        })?;
        engine.back_channel_logout(&view, token, request_id(&request)).await
    });
    ended.await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).finish())
}
