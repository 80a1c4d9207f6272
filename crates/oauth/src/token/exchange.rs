//! A token exchange (RFC 8693 section 2.1): a token that somebody holds for a narrower one below it.
//!
//! Invariant: each token comes with its type, and neither is looked at here; what they are worth is the
//! engine's to say. Tokens are wiped when dropped and never printed.

use std::fmt;

use deputy_token::access::is_segment;
use zeroize::Zeroizing;

use super::{Resource, TokenType, Wanted};
use crate::error::{OAuthError, RequestProblem};
use crate::form::Form;

/// A token exchange. An absent member was not said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRequest {
    /// The token that is exchanged.
    pub subject: PresentedToken,
    /// `actor_token`: who says that it acts.
    pub actor: Option<PresentedToken>,
    /// `subject_token_proof`: a DPoP proof by the key that the subject token is bound to, from whoever holds it.
    pub subject_proof: Option<String>,
    /// `delegate_name`: a worker without a registration of its own.
    pub delegate: Option<DelegateName>,
    /// What is asked for; `audience` (RFC 8693) stands among the resources.
    pub wanted: Wanted,
}

/// What a presented token is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresentedType {
    /// A form that this issuer gives out, or one of the same type from elsewhere.
    Form(TokenType),
    /// An ID token of an identity provider (RFC 8693 section 3).
    IdToken,
}

impl PresentedType {
    /// The identifier of an ID token.
    const ID_TOKEN: &'static str = "urn:ietf:params:oauth:token-type:id_token";

    fn find(form: &Form, parameter: &'static str) -> Result<Option<Self>, RequestProblem> {
        match form.get(parameter) {
            Some(Self::ID_TOKEN) => Ok(Some(Self::IdToken)),
            _ => Ok(TokenType::find(form, parameter)?.map(Self::Form)),
        }
    }
}

/// A token as it was presented.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentedToken {
    /// What it is said to be.
    pub token_type: PresentedType,
    /// The token.
    pub token: Zeroizing<String>,
}

/// One segment of an agent's path: `[a-z0-9][a-z0-9._-]{0,62}`, the alphabet of registered names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegateName(String);

impl ExchangeRequest {
    /// Reads a token exchange.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_scope`, `invalid_target`, `invalid_authorization_details`.
    pub(super) fn parse(form: &Form) -> Result<Self, OAuthError> {
        let subject = PresentedToken::find(form, "subject_token", "subject_token_type")?;
        let subject = subject.ok_or(RequestProblem::Missing("subject_token"))?;
        let actor = PresentedToken::find(form, "actor_token", "actor_token_type")?;
        let delegate = form.get("delegate_name").map(DelegateName::parse).transpose()?;
        let mut wanted = Wanted::parse(form)?;
        if let Some(audience) = form.get("audience") {
            wanted.resources.insert(Resource::parse(audience)?);
        }
        let subject_proof = form.get("subject_token_proof").map(str::to_owned);
        Ok(Self { subject, actor, subject_proof, delegate, wanted })
    }
}

impl PresentedToken {
    /// A token and its type: both, or neither.
    fn find(
        form: &Form,
        token: &'static str,
        token_type: &'static str,
    ) -> Result<Option<Self>, RequestProblem> {
        match (form.get(token), PresentedType::find(form, token_type)?) {
            (Some(text), Some(token_type)) => {
                Ok(Some(Self { token_type, token: Zeroizing::new(text.to_owned()) }))
            }
            (None, None) => Ok(None),
            (Some(_), None) => Err(RequestProblem::Missing(token_type)),
            (None, Some(_)) => Err(RequestProblem::Missing(token)),
        }
    }
}

impl fmt::Debug for PresentedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresentedToken").field("token_type", &self.token_type).finish_non_exhaustive()
    }
}

impl DelegateName {
    /// Reads one segment.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn parse(text: &str) -> Result<Self, RequestProblem> {
        if is_segment(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RequestProblem::Malformed("delegate_name"))
        }
    }

    /// The segment.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
