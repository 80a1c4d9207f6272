//! Token types (RFC 8693 section 3), of what is presented and of what is asked for.
//!
//! Invariant: a type is named here only when its tokens work; to add one is to answer every `match` on it.

use crate::error::RequestProblem;
use crate::form::Form;

/// The type of a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TokenType {
    /// An access token of this issuer (RFC 9068).
    #[default]
    AccessToken,
    /// A capability of this issuer: one audience, narrowed offline by whoever holds it.
    Capability,
    /// An attenuating agent token, a JWT or a chain of them; the draft registers no type of its own.
    AttenuatingAgentToken,
}

impl TokenType {
    const ALL: [Self; 3] = [Self::AccessToken, Self::Capability, Self::AttenuatingAgentToken];

    /// The identifier.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
            Self::Capability => deputy_token::capability::TOKEN_TYPE,
            Self::AttenuatingAgentToken => "urn:ietf:params:oauth:token-type:jwt",
        }
    }

    /// The form of such a token, as events, lists and introspection name it.
    pub const fn form(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::Capability => "capability",
            Self::AttenuatingAgentToken => "attenuating_agent_token",
        }
    }

    /// Reads the parameter of that name.
    ///
    /// # Errors
    /// `invalid_request` for a type that is not supported.
    pub(super) fn find(form: &Form, parameter: &'static str) -> Result<Option<Self>, RequestProblem> {
        let Some(name) = form.get(parameter) else { return Ok(None) };
        let known = Self::ALL.into_iter().find(|known| known.as_str() == name);
        known.map(Some).ok_or(RequestProblem::Unsupported(parameter))
    }
}
