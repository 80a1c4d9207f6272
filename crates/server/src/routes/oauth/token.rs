//! `POST /t/{tenant}/oauth/token` (RFC 6749 §3.2).

use actix_web::{HttpRequest, HttpResponse};
use deputy_engine::Client;
use deputy_oauth::client::ClientAuthentication;
use deputy_oauth::error::{ClientProblem, OAuthError};
use deputy_oauth::form::Form;
use deputy_oauth::token::GrantRequest;

use super::{authorization, form, proof};
use crate::dialect::OAuth;
use crate::http::api::{Tenant, guarded};
use crate::http::body::{Body, ORDINARY};
use crate::refusal::Refusal;

/// Issues a token to an agent that authenticates: for itself, below a token that it presents or on behalf of the person
/// whose token it presents (RFC 8693), or by an assertion (RFC 7523).
///
/// # Errors
/// The codes of RFC 6749 §5.2, 8707 §2, 9396 §5 and 9449 §5.
#[utoipa::path(post, path = "/t/{tenant}/oauth/token", tag = "oauth", params(("tenant" = String, Path), ("DPoP" = Option<String>, Header, description = "A proof by the key that the token is bound to (RFC 9449)")), request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "`grant_type` is `client_credentials`, `urn:ietf:params:oauth:grant-type:token-exchange` with `subject_token` and `subject_token_type`, or `urn:ietf:params:oauth:grant-type:jwt-bearer` with `assertion`"), responses((status = 200, description = "A token: an access token, or a capability when `requested_token_type` says so, an attenuating agent token when `authorization_details` do, a JWT-SVID"), (status = 400, description = "A refused request: `invalid_request`, `invalid_grant`, `invalid_scope`, `invalid_target`, `invalid_authorization_details`, `invalid_dpop_proof`"), (status = 401, description = "Client authentication failed")))]
pub async fn issue(
    tenant: Tenant<OAuth>,
    request: HttpRequest,
    body: Body<ORDINARY, OAuth>,
) -> Result<HttpResponse, OAuth> {
    let form = form(&request, &body.0)?;
    let client = authenticate(&tenant, &request, &form).await?;
    let (engine, view, id) = (&tenant.engine, &tenant.view, tenant.request_id);
    let answer = match GrantRequest::parse(&form).map_err(Refusal::OAuth)? {
        GrantRequest::ClientCredentials(wanted) => engine.issue(view, &client, &wanted, id).await?,
        GrantRequest::TokenExchange(request) => engine.exchange(view, &client, &request, id).await?,
        GrantRequest::JwtBearer(request) => engine.grant_by_assertion(view, &client, &request, id).await?,
        GrantRequest::Svid(request) => engine.issue_svid(view, &client, &request, id).await?,
    };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(answer))
}

/// The client, and the key that it proves. A credential that is bound to a key may stand for its holder, whose
/// proof is then all the authentication there is.
async fn authenticate(tenant: &Tenant<OAuth>, request: &HttpRequest, form: &Form) -> Result<Client, Refusal> {
    let (engine, view, proof) = (&tenant.engine, &tenant.view, proof(request));
    match ClientAuthentication::parse(authorization(request)?, form) {
        Ok(presented) => {
            let client = guarded(request, engine.authenticate_client(view, &presented)).await?;
            engine.prove_key(view, client, proof?)
        }
        Err(missing @ OAuthError::InvalidClient(ClientProblem::Missing)) => {
            match (proof, GrantRequest::parse(form)) {
                (Ok(Some(proof)), Ok(GrantRequest::TokenExchange(exchange))) => {
                    guarded(request, engine.authenticate_holder(view, &exchange, proof)).await
                }
                _ => Err(Refusal::OAuth(missing)),
            }
        }
        Err(other) => Err(Refusal::OAuth(other)),
    }
}
