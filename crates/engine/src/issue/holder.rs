//! A credential that is its own client authentication: its holder proves the key that it is bound to.
//!
//! Invariant: only forms that their holders hand on offline come online like this, and an offline-made worker gets
//! no more than what it holds already: its token is a child of the credential, on its own hop's name, for the
//! credential's audience. Whatever fails looks like any failed authentication.

use deputy_oauth::token::{ExchangeRequest, PresentedType, TokenType};
use deputy_store::{Spend, model::AgentState};

use crate::{
    Client, Engine, Refusal,
    clients::refused,
    proofs::{self, at_token_endpoint},
    view::TenantView,
};

impl Engine {
    /// The agent under whose registration the holder of the exchanged credential stands.
    ///
    /// # Errors
    /// `invalid_dpop_proof`; `invalid_client` for a credential that is not bound to the proof's key, or whose form
    /// needs a client.
    pub async fn authenticate_holder(
        &self,
        view: &TenantView,
        request: &ExchangeRequest,
        proof: &str,
    ) -> Result<Client, Refusal> {
        let now = self.inner.sources.now();
        let proof =
            at_token_endpoint(view, proof, None, now).map_err(|error| proofs::refused(error.into()))?;
        match request.subject.token_type {
            PresentedType::Form(TokenType::AttenuatingAgentToken | TokenType::Capability) => {}
            PresentedType::Form(TokenType::AccessToken) | PresentedType::IdToken => return Err(refused()),
        }
        if request.delegate.is_some() || request.subject_proof.is_some() {
            return Err(refused());
        }
        let examined = self.examine_presented(view, &request.subject, now).await?;
        let claims = examined.claims().ok_or_else(refused)?;
        if claims.cnf.as_ref().is_none_or(|cnf| cnf.jkt != proof.jkt()) {
            return Err(refused());
        }
        let agent = view.read().agents.get(&claims.client_id).cloned().ok_or_else(refused)?;
        if agent.state != AgentState::Active {
            return Err(refused());
        }
        let spend = vec![Spend::Proof(proof.once().clone())];
        Ok(Client { agent, jkt: Some(proof.jkt().to_owned()), spend })
    }
}
