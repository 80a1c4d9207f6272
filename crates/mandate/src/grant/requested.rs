//! What a token request asks for, said explicitly.
//!
//! Scopes and tools that are not named are none; other members that are not named are unstated. The reserved
//! scope `identity` stands alone: it asks for a token with no authority.

use std::collections::BTreeSet;

use crate::details::{Details, DetailsError};
use crate::leg::Leg;
use crate::scope::{Scope, ScopeError};

/// The explicit request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requested {
    /// The `scope` parameter.
    pub scopes: Option<BTreeSet<Scope>>,
    /// The `authorization_details` parameter.
    pub details: Option<Details>,
    /// Whether the reserved scope `identity` was asked for, alone.
    pub identity: bool,
}

/// Why a request's parameters are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestedError {
    /// `scope` is malformed (`invalid_scope`).
    #[error("`scope`: {0}")]
    Scope(#[from] ScopeError),
    /// `identity` beside anything else (`invalid_scope`).
    #[error("the scope `identity` stands alone: it asks for a token without authority")]
    IdentityMixed,
    /// `authorization_details` is malformed (`invalid_authorization_details`).
    #[error(transparent)]
    Details(#[from] DetailsError),
}

impl Requested {
    /// Reads the parameters `scope` and `authorization_details` of a token request.
    ///
    /// # Errors
    /// [`RequestedError`] says which parameter is refused.
    pub fn parse(scope: Option<&str>, details: Option<&str>) -> Result<Self, RequestedError> {
        let scopes = scope.map(Scope::parse_list).transpose()?;
        let details = details.map(Details::parse).transpose()?;
        let identity = scopes.iter().flatten().any(Scope::is_identity);
        if identity && (details.is_some() || scopes.iter().flatten().count() > 1) {
            return Err(RequestedError::IdentityMixed);
        }
        Ok(Self { scopes: scopes.filter(|_| !identity), details, identity })
    }

    /// Whether it names neither scopes nor details nor `identity`.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.scopes.is_none() && self.details.is_none() && !self.identity
    }

    /// The requested leg: the first operand of the grant.
    #[must_use]
    pub fn leg(&self) -> Leg {
        let details = self.details.clone().unwrap_or_default();
        Leg {
            scopes: Some(self.scopes.clone().unwrap_or_default()),
            tools: Some(details.tools.unwrap_or_default()),
            blocked_tools: details.blocked_tools,
            limits: details.limits,
            binding: details.binding,
            max_depth: details.max_depth,
            may_delegate: details.may_delegate,
            uses: details.uses,
            ..Leg::default()
        }
    }
}
