//! How a client says who it is (RFC 6749 section 2.3, RFC 7523 section 2.2).
//!
//! Invariant: a request authenticates in exactly one way; what is parsed here is a claim, and only a
//! comparison with the stored digest, or a signature, makes it true.

mod assertion;
mod basic;
#[cfg(test)]
mod tests;

use std::fmt;

use deputy_token::secrets::Sha256Digest;
use zeroize::Zeroizing;

pub use assertion::{AssertionError, ClientAssertion, MAX_ASSERTION_SECS, VerifiedAssertion};

use crate::error::{ClientProblem, OAuthError, RequestProblem};
use crate::form::Form;

/// The `client_assertion_type` of a JWT (RFC 7523 section 2.2).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The `client_assertion_type` of a JWT-SVID (draft-ietf-oauth-spiffe-client-auth).
pub const JWT_SPIFFE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe";

/// The authentication methods, by their registered names, for the metadata.
pub const METHODS: &[&str] = &["client_secret_basic", "client_secret_post", "private_key_jwt"];

/// What a client presents.
#[derive(Debug, Clone)]
pub enum ClientAuthentication {
    /// An id and a secret.
    Secret(PresentedSecret),
    /// A JWT that the client signed itself: `iss` and `sub` are its id.
    PrivateKeyJwt(ClientAssertion),
    /// A JWT of somebody else about the client.
    Federated(FederatedAssertion),
}

/// A workload's token whose issuer has still to be found and asked for its keys.
#[derive(Clone)]
pub struct FederatedAssertion {
    token: Zeroizing<String>,
    client_id: Option<String>,
}

impl FederatedAssertion {
    /// The token: it may be used by whoever holds it.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The client that the request names beside it.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }
}

impl fmt::Debug for FederatedAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FederatedAssertion").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Where a secret was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretMethod {
    /// In the `Authorization` header.
    Basic,
    /// In the body.
    Post,
}

/// A client id with a secret that has not been compared yet.
#[derive(Clone)]
pub struct PresentedSecret {
    client_id: String,
    secret: Zeroizing<String>,
    method: SecretMethod,
}

impl PresentedSecret {
    /// The client that it claims to be.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where it was presented.
    pub fn method(&self) -> SecretMethod {
        self.method
    }

    /// The digest to compare with the stored one.
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(self.secret.as_bytes())
    }
}

impl fmt::Debug for PresentedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresentedSecret")
            .field("client_id", &self.client_id)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl ClientAuthentication {
    /// Reads the authentication of a request from its `Authorization` header and its body.
    ///
    /// # Errors
    /// `invalid_client` when there is none or it is malformed; `invalid_request` when there are several, or
    /// when `client_id` names another client.
    pub fn parse(authorization: Option<&str>, form: &Form) -> Result<Self, OAuthError> {
        let post = form.get("client_secret");
        let assertion = form.get("client_assertion");
        let presented = [authorization.is_some(), post.is_some(), assertion.is_some()];
        if presented.into_iter().filter(|present| *present).count() > 1 {
            return Err(RequestProblem::SeveralAuthentications.into());
        }
        let stated_id = form.get("client_id");

        if let Some(header) = authorization {
            let secret = basic::parse(header).ok_or(ClientProblem::Header)?;
            agree(stated_id, secret.client_id())?;
            return Ok(Self::Secret(secret));
        }
        if let Some(secret) = post {
            let client_id = stated_id.ok_or(RequestProblem::Missing("client_id"))?.to_owned();
            let secret = Zeroizing::new(secret.to_owned());
            return Ok(Self::Secret(PresentedSecret { client_id, secret, method: SecretMethod::Post }));
        }
        let Some(assertion) = assertion else { return Err(ClientProblem::Missing.into()) };
        let is_svid = match form.get("client_assertion_type") {
            Some(JWT_BEARER) => false,
            Some(JWT_SPIFFE) => true,
            Some(_) => return Err(ClientProblem::AssertionType.into()),
            None => return Err(RequestProblem::Missing("client_assertion_type").into()),
        };
        // Who signs for itself says so in `iss`; everything else is about somebody else's workload.
        if !is_svid && ClientAssertion::is_of_client(assertion).map_err(ClientProblem::from)? {
            let assertion = ClientAssertion::parse(assertion).map_err(ClientProblem::from)?;
            agree(stated_id, assertion.subject())?;
            return Ok(Self::PrivateKeyJwt(assertion));
        }
        let token = Zeroizing::new(assertion.to_owned());
        Ok(Self::Federated(FederatedAssertion { token, client_id: stated_id.map(str::to_owned) }))
    }
}

/// RFC 7521 section 4.2 and common practice: `client_id` may be repeated beside the authentication, but it
/// must name the same client.
fn agree(stated: Option<&str>, client_id: &str) -> Result<(), RequestProblem> {
    match stated {
        Some(other) if other != client_id => Err(RequestProblem::ClientIdDiffers),
        _ => Ok(()),
    }
}
