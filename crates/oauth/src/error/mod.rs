//! OAuth errors: the code, the status, and a description for the client's developer (RFC 6749 section 5.2).
//!
//! Invariant: a description is made from what the client itself sent, and from what it may know of itself;
//! never from an internal error. An unknown client, a wrong secret and a suspended agent look the same.

mod body;
mod problem;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use body::ErrorBody;
pub use problem::{
    ClientProblem, DetailsProblem, GrantProblem, ProofProblem, RequestProblem, ScopeProblem, TargetProblem,
};

/// A refusal in the OAuth dialect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// A parameter is missing, repeated, malformed or not supported; or the client authenticates in more than
    /// one way (RFC 6749 section 5.2).
    #[error(transparent)]
    InvalidRequest(#[from] RequestProblem),
    /// Client authentication failed, is missing, or uses a method that is not supported (RFC 6749 section 5.2).
    #[error(transparent)]
    InvalidClient(#[from] ClientProblem),
    /// What the token is asked from does not hold: a changed runtime, a dead parent (RFC 6749 section 5.2).
    #[error(transparent)]
    InvalidGrant(#[from] GrantProblem),
    /// The client may not use this grant type (RFC 6749 section 5.2).
    #[error("the client may not use this grant type")]
    UnauthorizedClient,
    /// The grant type is not supported (RFC 6749 section 5.2).
    #[error("the grant type is not supported")]
    UnsupportedGrantType,
    /// The scope is malformed, missing, or nothing of it is granted (RFC 6749 section 5.2).
    #[error(transparent)]
    InvalidScope(#[from] ScopeProblem),
    /// The resource is malformed, unregistered, or not one for this client (RFC 8707 section 2).
    #[error(transparent)]
    InvalidTarget(#[from] TargetProblem),
    /// The authorization details are malformed or of an unknown type (RFC 9396 section 5).
    #[error(transparent)]
    InvalidAuthorizationDetails(#[from] DetailsProblem),
    /// The DPoP proof does not hold (RFC 9449 section 5).
    #[error(transparent)]
    InvalidDpopProof(#[from] ProofProblem),
    /// The tenant is halted; the code is that of RFC 6749 section 4.1.2.1.
    #[error("the tenant is halted")]
    AccessDenied,
    /// The revocation endpoint does not revoke tokens of this kind (RFC 7009 section 2.2.1).
    #[error("tokens of this kind cannot be revoked here")]
    UnsupportedTokenType,
    /// A caller of introspection or revocation is authenticated, but may not do this (RFC 6750 section 3.1).
    #[error("the key may not do this")]
    InsufficientScope,
    /// The caller's bearer key is missing, unknown or expired (RFC 6750 section 3.1).
    #[error("the key is not valid")]
    InvalidToken,
    /// Too many requests; the code is that of RFC 6749 section 4.1.2.1, the status that of RFC 6585 section 4.
    #[error("too many requests")]
    RateLimited {
        /// Seconds after which to try again.
        retry_after: u32,
    },
    /// The database is away; the code is that of RFC 6749 section 4.1.2.1.
    #[error("the service is unavailable for the moment")]
    TemporarilyUnavailable {
        /// Seconds after which to try again.
        retry_after: u32,
    },
    /// Something is broken on this side; the code is that of RFC 6749 section 4.1.2.1.
    #[error("the request failed")]
    ServerError,
}

impl OAuthError {
    /// The `error` member.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient(_) => "invalid_client",
            Self::InvalidGrant(_) => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope(_) => "invalid_scope",
            Self::InvalidTarget(_) => "invalid_target",
            Self::InvalidAuthorizationDetails(_) => "invalid_authorization_details",
            Self::InvalidDpopProof(_) => "invalid_dpop_proof",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::InsufficientScope => "insufficient_scope",
            Self::InvalidToken => "invalid_token",
            Self::RateLimited { .. } | Self::TemporarilyUnavailable { .. } => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::InvalidRequest(_)
            | Self::InvalidGrant(_)
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::InvalidScope(_)
            | Self::InvalidTarget(_)
            | Self::InvalidAuthorizationDetails(_)
            | Self::InvalidDpopProof(_)
            | Self::UnsupportedTokenType => 400,
            Self::InvalidClient(_) | Self::InvalidToken => 401,
            Self::AccessDenied | Self::InsufficientScope => 403,
            Self::RateLimited { .. } => 429,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable { .. } => 503,
        }
    }

    /// The `WWW-Authenticate` header: on every 401 (RFC 6749 section 5.2, RFC 9110 section 15.5.2), and where
    /// RFC 6750 section 3 wants it.
    pub const fn www_authenticate(&self) -> Option<&'static str> {
        match self {
            Self::InvalidClient(_) => Some(r#"Basic realm="deputy", charset="UTF-8""#),
            Self::InvalidToken => Some(r#"Bearer realm="deputy", error="invalid_token""#),
            Self::InsufficientScope => Some(r#"Bearer realm="deputy", error="insufficient_scope""#),
            _ => None,
        }
    }

    /// Seconds for the `Retry-After` header.
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::RateLimited { retry_after } | Self::TemporarilyUnavailable { retry_after } => {
                Some(*retry_after)
            }
            _ => None,
        }
    }

    /// The `error_description` member, in the characters that RFC 6749 section 5.2 allows.
    pub fn description(&self) -> String {
        body::printable(&self.to_string())
    }

    /// The JSON body.
    pub fn body(&self) -> ErrorBody {
        ErrorBody { error: Cow::Borrowed(self.code()), error_description: self.description() }
    }
}
