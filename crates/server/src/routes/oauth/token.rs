//! `POST /t/{tenant}/oauth/token` (RFC 6749 §3.2).

use actix_web::{HttpRequest, HttpResponse};
use deputy_oauth::client::ClientAuthentication;
use deputy_oauth::token::GrantRequest;

use super::{authorization, form};
use crate::dialect::OAuth;
use crate::http::api::{Tenant, guarded};
use crate::http::body::{Body, ORDINARY};
use crate::refusal::Refusal;

/// Issues an access token to an agent that authenticates.
///
/// # Errors
/// The codes of RFC 6749 §5.2, 8707 §2 and 9396 §5.
#[utoipa::path(post, path = "/t/{tenant}/oauth/token", tag = "oauth", params(("tenant" = String, Path)), responses((status = 200, description = "An access token"), (status = 400, description = "A refused request"), (status = 401, description = "Client authentication failed")))]
pub async fn issue(
    tenant: Tenant<OAuth>,
    request: HttpRequest,
    body: Body<ORDINARY, OAuth>,
) -> Result<HttpResponse, OAuth> {
    let form = form(&request, &body.0)?;
    let presented = ClientAuthentication::parse(authorization(&request)?, &form).map_err(Refusal::OAuth)?;
    let client = guarded(&request, || tenant.engine.authenticate_client(&tenant.view, &presented))?;
    let GrantRequest::ClientCredentials(wanted) = GrantRequest::parse(&form).map_err(Refusal::OAuth)?;
    let answer = tenant.engine.issue(&tenant.view, &client, &wanted, tenant.request_id).await?;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(answer))
}
