//! An assertion that grants (RFC 7523 section 2.1): an ID-JAG, by which an identity provider lets a client act for a
//! person (draft-ietf-oauth-identity-assertion-authz-grant).

use std::fmt;

use zeroize::Zeroizing;

use super::Wanted;
use crate::error::{OAuthError, RequestProblem};
use crate::form::Form;

/// A request with an assertion. An absent member was not said.
#[derive(Clone, PartialEq, Eq)]
pub struct JwtBearerRequest {
    /// `assertion`.
    pub assertion: Zeroizing<String>,
    /// What is asked for.
    pub wanted: Wanted,
}

impl JwtBearerRequest {
    /// Reads the request.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_scope`, `invalid_target`, `invalid_authorization_details`.
    pub(super) fn parse(form: &Form) -> Result<Self, OAuthError> {
        let assertion = form.get("assertion").ok_or(RequestProblem::Missing("assertion"))?;
        Ok(Self { assertion: Zeroizing::new(assertion.to_owned()), wanted: Wanted::parse(form)? })
    }
}

impl fmt::Debug for JwtBearerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBearerRequest").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}
