//! `/t/{tenant}/api/v1/roles`: named ceilings of authority.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};
use deputy_engine::AuthorityChange;
use deputy_mandate::Value;
use utoipa::OpenApi;

use super::changes::{DryRun, PageQuery, answer};
use super::ok;
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
            resource("/t/{tenant}/api/v1/roles", &[Method::GET, Method::POST])
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            resource("/t/{tenant}/api/v1/roles/{id}", &one)
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

/// Lists roles in the order in which they were made.
///
/// # Errors
/// `forbidden` unless admin or auditor.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/roles", tag = "roles", params(("tenant" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items, next_cursor}`")))]
pub async fn list(api: Api, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.roles(&api.view, &api.caller, &query.0.into())?))
}

/// Makes a role.
///
/// # Errors
/// `invalid`, naming the member; `conflict` for a used name.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/roles", tag = "roles", params(("tenant" = String, Path), ("dry_run" = Option<bool>, Query)), responses((status = 201, description = "The role"), (status = 200, description = "With `dry_run`: whose authority would change"), (status = 400, description = "What is wrong"), (status = 409, description = "The name is in use")))]
pub async fn create(api: Api, query: Query<DryRun>, body: Json<Value>) -> Result<HttpResponse, Problem> {
    answer(&api, AuthorityChange::CreateRole(body.value), query.0.dry_run).await
}

/// Reads one role by id or name.
///
/// # Errors
/// `not-found`.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/roles/{id}", tag = "roles", params(("tenant" = String, Path), ("id" = String, Path, description = "id or name")), responses((status = 200, description = "The role"), (status = 404, description = "No such role")))]
pub async fn read(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.role(&api.view, &api.caller, &path.1)?))
}

/// Changes the members that the body names (RFC 7396).
///
/// # Errors
/// `invalid`, naming the member; `conflict` when an agent would have one tool with different argument maps.
#[utoipa::path(patch, path = "/t/{tenant}/api/v1/roles/{id}", tag = "roles", params(("tenant" = String, Path), ("id" = String, Path), ("dry_run" = Option<bool>, Query)), responses((status = 200, description = "The role as it is now; with `dry_run`: whose authority would change"), (status = 409, description = "Different argument maps of one tool")))]
pub async fn change(
    api: Api,
    path: Path<(String, String)>,
    query: Query<DryRun>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    let role = path.into_inner().1;
    answer(&api, AuthorityChange::PatchRole { role, patch: body.value }, query.0.dry_run).await
}

/// Replaces a role.
///
/// # Errors
/// As for a change.
#[utoipa::path(put, path = "/t/{tenant}/api/v1/roles/{id}", tag = "roles", params(("tenant" = String, Path), ("id" = String, Path), ("dry_run" = Option<bool>, Query)), responses((status = 200, description = "The role as it is now; with `dry_run`: whose authority would change"), (status = 409, description = "Different argument maps of one tool")))]
pub async fn replace(
    api: Api,
    path: Path<(String, String)>,
    query: Query<DryRun>,
    body: Json<Value>,
) -> Result<HttpResponse, Problem> {
    let role = path.into_inner().1;
    answer(&api, AuthorityChange::ReplaceRole { role, entry: body.value }, query.0.dry_run).await
}

/// Deletes a role that is bound to nobody.
///
/// # Errors
/// `conflict` while it is bound; `not-found`.
#[utoipa::path(delete, path = "/t/{tenant}/api/v1/roles/{id}", tag = "roles", params(("tenant" = String, Path), ("id" = String, Path), ("dry_run" = Option<bool>, Query)), responses((status = 204, description = "It is gone"), (status = 409, description = "It is bound")))]
pub async fn delete(
    api: Api,
    path: Path<(String, String)>,
    query: Query<DryRun>,
) -> Result<HttpResponse, Problem> {
    answer(&api, AuthorityChange::DeleteRole { role: path.into_inner().1 }, query.0.dry_run).await
}
