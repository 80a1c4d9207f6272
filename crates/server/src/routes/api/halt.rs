//! `/t/{tenant}/api/v1/halt`: the kill switch.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, web::Path};
use deputy_engine::{HaltOutcome, NewHalt};
use utoipa::OpenApi;

use super::ok;
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::json::Json;
use crate::http::methods::resource;

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(
            resource("/t/{tenant}/api/v1/halt", &[Method::GET, Method::PUT])
                .route(web::get().to(show))
                .route(web::put().to(set)),
        )
        .service(
            resource("/t/{tenant}/api/v1/halt/approvals/{id}", &[Method::POST])
                .route(web::post().to(approve)),
        );
}

/// What the API says of itself.
#[derive(Debug, OpenApi)]
#[openapi(paths(show, set, approve))]
pub struct Description;

/// The halt in force, and lowerings that wait.
///
/// # Errors
/// 403 for a role that may not read.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/halt", tag = "halt", params(("tenant" = String, Path)), responses((status = 200, description = "`{level, reason?, since?, by?, approvals?}`")))]
pub async fn show(api: Api) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.halt(&api.view, &api.caller)?))
}

/// Sets the halt; lowering an emergency waits for a second person.
///
/// # Errors
/// 400 for an unknown level or no reason; 403 for a role that may not.
#[utoipa::path(put, path = "/t/{tenant}/api/v1/halt", tag = "halt", params(("tenant" = String, Path)), responses((status = 200, description = "It is in force"), (status = 202, description = "It waits: `{approval_id}`")))]
pub async fn set(api: Api, body: Result<Json<NewHalt>, Problem>) -> Result<HttpResponse, Problem> {
    // A role that may not is told so before its body is looked at.
    api.caller.require_admin()?;
    Ok(match api.engine.set_halt(&api.view, &api.caller, body?.value).await? {
        HaltOutcome::Set(halt) => HttpResponse::Ok().json(halt),
        HaltOutcome::Waits(needed) => HttpResponse::Accepted().json(needed),
    })
}

/// Confirms a lowering that somebody else asked for.
///
/// # Errors
/// 403 for the same person; 404 for a lowering that does not wait any more.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/halt/approvals/{id}", tag = "halt", params(("tenant" = String, Path), ("id" = String, Path)), responses((status = 200, description = "It is in force"), (status = 403, description = "The same person"), (status = 404, description = "Nothing waits")))]
pub async fn approve(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.approve_halt(&api.view, &api.caller, &path.1).await?))
}
