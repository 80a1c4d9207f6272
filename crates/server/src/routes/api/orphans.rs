//! `/t/{tenant}/api/v1/orphans`: agents without a live owner.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, web::Path};
use deputy_engine::NewOwner;
use utoipa::OpenApi;

use super::ok;
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::json::Json;
use crate::http::methods::resource;
use crate::http::query::{PageQuery, Query};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/t/{tenant}/api/v1/orphans", &[Method::GET]).route(web::get().to(list)))
        .service(
            resource("/t/{tenant}/api/v1/orphans/{agent}/assign", &[Method::POST])
                .route(web::post().to(assign)),
        )
        .service(
            resource("/t/{tenant}/api/v1/orphans/{agent}/accept", &[Method::POST])
                .route(web::post().to(accept)),
        );
}

/// What the API says of itself.
#[derive(Debug, OpenApi)]
#[openapi(paths(list, assign, accept))]
pub struct Description;

/// Agents without a live owner, the longest first.
///
/// # Errors
/// 403 for a role that may not read.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/orphans", tag = "orphans", params(("tenant" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items: [{agent, agent_id, state, why, since, until?, proposed_owner?}], next_cursor}`")))]
pub async fn list(api: Api, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.orphans(&api.view, &api.caller, &query.0.into())?))
}

/// Gives an orphan an owner in place of those who are gone.
///
/// # Errors
/// 400 for an owner who is unknown or gone; 403 for a role that may not; 409 for an agent that is no orphan.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/orphans/{agent}/assign", tag = "orphans", params(("tenant" = String, Path), ("agent" = String, Path, description = "id or name")), responses((status = 200, description = "The agent"), (status = 400, description = "Nobody live"), (status = 404, description = "No such agent"), (status = 409, description = "No orphan")))]
pub async fn assign(
    api: Api,
    path: Path<(String, String)>,
    body: Result<Json<NewOwner>, Problem>,
) -> Result<HttpResponse, Problem> {
    // A role that may not is told so before its body is looked at.
    api.caller.require_admin()?;
    Ok(ok(&api.engine.assign_orphan(&api.view, &api.caller, &path.1, &body?.value).await?))
}

/// The manager to whom the policy `handover` proposes an orphan takes it, with a key that they hold.
///
/// # Errors
/// 403 for anybody else; 404; 409 for an agent that is no orphan or is proposed to nobody.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/orphans/{agent}/accept", tag = "orphans", params(("tenant" = String, Path), ("agent" = String, Path, description = "id or name")), responses((status = 200, description = "The agent"), (status = 403, description = "Not the manager whom it is proposed to"), (status = 404, description = "No such agent"), (status = 409, description = "No orphan, or proposed to nobody")))]
pub async fn accept(api: Api, path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.accept_orphan(&api.view, &api.caller, &path.1).await?))
}
