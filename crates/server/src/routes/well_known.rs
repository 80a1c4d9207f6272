//! Authorization server metadata (RFC 8414 §3), the same document in the three places that clients try; and the
//! installation's SPIFFE bundle.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, ServiceConfig};
use deputy_engine::Engine;
use utoipa::OpenApi;

use crate::dialect::Problem;
use crate::http::api::Tenant;
use crate::http::methods::resource;

const FRESH: &str = "public, max-age=300";

/// The routes. RFC 8414 §3.1 puts the well-known segment before the issuer's path; OpenID Connect
/// Discovery and many clients put it after.
pub fn configure(config: &mut ServiceConfig) {
    let get = [Method::GET];
    config
        .service(
            resource("/.well-known/oauth-authorization-server/t/{tenant}", &get).route(web::get().to(show)),
        )
        .service(
            resource("/t/{tenant}/.well-known/oauth-authorization-server", &get).route(web::get().to(inside)),
        )
        .service(
            resource("/t/{tenant}/.well-known/openid-configuration", &get).route(web::get().to(discovery)),
        )
        .service(resource("/.well-known/spiffe-bundle", &get).route(web::get().to(spiffe_bundle)));
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(show, inside, discovery, spiffe_bundle))]
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

/// The trust bundle of the installation's trust domain: the key of its JWT-SVIDs, and no tenant's.
///
/// # Errors
/// `unavailable` while the database is.
#[utoipa::path(get, path = "/.well-known/spiffe-bundle", tag = "oauth", responses((status = 200, description = "A JWK Set whose keys have `use: jwt-svid` (SPIFFE Trust Domain and Bundle §4)")))]
pub async fn spiffe_bundle(engine: web::Data<Engine>) -> Result<HttpResponse, Problem> {
    let bundle = engine.spiffe_bundle().await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, FRESH)).json(bundle))
}
