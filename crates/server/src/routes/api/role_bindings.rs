//! `/t/{tenant}/api/v1/role-bindings`: who has which role.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};
use deputy_engine::{AuthorityChange, BindingFilter, Paging};
use deputy_mandate::Value;
use serde::Deserialize;
use utoipa::OpenApi;

use super::changes::{DryRun, answer};
use super::ok;
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::json::Json;
use crate::http::methods::resource;
use crate::http::query::Query;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/t/{tenant}/api/v1/role-bindings", &[Method::GET, Method::POST])
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            resource("/t/{tenant}/api/v1/role-bindings/{id}", &[Method::GET, Method::DELETE])
                .route(web::get().to(read))
                .route(web::delete().to(delete)),
        );
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(list, create, read, delete))]
pub struct Description;

/// Which bindings to list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    role: Option<String>,
    subject: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Lists bindings in the order in which they were made.
///
/// # Errors
/// `forbidden` unless admin or auditor.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/role-bindings", tag = "roles", params(("tenant" = String, Path), ("role" = Option<String>, Query), ("subject" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items, next_cursor}`")))]
pub async fn list(api: Api, query: Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let ListQuery { role, subject, limit, cursor } = query.0;
    let (filter, paging) = (BindingFilter { role, subject }, Paging { limit, cursor });
    Ok(ok(&api.engine.bindings(&api.view, &api.caller, &filter, &paging)?))
}

/// Binds a role to an agent, a user or a group.
///
/// # Errors
/// `invalid` for a role or subject that is not known; `conflict` for a binding that there is, and when
/// an agent would have one tool with different argument maps.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/role-bindings", tag = "roles", params(("tenant" = String, Path), ("dry_run" = Option<bool>, Query)), responses((status = 201, description = "The binding"), (status = 200, description = "With `dry_run`: whose authority would change"), (status = 400, description = "What is wrong"), (status = 409, description = "Bound already, or different argument maps of one tool")))]
pub async fn create(api: Api, query: Query<DryRun>, body: Json<Value>) -> Result<HttpResponse, Problem> {
    answer(&api, AuthorityChange::CreateBinding(body.value), query.0.dry_run).await
}

/// Reads one binding.
///
/// # Errors
/// `not-found`.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/role-bindings/{id}", tag = "roles", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The binding"), (status = 404, description = "No such binding")))]
pub async fn read(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.binding(&api.view, &api.caller, &path.1)?))
}

/// Takes a binding away.
///
/// # Errors
/// `not-found`.
#[utoipa::path(delete, path = "/t/{tenant}/api/v1/role-bindings/{id}", tag = "roles", params(("tenant" = String, Path), ("id" = String, Path), ("dry_run" = Option<bool>, Query)), responses((status = 204, description = "It is gone"), (status = 200, description = "With `dry_run`: whose authority would change")))]
pub async fn delete(
    api: Api,
    path: Path<(String, String)>,
    query: Query<DryRun>,
) -> Result<HttpResponse, Problem> {
    answer(&api, AuthorityChange::DeleteBinding { binding: path.into_inner().1 }, query.0.dry_run).await
}
