//! `POST /t/{tenant}/api/v1/uses`: uses that a resource server decided offline.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use utoipa::OpenApi;

use super::ok;
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::body::Body;
use crate::http::methods::resource;
use crate::refusal::Refusal;

/// The route.
pub fn configure(config: &mut ServiceConfig) {
    config.service(resource("/t/{tenant}/api/v1/uses", &[Method::POST]).route(web::post().to(report)));
}

/// What the API says of itself.
#[derive(Debug, OpenApi)]
#[openapi(paths(report))]
pub struct Description;

/// Reports uses, one JSON object a line, at most 1,000; one that was reported before is not written again.
///
/// # Errors
/// `invalid` with every line that is wrong; `forbidden` for a verifier's report about an audience that is not its own.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/uses", tag = "uses", params(("tenant" = String, Path)), request_body(content = String, content_type = "application/x-ndjson", description = "`{id, credential, agent, audience, tool?, scope?, decision, reasons?, time}` a line"), responses((status = 200, description = "`{accepted, repeated}`"), (status = 400, description = "What is wrong, line by line; nothing was written")))]
pub async fn report(api: Api, request: HttpRequest, body: Body) -> Result<HttpResponse, Problem> {
    if !request.content_type().eq_ignore_ascii_case("application/x-ndjson") {
        return Err(Refusal::invalid("Content-Type", "must be application/x-ndjson").into());
    }
    let lines = std::str::from_utf8(&body.0).map_err(|_| Refusal::invalid("body", "is not UTF-8"))?;
    Ok(ok(&api.engine.report_uses(&api.view, &api.caller, lines).await?))
}
