//! Token introspection (RFC 7662).
//!
//! Invariant: of a token that is not live, or not the caller's to know, nothing is said but
//! `{"active": false}` (section 2.2).

use deputy_token::access::AccessClaims;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::error::{OAuthError, RequestProblem};
use crate::form::Form;
use crate::token::TokenType;

/// What is asked: a token. `token_type_hint` is allowed and not needed.
#[derive(Clone)]
pub struct IntrospectionRequest {
    /// The token.
    pub token: Zeroizing<String>,
}

impl IntrospectionRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// `invalid_request` without a `token`.
    pub fn parse(form: &Form) -> Result<Self, OAuthError> {
        let token = form.get("token").ok_or(RequestProblem::Missing("token"))?;
        Ok(Self { token: Zeroizing::new(token.to_owned()) })
    }
}

/// The answer.
#[derive(Debug, Clone)]
pub enum IntrospectionResponse<'a> {
    /// The token lives: its claims, with `active`, `token_type` and `form`.
    Active {
        /// What it says.
        claims: &'a AccessClaims,
        /// What it is.
        form: TokenType,
    },
    /// Anything else.
    Inactive,
}

#[derive(Serialize)]
struct Active<'a> {
    active: bool,
    form: &'static str,
    token_type: &'static str,
    #[serde(flatten)]
    claims: &'a AccessClaims,
}

/// How a token is used: a bound one is no bearer token (RFC 9449 section 6.2), and an attenuating agent token has a way
/// of its own (RFC 8693 section 2.2.1).
pub fn token_type(form: TokenType, claims: &AccessClaims) -> &'static str {
    match (form, &claims.cnf) {
        (TokenType::AccessToken | TokenType::Capability, None) => "Bearer",
        (TokenType::AccessToken | TokenType::Capability, Some(_)) => "DPoP",
        (TokenType::AttenuatingAgentToken, _) => "N_A",
    }
}

impl Serialize for IntrospectionResponse<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Active { claims, form } => {
                let token_type = token_type(*form, claims);
                Active { active: true, form: form.form(), token_type, claims }.serialize(serializer)
            }
            Self::Inactive => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("active", &false)?;
                map.end()
            }
        }
    }
}

#[cfg(test)]
#[path = "introspection_tests.rs"]
mod tests;
