//! Who presents a token to introspection or revocation: a key of the tenant, or an agent as a client.
//!
//! Invariant: exactly one of the two; a Bearer credential is a key, everything else authenticates a client.

use actix_web::HttpRequest;
use deputy_engine::{Caller, Client};
use deputy_oauth::client::ClientAuthentication;
use deputy_oauth::error::RequestProblem;
use deputy_oauth::form::Form;

use super::authorization;
use crate::dialect::OAuth;
use crate::http::api::{Tenant, guarded};
use crate::http::bearer;
use crate::refusal::Refusal;

/// Who has authenticated.
pub(super) enum Presenter {
    /// A key of the tenant.
    Key(Caller),
    /// An agent.
    Client(Client),
}

impl Presenter {
    /// Authenticates whoever sent the request. A client assertion is used up by it.
    ///
    /// # Errors
    /// `invalid_client`, `invalid_request`, or `TooMany` after too many failures.
    pub(super) async fn authenticate(
        tenant: &Tenant<OAuth>,
        request: &HttpRequest,
        form: &Form,
    ) -> Result<Self, Refusal> {
        if let Some(key) = bearer::find(request.headers()) {
            if form.get("client_secret").or_else(|| form.get("client_assertion")).is_some() {
                return Err(Refusal::OAuth(RequestProblem::SeveralAuthentications.into()));
            }
            let id = tenant.request_id.clone();
            let caller = guarded(request, async { tenant.engine.authenticate(&tenant.view, &key, id) }).await;
            return caller.map(Self::Key);
        }
        let presented = ClientAuthentication::parse(authorization(request)?, form).map_err(Refusal::OAuth)?;
        let client = guarded(request, tenant.engine.authenticate_client(&tenant.view, &presented)).await?;
        tenant.engine.spend_assertion(&tenant.view, &client).await?;
        Ok(Self::Client(client))
    }
}
