//! `/t/{tenant}/api/v1/tokens`: what was issued, and whether it lives.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, web::Path};
use deputy_engine::TokenQuery;
use utoipa::OpenApi;

use super::ok;
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::methods::resource;
use crate::http::query::Query;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    let get = [Method::GET];
    config
        .service(resource("/t/{tenant}/api/v1/tokens", &get).route(web::get().to(list)))
        .service(resource("/t/{tenant}/api/v1/tokens/{id}", &get).route(web::get().to(show)))
        .service(resource("/t/{tenant}/api/v1/tokens/{id}/tree", &get).route(web::get().to(tree)));
}

/// What the API says of itself.
#[derive(Debug, OpenApi)]
#[openapi(paths(list, show, tree))]
pub struct Description;

/// Issued credentials, newest first.
///
/// # Errors
/// 403 for a role that may not read.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/tokens", tag = "tokens", params(("tenant" = String, Path), ("agent" = Option<String>, Query), ("live" = Option<bool>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items, next_cursor}`")))]
pub async fn list(api: Api, query: Query<TokenQuery>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.tokens(&api.view, &api.caller, &query.0).await?))
}

/// One issued credential, without its secret part.
///
/// # Errors
/// 404 when there is none of this id.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/tokens/{id}", tag = "tokens", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "The credential"), (status = 404, description = "None of this id")))]
pub async fn show(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.token(&api.view, &api.caller, &path.1).await?))
}

/// Its chain and what was issued below it.
///
/// # Errors
/// 404 when there is none of this id.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/tokens/{id}/tree", tag = "tokens", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "`{chain, descendants, truncated?}`"), (status = 404, description = "None of this id")))]
pub async fn tree(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.token_tree(&api.view, &api.caller, &path.1).await?))
}
