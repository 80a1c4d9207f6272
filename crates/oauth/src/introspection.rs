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
    /// The token lives: its claims, with `active` and `token_type`.
    Active {
        /// What it says.
        claims: &'a AccessClaims,
        /// How it is used.
        token_type: &'static str,
    },
    /// Anything else.
    Inactive,
}

#[derive(Serialize)]
struct Active<'a> {
    active: bool,
    token_type: &'static str,
    #[serde(flatten)]
    claims: &'a AccessClaims,
}

/// How a token is used: a bound access token is no bearer token (RFC 9449 section 6.2), and what is no access token
/// has a way of its own (RFC 8693 section 2.2.1).
pub fn token_type(form: TokenType, claims: &AccessClaims) -> &'static str {
    match (form, &claims.cnf) {
        (TokenType::AccessToken, None) => "Bearer",
        (TokenType::AccessToken, Some(_)) => "DPoP",
        (TokenType::AttenuatingAgentToken, _) => "N_A",
    }
}

impl Serialize for IntrospectionResponse<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Active { claims, token_type } => {
                Active { active: true, token_type, claims }.serialize(serializer)
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
