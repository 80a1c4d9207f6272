//! `/Users`, `/Groups`, `/Agents` and what is below them (RFC 7644 §3.3 to 3.6).
//!
//! Invariant: a route knows its resource type by [`Types`] alone, so that no type has rules of its own here.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use deputy_scim::{ListQuery, ResourceType};

use super::request::{Call, Message, Types};
use super::{answer, search};
use crate::dialect::Scim;
use crate::http::methods::resource;
use crate::refusal::Refusal;

/// The routes of a resource type.
pub fn configure(config: &mut ServiceConfig, one: &'static &'static ResourceType) {
    let (endpoint, types) = (one.endpoint, Types(std::slice::from_ref(one)));
    let each = [Method::GET, Method::PUT, Method::PATCH, Method::DELETE];
    config
        .service(
            resource(endpoint, &[Method::GET, Method::POST])
                .app_data(types)
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(
            resource(&format!("{endpoint}/.search"), &[Method::POST])
                .app_data(types)
                .route(web::post().to(search::run)),
        )
        .service(
            resource(&format!("{endpoint}/{{id}}"), &each)
                .app_data(types)
                .route(web::get().to(read))
                .route(web::put().to(replace))
                .route(web::patch().to(patch))
                .route(web::delete().to(delete)),
        );
}

/// A page of resources.
///
/// # Errors
/// 400 `invalidFilter`, `invalidValue`, `invalidCursor`, `expiredCursor`.
#[utoipa::path(get, path = "/t/{tenant}/scim/v2/{type}", tag = "scim", params(("tenant" = String, Path), ("filter" = Option<String>, Query), ("sortBy" = Option<String>, Query), ("sortOrder" = Option<String>, Query), ("startIndex" = Option<u64>, Query), ("cursor" = Option<String>, Query), ("count" = Option<u64>, Query), ("attributes" = Option<String>, Query), ("excludedAttributes" = Option<String>, Query)), responses((status = 200, description = "A list (RFC 7644 section 3.4.2)"), (status = 400, description = "A query that cannot be answered")))]
pub async fn list(call: Call) -> Result<HttpResponse, Scim> {
    let query = call.noted(ListQuery::from_query(&call.query).map_err(Refusal::scim))?;
    let page = call.noted(call.engine.scim_list(&call.view, &call.caller, call.types, &query).await)?;
    Ok(answer::message(&page.body()))
}

/// Makes a resource.
///
/// # Errors
/// 400 for what is wrong with it, 409 `uniqueness`.
#[utoipa::path(post, path = "/t/{tenant}/scim/v2/{type}", tag = "scim", params(("tenant" = String, Path), ("attributes" = Option<String>, Query), ("excludedAttributes" = Option<String>, Query)), responses((status = 201, description = "The resource; `Location` says where it is"), (status = 400, description = "What is wrong with it"), (status = 409, description = "A value that must be unique is taken")))]
pub async fn create(message: Message) -> Result<HttpResponse, Scim> {
    let Message { call, body } = &message;
    let (kind, projection) = (call.kind()?, call.projection()?);
    let made =
        call.noted(call.engine.scim_create(&call.view, &call.caller, kind, body, &projection).await)?;
    Ok(answer::created(&made))
}

/// One resource.
///
/// # Errors
/// 404.
#[utoipa::path(get, path = "/t/{tenant}/scim/v2/{type}/{id}", tag = "scim", params(("tenant" = String, Path), ("id" = String, Path), ("If-None-Match" = Option<String>, Header), ("attributes" = Option<String>, Query), ("excludedAttributes" = Option<String>, Query)), responses((status = 200, description = "The resource"), (status = 304, description = "It is still at that version"), (status = 404, description = "No such resource")))]
pub async fn read(call: Call) -> Result<HttpResponse, Scim> {
    let (target, projection) = (call.target()?, call.projection()?);
    let read = call
        .noted(call.engine.scim_read(&call.view, &call.caller, target.kind, target.id, &projection).await)?;
    Ok(answer::conditional(&read, call.read_precondition(&read.etag))?)
}

/// Replaces a resource by the one that is sent.
///
/// # Errors
/// 400 for what is wrong with it, 404, 409 `uniqueness`, 412.
#[utoipa::path(put, path = "/t/{tenant}/scim/v2/{type}/{id}", tag = "scim", params(("tenant" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header), ("attributes" = Option<String>, Query), ("excludedAttributes" = Option<String>, Query)), responses((status = 200, description = "The resource as it is now"), (status = 404, description = "No such resource"), (status = 412, description = "It is at another version")))]
pub async fn replace(message: Message) -> Result<HttpResponse, Scim> {
    let Message { call, body } = &message;
    let (target, projection) = (call.target()?, call.projection()?);
    let replaced =
        call.noted(call.engine.scim_replace(&call.view, &call.caller, &target, body, &projection).await)?;
    Ok(answer::resource(&replaced))
}

/// Changes parts of a resource.
///
/// # Errors
/// 400 for what is wrong with the operations, 404, 409 `uniqueness`, 412.
#[utoipa::path(patch, path = "/t/{tenant}/scim/v2/{type}/{id}", tag = "scim", params(("tenant" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header), ("attributes" = Option<String>, Query), ("excludedAttributes" = Option<String>, Query)), responses((status = 200, description = "The resource as it is now"), (status = 204, description = "A group was changed, and no attributes were asked for"), (status = 404, description = "No such resource"), (status = 412, description = "It is at another version")))]
pub async fn patch(message: Message) -> Result<HttpResponse, Scim> {
    let Message { call, body } = &message;
    let (target, projection) = (call.target()?, call.projection()?);
    let patched =
        call.noted(call.engine.scim_patch(&call.view, &call.caller, &target, body, &projection).await)?;
    Ok(answer::patched(target.kind, &projection, &patched))
}

/// Removes a resource.
///
/// # Errors
/// 404, 412.
#[utoipa::path(delete, path = "/t/{tenant}/scim/v2/{type}/{id}", tag = "scim", params(("tenant" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204, description = "It is gone"), (status = 404, description = "No such resource"), (status = 412, description = "It is at another version")))]
pub async fn delete(call: Call) -> Result<HttpResponse, Scim> {
    call.noted(call.engine.scim_delete(&call.view, &call.caller, &call.target()?).await)?;
    Ok(HttpResponse::NoContent().finish())
}
