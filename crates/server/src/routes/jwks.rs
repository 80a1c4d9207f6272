//! `GET /t/{tenant}/jwks.json`: the keys that a tenant's tokens are verified with (RFC 7517 §5).

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use crate::dialect::Problem;
use crate::http::api::Tenant;
use crate::http::methods::resource;

/// A minute: a compromised key goes from caches at once, and the next key is known long before it signs.
const FRESH: &str = "public, max-age=60";

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(resource("/t/{tenant}/jwks.json", &[Method::GET]).route(web::get().to(show)));
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(show))]
pub struct Description;

/// The key set: next, current, and retired keys until what they signed has expired.
///
/// # Errors
/// 404 for an unknown tenant.
#[utoipa::path(get, path = "/t/{tenant}/jwks.json", tag = "oauth", params(("tenant" = String, Path)), responses((status = 200, description = "A JWK Set"), (status = 404, description = "No such tenant")))]
pub async fn show(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let keys = tenant.engine.key_set(&tenant.view);
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, FRESH)).json(keys))
}
