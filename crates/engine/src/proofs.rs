//! The key that a token request proves: its DPoP proof (RFC 9449 §5), and until when a proof counts.
//!
//! Invariant: a proof is made for the endpoint as it is published, never as a `Host` header has it, and what a
//! client proved is used up by the commit that it leads to.

use deputy_mandate::Instant;
use deputy_oauth::error::{OAuthError, ProofProblem};
use deputy_store::Spend;
use deputy_token::dpop::{BoundToken, Expected, ProofError, UnverifiedProof, VerifiedProof, WINDOW};

use crate::{Client, Engine, Refusal, view::TenantView};

impl Engine {
    /// The client with the key that its request proves, if it proves one.
    ///
    /// # Errors
    /// `invalid_dpop_proof`.
    pub fn prove_key(
        &self,
        view: &TenantView,
        mut client: Client,
        proof: Option<&str>,
    ) -> Result<Client, Refusal> {
        let Some(proof) = proof else { return Ok(client) };
        let now = self.inner.sources.now();
        let proof = at_token_endpoint(view, proof, None, now).map_err(|error| refused(error.into()))?;
        client.jkt = Some(proof.jkt().to_owned());
        client.spend.push(Spend::Proof(proof.once().clone()));
        Ok(client)
    }
}

/// A proof made for this tenant's token endpoint, and for a token where one comes with it.
pub(crate) fn at_token_endpoint(
    view: &TenantView,
    proof: &str,
    token: Option<BoundToken<'_>>,
    now: Instant,
) -> Result<VerifiedProof, ProofError> {
    let uri = format!("{}/oauth/token", view.issuer);
    UnverifiedProof::parse(proof)?.verify(&Expected { method: "POST", uri: &uri, token, now, window: WINDOW })
}

pub(crate) fn refused(problem: ProofProblem) -> Refusal {
    Refusal::OAuth(OAuthError::from(problem))
}
