//! `GET /openapi.json`: the description that each route adds itself to.

use actix_web::HttpResponse;
use utoipa::OpenApi;

use super::{
    access, api, audit_keys, dashboard, health, jwks, oauth, revocations, scim, tenants, well_known,
};

/// The routes that belong to no resource. A resource of the management API describes itself.
#[derive(Debug, OpenApi)]
#[openapi(
    info(title = "Deputy", description = "Identity, owners and mandates for AI agents."),
    paths(show, health::alive, health::ready, oauth::token::issue, oauth::introspect::describe, oauth::revoke::end, dashboard::provider_sign_in::logout, audit_keys::show, revocations::show, revocations::follow),
    tags((name = "installation", description = "The installation as a whole"))
)]
pub struct Document;

/// The document as JSON.
#[utoipa::path(get, path = "/openapi.json", tag = "installation", responses((status = 200, description = "This document")))]
pub async fn show() -> HttpResponse {
    let mut document = Document::openapi();
    document.merge(access::Description::openapi());
    document.merge(jwks::Description::openapi());
    document.merge(tenants::Description::openapi());
    document.merge(well_known::Description::openapi());
    document.merge(scim::description());
    for description in api::descriptions() {
        document.merge(description);
    }
    match document.to_json() {
        Ok(json) => HttpResponse::Ok().content_type("application/json").body(json),
        Err(error) => {
            tracing::error!(%error, "the API description could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}
