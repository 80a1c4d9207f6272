//! `/api/v1/tenants`: the tenants of the installation, for platform keys.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, Path, ServiceConfig};
use deputy_engine::TenantChange;
use serde::Deserialize;
use utoipa::OpenApi;

use super::api::changes::PageQuery;
use super::api::{created_once, ok};
use crate::dialect::Problem;
use crate::http::api::Platform;
use crate::http::json::Json;
use crate::http::methods::resource;
use crate::http::query::Query;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/api/v1/tenants", &[Method::GET, Method::POST])
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            resource("/api/v1/tenants/{slug}", &[Method::GET, Method::PATCH])
                .route(web::get().to(read))
                .route(web::patch().to(change)),
        );
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(list, create, read, change))]
pub struct Description;

/// A tenant to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTenantBody {
    slug: String,
    name: Option<String>,
}

/// Lists tenants in the order of their slugs.
///
/// # Errors
/// `unauthenticated` without a platform key.
#[utoipa::path(get, path = "/api/v1/tenants", tag = "installation", params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items, next_cursor}`")))]
pub async fn list(platform: Platform, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    Ok(ok(&platform.engine.tenants(&platform.caller, &query.0.into()).await?))
}

/// Makes a tenant and its first admin key, which is shown this once.
///
/// # Errors
/// `invalid` for the form of the slug; `conflict` for one that is, or was, in use.
#[utoipa::path(post, path = "/api/v1/tenants", tag = "installation", responses((status = 201, description = "`{slug, issuer, scim_base_url, admin_key}`"), (status = 400, description = "What is wrong"), (status = 409, description = "The slug is, or was, in use")))]
pub async fn create(
    platform: Platform,
    body: Result<Json<NewTenantBody>, Problem>,
) -> Result<HttpResponse, Problem> {
    let NewTenantBody { slug, name } = &body?.value;
    Ok(created_once(&platform.engine.create_tenant(&platform.caller, slug, name.as_deref()).await?))
}

/// Reads one tenant by its slug.
///
/// # Errors
/// `not-found`.
#[utoipa::path(get, path = "/api/v1/tenants/{slug}", tag = "installation", params(("slug" = String, Path)), responses((status = 200, description = "The tenant"), (status = 404, description = "No such tenant")))]
pub async fn read(platform: Platform, slug: Path<String>) -> Result<HttpResponse, Problem> {
    Ok(ok(&platform.engine.shown_tenant(&platform.caller, &slug).await?))
}

/// Suspends or reactivates a tenant (`status`), or halts it (`halt`, `reason`).
///
/// # Errors
/// `invalid`, naming the member; `not-found`.
#[utoipa::path(patch, path = "/api/v1/tenants/{slug}", tag = "installation", params(("slug" = String, Path)), responses((status = 200, description = "The tenant as it is now"), (status = 404, description = "No such tenant")))]
pub async fn change(
    platform: Platform,
    slug: Path<String>,
    body: Result<Json<TenantChange>, Problem>,
) -> Result<HttpResponse, Problem> {
    Ok(ok(&platform.engine.change_tenant(&platform.caller, &slug, body?.value).await?))
}
