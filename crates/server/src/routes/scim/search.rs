//! `/.search` at the root and below each type (RFC 7644 §3.4.3): a list whose query is a body.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use deputy_scim::ListQuery;
use deputy_scim::schema::RESOURCE_TYPES;

use super::answer;
use super::request::{Message, Types};
use crate::dialect::Scim;
use crate::http::methods::resource;
use crate::refusal::Refusal;

/// The route at the root; a type's own is among its routes.
pub fn configure(config: &mut ServiceConfig) {
    config.service(
        resource("/.search", &[Method::POST]).app_data(Types(RESOURCE_TYPES)).route(web::post().to(run_all)),
    );
}

/// A page of resources of one type.
///
/// # Errors
/// 400 `invalidFilter`, `invalidValue`, `invalidSyntax`, `invalidCursor`, `expiredCursor`.
#[utoipa::path(post, path = "/t/{tenant}/scim/v2/{type}/.search", tag = "scim", params(("tenant" = String, Path)), responses((status = 200, description = "A list (RFC 7644 section 3.4.2)"), (status = 400, description = "A query that cannot be answered")))]
pub async fn run(message: Message) -> Result<HttpResponse, Scim> {
    let Message { call, body } = &message;
    let query = call.noted(ListQuery::from_search(body).map_err(Refusal::scim))?;
    let page = call.noted(call.engine.scim_list(&call.view, &call.caller, call.types, &query).await)?;
    Ok(answer::message(&page.body()))
}

/// A page of resources of all types.
///
/// # Errors
/// As [`run`].
#[utoipa::path(post, path = "/t/{tenant}/scim/v2/.search", tag = "scim", params(("tenant" = String, Path)), responses((status = 200, description = "A list (RFC 7644 section 3.4.2)"), (status = 400, description = "A query that cannot be answered")))]
pub async fn run_all(message: Message) -> Result<HttpResponse, Scim> {
    run(message).await
}
