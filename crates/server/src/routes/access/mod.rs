//! Decisions (AuthZEN Authorization API 1.0).

pub mod configuration;
pub mod evaluation;
pub mod evaluations;

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpMessage as _, HttpRequest};
use utoipa::OpenApi;

use crate::http::methods::resource;
use crate::refusal::Refusal;

/// The description of these routes.
#[derive(Debug, OpenApi)]
#[openapi(
    paths(configuration::show, evaluation::decide, evaluations::decide),
    tags((name = "decisions", description = "May the holder of this token do this?"))
)]
pub struct Description;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/.well-known/authzen-configuration/t/{tenant}", &[Method::GET])
                .route(web::get().to(configuration::show)),
        )
        .service(
            resource("/t/{tenant}/access/v1/evaluation", &[Method::POST])
                .route(web::post().to(evaluation::decide)),
        )
        .service(
            resource("/t/{tenant}/access/v1/evaluations", &[Method::POST])
                .route(web::post().to(evaluations::decide)),
        );
}

/// The body as text. It is read once, by the decision: numbers must stay as they were written.
///
/// # Errors
/// `Invalid` for a body that does not say that it is JSON (§10.1), or is not UTF-8.
fn json<'b>(request: &HttpRequest, body: &'b [u8]) -> Result<&'b str, Refusal> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::invalid("Content-Type", "must be application/json"));
    }
    std::str::from_utf8(body).map_err(|_| Refusal::invalid("", "must be UTF-8"))
}
