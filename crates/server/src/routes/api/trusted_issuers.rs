//! `/t/{tenant}/api/v1/trusted-issuers`: issuers of workloads' tokens.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};
use deputy_mandate::Value;
use utoipa::OpenApi;

use super::changes::PageQuery;
use super::{created, ok};
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::json::Json;
use crate::http::methods::resource;
use crate::http::query::Query;

/// The routes. An issuer, percent-encoded, serves as an id.
pub fn configure(config: &mut ServiceConfig) {
    let one = [Method::GET, Method::PATCH, Method::PUT, Method::DELETE];
    config
        .service(
            resource("/t/{tenant}/api/v1/trusted-issuers", &[Method::GET, Method::POST])
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            resource("/t/{tenant}/api/v1/trusted-issuers/{id}", &one)
                .route(web::get().to(read))
                .route(web::patch().to(change))
                .route(web::put().to(replace))
                .route(web::delete().to(delete)),
        )
        .service(
            resource("/t/{tenant}/api/v1/trusted-issuers/{id}/test", &[Method::POST])
                .route(web::post().to(test)),
        );
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(list, create, read, change, replace, delete, test))]
pub struct Description;

/// Lists trusted issuers in the order in which they were made.
///
/// # Errors
/// `forbidden` unless admin or auditor.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/trusted-issuers", tag = "trusted-issuers", params(("tenant" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items, next_cursor}`")))]
pub async fn list(api: Api, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.trusted_issuers(&api.view, &api.caller, &query.0.into())?))
}

/// Registers a trusted issuer.
///
/// # Errors
/// `invalid`, naming the member; `conflict` for a registered issuer.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/trusted-issuers", tag = "trusted-issuers", params(("tenant" = String, Path)), responses((status = 201, description = "As it is now"), (status = 400, description = "What is wrong"), (status = 409, description = "The issuer is registered")))]
pub async fn create(api: Api, body: Json<Value>) -> Result<HttpResponse, Problem> {
    Ok(created(&api.engine.create_trusted_issuer(&api.view, &api.caller, &body.value).await?))
}

/// Reads a trusted issuer by id or issuer.
///
/// # Errors
/// `not-found`.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/trusted-issuers/{id}", tag = "trusted-issuers", params(("tenant" = String, Path), ("id" = String, Path, description = "id or issuer")), responses((status = 200, description = "As it is now"), (status = 404, description = "There is none")))]
pub async fn read(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.trusted_issuer(&api.view, &api.caller, &path.1)?))
}

/// Changes the members that the body names (RFC 7396); the issuer stays.
///
/// # Errors
/// `invalid`, naming the member; `not-found`.
#[utoipa::path(patch, path = "/t/{tenant}/api/v1/trusted-issuers/{id}", tag = "trusted-issuers", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "As it is now")))]
pub async fn change(
    api: Api,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    let changed = api.engine.change_trusted_issuer(&api.view, &api.caller, &path.1, body.value, false);
    Ok(ok(&changed.await?))
}

/// Replaces the entry; the issuer stays.
///
/// # Errors
/// `invalid`, naming the member; `not-found`.
#[utoipa::path(put, path = "/t/{tenant}/api/v1/trusted-issuers/{id}", tag = "trusted-issuers", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "As it is now")))]
pub async fn replace(
    api: Api,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    let changed = api.engine.change_trusted_issuer(&api.view, &api.caller, &path.1, body.value, true);
    Ok(ok(&changed.await?))
}

/// Takes it away: nothing that it signs counts from now on.
///
/// # Errors
/// `not-found`.
#[utoipa::path(delete, path = "/t/{tenant}/api/v1/trusted-issuers/{id}", tag = "trusted-issuers", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 204, description = "It is gone")))]
pub async fn delete(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    api.engine.delete_trusted_issuer(&api.view, &api.caller, &path.1).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Tries it step by step; a pasted `token` is checked too, and stored nowhere.
///
/// # Errors
/// `forbidden` unless admin; `not-found`.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/trusted-issuers/{id}/test", tag = "trusted-issuers", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "`{ok, steps: [{step, status, detail}]}`; a step that fails is no error of the call")))]
pub async fn test(
    api: Api,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    let tried = api.engine.test_trusted_issuer(&api.view, &api.caller, &path.1, &body.value).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(tried))
}
