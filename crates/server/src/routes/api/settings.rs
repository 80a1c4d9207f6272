//! `/t/{tenant}/api/v1/settings`: the tenant's settings.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use deputy_mandate::Value;
use utoipa::OpenApi;

use super::ok;
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::json::Json;
use crate::http::methods::resource;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(
        resource("/t/{tenant}/api/v1/settings", &[Method::GET, Method::PATCH])
            .route(web::get().to(read))
            .route(web::patch().to(change)),
    );
}

/// What the API says of itself.
#[derive(OpenApi)]
#[openapi(paths(read, change))]
pub struct Description;

/// The settings.
///
/// # Errors
/// `forbidden` unless admin or auditor.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/settings", tag = "settings", params(("tenant" = String, Path)), responses((status = 200, description = "The settings")))]
pub async fn read(api: Api) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.settings(&api.view, &api.caller)?))
}

/// Changes the members that the body names (RFC 7396); the orphan policy is replaced as a whole.
///
/// # Errors
/// `invalid`, naming the member.
#[utoipa::path(patch, path = "/t/{tenant}/api/v1/settings", tag = "settings", params(("tenant" = String, Path)), responses((status = 200, description = "The settings as they are now"), (status = 400, description = "What is wrong")))]
pub async fn change(api: Api, body: Json<Value>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.change_settings(&api.view, &api.caller, body.value).await?))
}
