//! `POST /t/{tenant}/oauth/introspect` (RFC 7662 §2).

use actix_web::{HttpRequest, HttpResponse};
use deputy_oauth::introspection::{IntrospectionRequest, IntrospectionResponse};

use super::form;
use super::presenter::Presenter;
use crate::dialect::OAuth;
use crate::http::api::Tenant;
use crate::http::body::{Body, ORDINARY};
use crate::refusal::Refusal;

/// Says what a live token says; of any other, and to anybody else, that it is not active.
///
/// # Errors
/// `invalid_client`, `invalid_request`; 403 for a key that may not ask.
#[utoipa::path(post, path = "/t/{tenant}/oauth/introspect", tag = "oauth", params(("tenant" = String, Path)), responses((status = 200, description = "The claims of a live token, or `{\"active\": false}`"), (status = 401, description = "Authentication failed")))]
pub async fn describe(
    tenant: Tenant<OAuth>,
    request: HttpRequest,
    body: Body<ORDINARY, OAuth>,
) -> Result<HttpResponse, OAuth> {
    let form = form(&request, &body.0)?;
    let presenter = Presenter::authenticate(&tenant, &request, &form).await?;
    let token = IntrospectionRequest::parse(&form).map_err(Refusal::OAuth)?.token;
    let live = match &presenter {
        Presenter::Key(caller) => tenant.engine.introspect(&tenant.view, caller, &token).await?,
        Presenter::Client(client) => tenant.engine.introspect_as(&tenant.view, client, &token).await?,
    };
    let mut response = HttpResponse::Ok();
    response.insert_header(("Cache-Control", "no-store")).content_type("application/json");
    Ok(match &live {
        Some(token) => response.body(token.description().ok_or(Refusal::Internal)?.to_owned()),
        None => response.json(IntrospectionResponse::Inactive),
    })
}
