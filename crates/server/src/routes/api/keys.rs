//! `/t/{tenant}/api/v1/keys`: keys of the management API.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};
use deputy_mandate::Value;
use utoipa::OpenApi;

use super::changes::PageQuery;
use super::{created_once, ok};
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::json::Json;
use crate::http::methods::resource;
use crate::http::query::Query;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/t/{tenant}/api/v1/keys", &[Method::GET, Method::POST])
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(resource("/t/{tenant}/api/v1/keys/{id}", &[Method::DELETE]).route(web::delete().to(delete)));
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(list, create, delete))]
pub struct Description;

/// Lists keys, without the keys, in the order in which they were made.
///
/// # Errors
/// `forbidden` unless admin or auditor.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/keys", tag = "keys", params(("tenant" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items, next_cursor}`")))]
pub async fn list(api: Api, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.keys(&api.view, &api.caller, &query.0.into())?))
}

/// Makes a key, which is shown this once.
///
/// # Errors
/// `invalid`, naming the member.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/keys", tag = "keys", params(("tenant" = String, Path)), responses((status = 201, description = "`{id, key, …}`"), (status = 400, description = "What is wrong")))]
pub async fn create(api: Api, body: Json<Value>) -> Result<HttpResponse, Problem> {
    Ok(created_once(&api.engine.create_key(&api.view, &api.caller, &body.value).await?))
}

/// Ends a key at once.
///
/// # Errors
/// `conflict` for the last admin key; `not-found`.
#[utoipa::path(delete, path = "/t/{tenant}/api/v1/keys/{id}", tag = "keys", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 204, description = "It opens nothing any more"), (status = 409, description = "It is the last admin key")))]
pub async fn delete(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    api.engine.delete_key(&api.view, &api.caller, &path.1).await?;
    Ok(HttpResponse::NoContent().finish())
}
