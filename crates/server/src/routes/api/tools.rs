//! `/t/{tenant}/api/v1/tools`: the tool catalogue.

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
            resource("/t/{tenant}/api/v1/tools", &[Method::GET, Method::POST])
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            resource("/t/{tenant}/api/v1/tools/{id}", &one)
                .route(web::get().to(read))
                .route(web::patch().to(change))
                .route(web::put().to(replace))
                .route(web::delete().to(delete)),
        );
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(list, create, read, change, replace, delete))]
pub struct Description;

/// Lists tools in the order in which they were made.
///
/// # Errors
/// `forbidden` unless admin or auditor.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/tools", tag = "tools", params(("tenant" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items, next_cursor}`")))]
pub async fn list(api: Api, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.tools(&api.view, &api.caller, &query.0.into())?))
}

/// Adds a tool to the catalogue.
///
/// # Errors
/// `invalid`, naming the member; `conflict` for a used name.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/tools", tag = "tools", params(("tenant" = String, Path)), responses((status = 201, description = "The tool"), (status = 400, description = "What is wrong"), (status = 409, description = "The name is in use")))]
pub async fn create(api: Api, body: Json<Value>) -> Result<HttpResponse, Problem> {
    Ok(created(&api.engine.create_tool(&api.view, &api.caller, &body.value).await?))
}

/// Reads one tool by id or name.
///
/// # Errors
/// `not-found`.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/tools/{id}", tag = "tools", params(("tenant" = String, Path), ("id" = String, Path, description = "id or name")), responses((status = 200, description = "The tool"), (status = 404, description = "No such tool")))]
pub async fn read(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.tool(&api.view, &api.caller, &path.1)?))
}

/// Changes the members that the body names (RFC 7396); the name stays.
///
/// # Errors
/// `invalid`, naming the member; `not-found`.
#[utoipa::path(patch, path = "/t/{tenant}/api/v1/tools/{id}", tag = "tools", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The tool as it is now")))]
pub async fn change(
    api: Api,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.change_tool(&api.view, &api.caller, &path.1, body.value, false).await?))
}

/// Replaces a tool; the name stays.
///
/// # Errors
/// `invalid`, naming the member; `not-found`.
#[utoipa::path(put, path = "/t/{tenant}/api/v1/tools/{id}", tag = "tools", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The tool as it is now")))]
pub async fn replace(
    api: Api,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.change_tool(&api.view, &api.caller, &path.1, body.value, true).await?))
}

/// Takes a tool out of the catalogue.
///
/// # Errors
/// `not-found`.
#[utoipa::path(delete, path = "/t/{tenant}/api/v1/tools/{id}", tag = "tools", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 204, description = "It is gone")))]
pub async fn delete(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    api.engine.delete_tool(&api.view, &api.caller, &path.1).await?;
    Ok(HttpResponse::NoContent().finish())
}
