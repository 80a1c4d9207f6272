//! `/t/{tenant}/api/v1/revocations`: taking authority away.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, web::Path};
use deputy_engine::NewRevocation;
use serde::Deserialize;
use utoipa::OpenApi;

use super::{created, ok};
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::json::Json;
use crate::http::methods::resource;
use crate::http::query::{PageQuery, Query};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/t/{tenant}/api/v1/revocations", &[Method::GET, Method::POST])
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(resource("/t/{tenant}/api/v1/revocations/{id}", &[Method::GET]).route(web::get().to(show)));
}

/// What the API says of itself.
#[derive(Debug, OpenApi)]
#[openapi(paths(create, list, show))]
pub struct Description;

/// What a request may say beside its body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateQuery {
    /// Only count what would be reached.
    #[serde(default)]
    preview: bool,
}

/// Revokes a target, or counts what that would reach.
///
/// # Errors
/// 400 for a target that names nothing; 403 for a role that may not.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/revocations", tag = "revocations", params(("tenant" = String, Path), ("preview" = Option<bool>, Query, description = "only count what would be reached")), responses((status = 201, description = "Revoked: `{id, seq}`"), (status = 200, description = "A preview: `{reach: {tokens, agents, at_least?}}`"), (status = 400, description = "A target that names nothing")))]
pub async fn create(
    api: Api,
    query: Query<CreateQuery>,
    body: Result<Json<NewRevocation>, Problem>,
) -> Result<HttpResponse, Problem> {
    if query.0.preview {
        api.caller.require_reader()?;
        let body = body?;
        return Ok(ok(&api.engine.preview_revocation(&api.view, &api.caller, &body.value.target).await?));
    }
    // A role that may not is told so before its body is looked at.
    api.caller.require_admin()?;
    Ok(created(&api.engine.revoke(&api.view, &api.caller, body?.value).await?))
}

/// Revocations, newest first.
///
/// # Errors
/// 403 for a role that may not read.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/revocations", tag = "revocations", params(("tenant" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items, next_cursor}`")))]
pub async fn list(api: Api, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.revocations(&api.view, &api.caller, &query.0.into()).await?))
}

/// One revocation.
///
/// # Errors
/// 404 when there is none of this id.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/revocations/{id}", tag = "revocations", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The revocation"), (status = 404, description = "None of this id")))]
pub async fn show(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.revocation(&api.view, &api.caller, &path.1).await?))
}
