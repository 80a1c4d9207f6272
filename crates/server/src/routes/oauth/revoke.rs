//! `POST /t/{tenant}/oauth/revoke` (RFC 7009 §2).

use actix_web::{HttpRequest, HttpResponse};
use deputy_oauth::revocation::RevocationRequest;

use super::form;
use super::presenter::Presenter;
use crate::dialect::OAuth;
use crate::http::api::Tenant;
use crate::http::body::{Body, ORDINARY};
use crate::refusal::Refusal;

/// Ends a token and everything below it; one that is unknown or not the caller's is answered alike.
///
/// # Errors
/// `invalid_client`, `invalid_request`; 403 for a key that is no administrator's.
#[utoipa::path(post, path = "/t/{tenant}/oauth/revoke", tag = "oauth", params(("tenant" = String, Path)), responses((status = 200, description = "The token is not valid any more, or never was"), (status = 401, description = "Authentication failed")))]
pub async fn end(
    tenant: Tenant<OAuth>,
    request: HttpRequest,
    body: Body<ORDINARY, OAuth>,
) -> Result<HttpResponse, OAuth> {
    let form = form(&request, &body.0)?;
    let presenter = Presenter::authenticate(&tenant, &request, &form).await?;
    let token = RevocationRequest::parse(&form).map_err(Refusal::OAuth)?.token;
    match &presenter {
        Presenter::Key(caller) => tenant.engine.revoke_token(&tenant.view, caller, &token).await?,
        Presenter::Client(client) => {
            tenant.engine.revoke_token_as(&tenant.view, client, &token, tenant.request_id.clone()).await?;
        }
    }
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).finish())
}
