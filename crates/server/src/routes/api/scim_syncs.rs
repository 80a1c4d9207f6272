//! `/t/{tenant}/api/v1/scim-syncs`: how the synchronisation of each identity provider's key goes.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use serde_json::json;
use utoipa::OpenApi;

use super::ok;
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::methods::resource;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(resource("/t/{tenant}/api/v1/scim-syncs", &[Method::GET]).route(web::get().to(list)));
}

/// What the API says of itself.
#[derive(Debug, OpenApi)]
#[openapi(paths(list))]
pub struct Description;

/// The keys with the role `scim`, the newest first: the last sync of each, and the last error. One page holds all.
///
/// # Errors
/// 403 for a role that may not read.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/scim-syncs", tag = "scim", params(("tenant" = String, Path)), responses((status = 200, description = "`{items: [{key, prefix, created_at, expires_at, synced_at, failed_at, failure}], next_cursor: null}`")))]
pub async fn list(api: Api) -> Result<HttpResponse, Problem> {
    let syncs = api.engine.syncs(&api.view, &api.caller).await?;
    Ok(ok(&json!({"items": syncs, "next_cursor": null})))
}
