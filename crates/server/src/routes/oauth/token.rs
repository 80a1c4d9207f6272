//! `POST /t/{tenant}/oauth/token` (RFC 6749 §3.2).

use actix_web::{HttpRequest, HttpResponse};
use deputy_oauth::client::ClientAuthentication;
use deputy_oauth::token::GrantRequest;

use super::{authorization, form, proof};
use crate::dialect::OAuth;
use crate::http::api::{Tenant, guarded};
use crate::http::body::{Body, ORDINARY};
use crate::refusal::Refusal;

/// Issues an access token to an agent that authenticates: for itself, or below a token that it presents
/// (RFC 8693).
///
/// # Errors
/// The codes of RFC 6749 §5.2, 8707 §2, 9396 §5 and 9449 §5.
#[utoipa::path(post, path = "/t/{tenant}/oauth/token", tag = "oauth", params(("tenant" = String, Path)), request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "`grant_type` is `client_credentials`, or `urn:ietf:params:oauth:grant-type:token-exchange` with `subject_token` and `subject_token_type`"), responses((status = 200, description = "An access token"), (status = 400, description = "A refused request: `invalid_request`, `invalid_grant`, `invalid_scope`, `invalid_target`, `invalid_authorization_details`, `invalid_dpop_proof`"), (status = 401, description = "Client authentication failed")))]
pub async fn issue(
    tenant: Tenant<OAuth>,
    request: HttpRequest,
    body: Body<ORDINARY, OAuth>,
) -> Result<HttpResponse, OAuth> {
    let form = form(&request, &body.0)?;
    let presented = ClientAuthentication::parse(authorization(&request)?, &form).map_err(Refusal::OAuth)?;
    let client = guarded(&request, || tenant.engine.authenticate_client(&tenant.view, &presented))?;
    let client = tenant.engine.prove_key(&tenant.view, client, proof(&request)?)?;
    let (engine, view, id) = (&tenant.engine, &tenant.view, tenant.request_id);
    let answer = match GrantRequest::parse(&form).map_err(Refusal::OAuth)? {
        GrantRequest::ClientCredentials(wanted) => engine.issue(view, &client, &wanted, id).await?,
        GrantRequest::TokenExchange(request) => engine.exchange(view, &client, &request, id).await?,
    };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(answer))
}
