//! `GET /t/{tenant}/audit-keys.json`: every key that ever signed this tenant's checkpoints.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{self, ServiceConfig};
use deputy_token::keys::JwkSet;

use crate::dialect::Problem;
use crate::http::api::Tenant;
use crate::http::methods::resource;

/// The routes of this file.
pub fn configure(config: &mut ServiceConfig) {
    config.service(resource("/t/{tenant}/audit-keys.json", &[Method::GET]).route(web::get().to(show)));
}

/// The keys, for ever, as a JWK Set (RFC 7517).
///
/// # Errors
/// 404 for an unknown tenant.
#[utoipa::path(get, path = "/t/{tenant}/audit-keys.json", tag = "events", params(("tenant" = String, Path)), responses((status = 200, description = "A JWK Set")))]
pub async fn show(tenant: Tenant) -> Result<HttpResponse, Problem> {
    let keys = JwkSet { keys: tenant.engine.audit_keys(&tenant.view) };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(keys))
}
