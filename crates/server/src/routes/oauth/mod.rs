//! The OAuth endpoints of a tenant (RFC 6749, 7662, 7009).

pub mod introspect;
mod presenter;
pub mod revoke;
pub mod token;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::web::{self, ServiceConfig};
use deputy_oauth::error::{ProofProblem, RequestProblem};
use deputy_oauth::form::Form;

use crate::http::methods::resource;
use crate::refusal::Refusal;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    let post = |path| resource(path, &[Method::POST]);
    config
        .service(post("/t/{tenant}/oauth/token").route(web::post().to(token::issue)))
        .service(post("/t/{tenant}/oauth/introspect").route(web::post().to(introspect::describe)))
        .service(post("/t/{tenant}/oauth/revoke").route(web::post().to(revoke::end)));
}

/// The body as a form, if it says that it is one (RFC 6749 §3.2).
///
/// # Errors
/// `invalid_request`.
pub fn form(request: &HttpRequest, body: &[u8]) -> Result<Form, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::OAuth(RequestProblem::ContentType.into()));
    }
    Form::parse(body).map_err(|error| Refusal::OAuth(RequestProblem::Form(error).into()))
}

/// The `Authorization` header, once and in printable text.
///
/// # Errors
/// `invalid_request` when there are several.
pub fn authorization(request: &HttpRequest) -> Result<Option<&str>, Refusal> {
    let mut sent = request.headers().get_all(AUTHORIZATION);
    match (sent.next(), sent.next()) {
        (_, Some(_)) => Err(Refusal::OAuth(RequestProblem::SeveralAuthentications.into())),
        (Some(value), None) => Ok(Some(value.to_str().unwrap_or_default())),
        (None, None) => Ok(None),
    }
}

/// The `DPoP` header (RFC 9449 §4.1), which stands once (§4.3, the first check).
///
/// # Errors
/// `invalid_dpop_proof` when there are several.
pub fn proof(request: &HttpRequest) -> Result<Option<&str>, Refusal> {
    let mut sent = request.headers().get_all("dpop");
    match (sent.next(), sent.next()) {
        (_, Some(_)) => Err(Refusal::OAuth(ProofProblem::Several.into())),
        (Some(value), None) => Ok(Some(value.to_str().unwrap_or_default())),
        (None, None) => Ok(None),
    }
}
