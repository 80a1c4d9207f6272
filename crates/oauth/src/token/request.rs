//! A token request, by grant type.
//!
//! Invariant: what is parsed is well-formed and no more; whether the client may have it is the engine's to
//! say. Parameters that no RFC gives a meaning here are ignored (RFC 6749 section 3.2).

use std::collections::BTreeSet;

use deputy_mandate::{Details, Fingerprint, Scope};
use deputy_token::keys::Jwk;

use super::{ExchangeRequest, JWT_SVID, JwtBearerRequest, Resource, SvidRequest, TokenType, attenuating};
use crate::error::{DetailsProblem, OAuthError, RequestProblem, ScopeProblem};
use crate::form::Form;

/// The `grant_type` of an exchange (RFC 8693 section 2.1).
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The `grant_type` of an assertion (RFC 7523 section 2.1).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The grant types that work, for the metadata.
pub const GRANT_TYPES: &[&str] = &["client_credentials", TOKEN_EXCHANGE, JWT_BEARER];

/// A token request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantRequest {
    /// RFC 6749 section 4.4.
    ClientCredentials(Wanted),
    /// RFC 8693 section 2.1.
    TokenExchange(ExchangeRequest),
    /// RFC 7523 section 2.1.
    JwtBearer(JwtBearerRequest),
    /// RFC 6749 section 4.4, for a JWT-SVID.
    Svid(SvidRequest),
}

/// What is asked for, whatever the grant type. An absent member was not said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `scope`.
    pub scope: Option<BTreeSet<Scope>>,
    /// `authorization_details` (RFC 9396).
    pub details: Option<Details>,
    /// `resource` (RFC 8707), without repetitions; empty when none was named.
    pub resources: BTreeSet<Resource>,
    /// `runtime`: the fingerprint of the runtime that the agent says it has.
    pub runtime: Option<Fingerprint>,
    /// `expires_in`, in seconds: at most this long.
    pub expires_in: Option<u32>,
    /// `requested_token_type`: the form of the token.
    pub token_type: TokenType,
    /// `req_cnf`: the key of who will hold an attenuating agent token; there for no other form.
    pub holder: Option<Jwk>,
}

impl GrantRequest {
    /// Reads a token request.
    ///
    /// # Errors
    /// `invalid_request`, `unsupported_grant_type`, `invalid_scope`, `invalid_target`,
    /// `invalid_authorization_details`.
    pub fn parse(form: &Form) -> Result<Self, OAuthError> {
        match form.get("grant_type").ok_or(RequestProblem::Missing("grant_type"))? {
            "client_credentials" if form.get("requested_token_type") == Some(JWT_SVID) => {
                SvidRequest::parse(form).map(Self::Svid)
            }
            "client_credentials" => Wanted::parse(form).map(Self::ClientCredentials),
            TOKEN_EXCHANGE => ExchangeRequest::parse(form).map(Self::TokenExchange),
            JWT_BEARER => JwtBearerRequest::parse(form).map(Self::JwtBearer),
            _ => Err(OAuthError::UnsupportedGrantType),
        }
    }
}

impl Wanted {
    pub(super) fn parse(form: &Form) -> Result<Self, OAuthError> {
        let (attenuating, holder) = attenuating::find(form)?.unzip();
        let token_type = match (TokenType::find(form, "requested_token_type")?, holder.is_some()) {
            (None | Some(TokenType::AttenuatingAgentToken), true) => TokenType::AttenuatingAgentToken,
            (None, false) => TokenType::AccessToken,
            (Some(asked @ (TokenType::AccessToken | TokenType::Capability)), false) => asked,
            _ => return Err(RequestProblem::Unsupported("requested_token_type").into()),
        };
        let scope = form.get("scope").map(Scope::parse_list).transpose();
        let details = match (attenuating, form.get("authorization_details")) {
            (None, Some(text)) => Some(Details::parse(text).map_err(DetailsProblem::Malformed)?),
            (attenuating, _) => attenuating,
        };
        let resources = form.all("resource").map(Resource::parse).collect::<Result<_, _>>()?;
        Ok(Self {
            scope: scope.map_err(|_| ScopeProblem::Malformed)?,
            details,
            resources,
            runtime: runtime(form)?,
            expires_in: form.get("expires_in").map(seconds).transpose()?,
            token_type,
            holder,
        })
    }
}

/// The fingerprint of the runtime that the agent says it has.
pub(super) fn runtime(form: &Form) -> Result<Option<Fingerprint>, RequestProblem> {
    let runtime = form.get("runtime").map(Fingerprint::from_evidence).transpose();
    runtime.map_err(|_| RequestProblem::Malformed("runtime"))
}

/// A positive number of seconds, in digits alone.
pub(super) fn seconds(text: &str) -> Result<u32, RequestProblem> {
    let malformed = RequestProblem::Malformed("expires_in");
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed);
    }
    text.parse().ok().filter(|seconds| *seconds > 0).ok_or(malformed)
}
