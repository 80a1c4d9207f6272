//! A request for a JWT-SVID: who the agent is, said to another workload (SPIFFE JWT-SVID).
//!
//! Invariant: it asks for no authority, because a JWT-SVID carries none.

use deputy_mandate::{Fingerprint, IDENTITY};

use super::Resource;
use super::request::{runtime, seconds};
use crate::error::{OAuthError, RequestProblem, ScopeProblem, TargetProblem};
use crate::form::Form;

/// The identifier of the form.
pub const JWT_SVID: &str = "urn:deputy:token-type:jwt-svid";

/// A request for a JWT-SVID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SvidRequest {
    /// Whom it will be shown to: one, because whoever it is shown to could show it on.
    pub audience: Resource,
    /// The runtime that the agent says it has.
    pub runtime: Option<Fingerprint>,
    /// How long it is wanted for, in seconds.
    pub expires_in: Option<u32>,
}

impl SvidRequest {
    /// Reads the request.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_target`; `invalid_scope` for any but `identity`.
    pub(super) fn parse(form: &Form) -> Result<Self, OAuthError> {
        if form.get("scope").is_some_and(|scope| scope != IDENTITY) {
            return Err(ScopeProblem::Malformed.into());
        }
        for name in ["authorization_details", "req_cnf"] {
            if form.get(name).is_some() {
                return Err(RequestProblem::Unsupported(name).into());
            }
        }
        let mut named: Vec<&str> = form.all("resource").chain(form.get("audience")).collect();
        let audience = named.pop().ok_or(RequestProblem::Missing("resource"))?;
        if !named.is_empty() {
            return Err(TargetProblem::Several.into());
        }
        Ok(Self {
            audience: Resource::parse(audience)?,
            runtime: runtime(form)?,
            expires_in: form.get("expires_in").map(seconds).transpose()?,
        })
    }
}
