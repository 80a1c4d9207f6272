//! The answer of the token endpoint (RFC 6749 section 5.1, RFC 9396 section 7, RFC 8693 section 2.2.1).

use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

/// A successful answer.
#[derive(Clone, Serialize)]
pub struct TokenResponse {
    /// The token; shown nowhere else.
    pub access_token: String,
    /// `DPoP` for an access token that is bound to a key (RFC 9449 section 5), else `Bearer`; `N_A` for what is
    /// used in a way of its own (RFC 8693 section 2.2.1).
    pub token_type: &'static str,
    /// Seconds that it lives.
    pub expires_in: i64,
    /// The granted scope; always said, because it may be less than was asked for.
    pub scope: String,
    /// The granted authority as it stands in the token.
    pub authorization_details: Box<RawValue>,
    /// The kind of token: on an exchange, and wherever it is no access token by form. `token_type` says how it is
    /// used, which for a capability is as an access token (RFC 8693 section 2.2.1: `N_A` is for what is not).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
    /// What was asked for and not granted, and the leg that removed it first.
    pub removed: Vec<RemovedItem>,
    /// What the client's developer should know.
    pub warnings: Vec<String>,
}

/// Something that was asked for and not granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemovedItem {
    /// `scope:…` or `tool:…`.
    pub what: String,
    /// The leg: `role_bindings`, `allowed_scopes`, `entitlements`, `parent` or `resource_policy`.
    pub by: &'static str,
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse")
            .field("expires_in", &self.expires_in)
            .field("scope", &self.scope)
            .field("removed", &self.removed)
            .finish_non_exhaustive()
    }
}
