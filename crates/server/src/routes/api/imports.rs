//! `POST /t/{tenant}/api/v1/imports`: a fleet manifest, all or nothing.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use deputy_engine::ImportOptions;
use serde::Deserialize;
use utoipa::OpenApi;

use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::body::{Body, IMPORT};
use crate::http::methods::resource;
use crate::http::query::Query;
use crate::refusal::Refusal;

/// The route.
pub fn configure(config: &mut ServiceConfig) {
    config.service(resource("/t/{tenant}/api/v1/imports", &[Method::POST]).route(web::post().to(import)));
}

/// What the API says of itself.
#[derive(Debug, OpenApi)]
#[openapi(paths(import))]
pub struct Description;

/// How to import.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImportQuery {
    dry_run: bool,
    prune: bool,
    create_owners: bool,
}

/// Imports a fleet manifest; secrets in the answer are shown this once.
///
/// # Errors
/// `invalid` with every problem, its line and its column; `too-large` over 10 MiB.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/imports", tag = "imports", params(("tenant" = String, Path), ("dry_run" = Option<bool>, Query), ("prune" = Option<bool>, Query), ("create_owners" = Option<bool>, Query)), request_body(content = String, content_type = "application/yaml", description = "A fleet manifest"), responses((status = 200, description = "What changed, or would change"), (status = 400, description = "Everything that is wrong with the manifest; nothing was changed")))]
pub async fn import(
    api: Api,
    request: HttpRequest,
    query: Query<ImportQuery>,
    body: Body<IMPORT>,
) -> Result<HttpResponse, Problem> {
    if !request.content_type().eq_ignore_ascii_case("application/yaml") {
        return Err(Refusal::invalid("Content-Type", "must be application/yaml").into());
    }
    let ImportQuery { dry_run, prune, create_owners } = query.0;
    let options = ImportOptions { dry_run, prune, create_owners };
    let done = api.engine.import(&api.view, &api.caller, body.0.into(), options).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(done))
}
