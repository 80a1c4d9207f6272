//! `/t/{tenant}/api/v1/resources`: resource servers, the audiences of tokens.

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

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    let one = [Method::GET, Method::PATCH, Method::PUT, Method::DELETE];
    config
        .service(
            resource("/t/{tenant}/api/v1/resources", &[Method::GET, Method::POST])
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            resource("/t/{tenant}/api/v1/resources/{id}", &one)
                .route(web::get().to(read))
                .route(web::patch().to(change))
                .route(web::put().to(replace))
                .route(web::delete().to(delete)),
        )
        .service(
            resource("/t/{tenant}/api/v1/resources/{id}/capability-key", &[Method::POST])
                .route(web::post().to(capability_key)),
        );
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(list, create, read, change, replace, delete, capability_key))]
pub struct Description;

/// Lists resource servers in the order in which they were made.
///
/// # Errors
/// `forbidden` unless admin or auditor.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/resources", tag = "resources", params(("tenant" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items, next_cursor}`")))]
pub async fn list(api: Api, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.resources(&api.view, &api.caller, &query.0.into())?))
}

/// Registers a resource server.
///
/// # Errors
/// `invalid`, naming the member; `conflict` for a used URI.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/resources", tag = "resources", params(("tenant" = String, Path)), responses((status = 201, description = "The resource server"), (status = 400, description = "What is wrong"), (status = 409, description = "The URI is in use")))]
pub async fn create(api: Api, body: Json<Value>) -> Result<HttpResponse, Problem> {
    Ok(created(&api.engine.create_resource(&api.view, &api.caller, &body.value).await?))
}

/// Reads one resource server by id or URI.
///
/// # Errors
/// `not-found`.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/resources/{id}", tag = "resources", params(("tenant" = String, Path), ("id" = String, Path, description = "id or URI")), responses((status = 200, description = "The resource server"), (status = 404, description = "No such resource server")))]
pub async fn read(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.resource(&api.view, &api.caller, &path.1)?))
}

/// Changes the members that the body names (RFC 7396); the URI stays.
///
/// # Errors
/// `invalid`, naming the member; `not-found`.
#[utoipa::path(patch, path = "/t/{tenant}/api/v1/resources/{id}", tag = "resources", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The resource server as it is now")))]
pub async fn change(
    api: Api,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.change_resource(&api.view, &api.caller, &path.1, body.value, false).await?))
}

/// Replaces a resource server; the URI stays.
///
/// # Errors
/// `invalid`, naming the member; `not-found`.
#[utoipa::path(put, path = "/t/{tenant}/api/v1/resources/{id}", tag = "resources", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The resource server as it is now")))]
pub async fn replace(
    api: Api,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.change_resource(&api.view, &api.caller, &path.1, body.value, true).await?))
}

/// Takes a resource server away.
///
/// # Errors
/// `conflict` while it is an agent's or the tenant's default audience; `not-found`.
#[utoipa::path(delete, path = "/t/{tenant}/api/v1/resources/{id}", tag = "resources", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 204, description = "It is gone"), (status = 409, description = "It is somebody's default audience")))]
pub async fn delete(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    api.engine.delete_resource(&api.view, &api.caller, &path.1).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Shows the key that a resource server verifies its capabilities with. Every showing is an event.
///
/// # Errors
/// `forbidden` unless admin, or a verifier of that audience; `not-found`.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/resources/{id}/capability-key", tag = "resources", params(("tenant" = String, Path), ("id" = String, Path, description = "id or URI")), responses((status = 200, description = "`{kid, audience, key}`, the key in base64url"), (status = 403, description = "Not an admin's key, nor one of a verifier of this audience"), (status = 404, description = "No such resource server")))]
pub async fn capability_key(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let shown = api.engine.capability_key(&api.view, &api.caller, &path.1).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(shown))
}
