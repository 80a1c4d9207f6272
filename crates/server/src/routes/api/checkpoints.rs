//! `/t/{tenant}/api/v1/checkpoints`: signed points of the event log.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use utoipa::OpenApi;

use super::{created, ok};
use crate::dialect::Problem;
use crate::http::api::Api;
use crate::http::methods::resource;
use crate::http::query::{PageQuery, Query};

/// The routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(
        resource("/t/{tenant}/api/v1/checkpoints", &[Method::GET, Method::POST])
            .route(web::get().to(list))
            .route(web::post().to(create)),
    );
}

/// What the API says of itself.
#[derive(Debug, OpenApi)]
#[openapi(paths(list, create))]
pub struct Description;

/// Checkpoints in the order of the log.
///
/// # Errors
/// 403 for a role that may not read.
#[utoipa::path(get, path = "/t/{tenant}/api/v1/checkpoints", tag = "events", params(("tenant" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "`{items: [{seq, time, kid, jws}], next_cursor}`")))]
pub async fn list(api: Api, query: Query<PageQuery>) -> Result<HttpResponse, Problem> {
    Ok(ok(&api.engine.checkpoints(&api.view, &api.caller, &query.0.into()).await?))
}

/// Signs a checkpoint now; otherwise one is made every hour and when the server stops.
///
/// # Errors
/// 403 for a role that may not.
#[utoipa::path(post, path = "/t/{tenant}/api/v1/checkpoints", tag = "events", params(("tenant" = String, Path)), responses((status = 201, description = "`{seq, time, kid, jws}`")))]
pub async fn create(api: Api) -> Result<HttpResponse, Problem> {
    Ok(created(&api.engine.create_checkpoint(&api.view, &api.caller).await?))
}
