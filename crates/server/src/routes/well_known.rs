//! Authorization server metadata (RFC 8414 §3), the same document in the three places that clients try.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use crate::dialect::Problem;
use crate::http::api::Tenant;
use crate::http::methods::resource;

const FRESH: &str = "public, max-age=300";

/// The routes. RFC 8414 §3.1 puts the well-known segment before the issuer's path; OpenID Connect
/// Discovery and many clients put it after.
pub fn configure(config: &mut ServiceConfig) {
    let get = [Method::GET, Method::HEAD];
    config
        .service(
            resource("/.well-known/oauth-authorization-server/t/{tenant}", &get)
                .route(web::get().to(show))
                .route(web::head().to(show)),
        )
        .service(
            resource("/t/{tenant}/.well-known/oauth-authorization-server", &get)
                .route(web::get().to(inside))
                .route(web::head().to(inside)),
        )
        .service(
            resource("/t/{tenant}/.well-known/openid-configuration", &get)
                .route(web::get().to(discovery))
                .route(web::head().to(discovery)),
        );
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(show, inside, discovery))]
pub struct Description;

/// The metadata.
///
/// # Errors
/// 404 for an unknown tenant.
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server/t/{tenant}", tag = "oauth", params(("tenant" = String, Path)), responses((status = 200, description = "Authorization server metadata"), (status = 404, description = "No such tenant")))]
pub async fn show(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let document = tenant.engine.metadata(&tenant.view);
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, FRESH)).json(document))
}

/// The metadata, behind the issuer's path.
///
/// # Errors
/// 404 for an unknown tenant.
#[utoipa::path(get, path = "/t/{tenant}/.well-known/oauth-authorization-server", tag = "oauth", params(("tenant" = String, Path)), responses((status = 200, description = "The same document")))]
pub async fn inside(tenant: Tenant) -> Result<HttpResponse, Problem> {
    show(tenant).await
}

/// The metadata, where OpenID Connect Discovery looks for it.
///
/// # Errors
/// 404 for an unknown tenant.
#[utoipa::path(get, path = "/t/{tenant}/.well-known/openid-configuration", tag = "oauth", params(("tenant" = String, Path)), responses((status = 200, description = "The same document")))]
pub async fn discovery(tenant: Tenant) -> Result<HttpResponse, Problem> {
    show(tenant).await
}
