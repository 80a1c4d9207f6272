//! Error messages (RFC 7644 section 3.12), with the keywords of RFC 9865.

use serde_json::{Map, Value};

use crate::body::BodyError;
use crate::filter::FilterError;
use crate::list::QueryError;
use crate::patch::PatchError;
use crate::resource::RequestError;
use crate::sql::SqlError;

/// The URN of an error message.
pub const ERROR_URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The keywords of `scimType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// The filter is not one, or has no support here.
    InvalidFilter,
    /// The search gives more than the server returns.
    TooMany,
    /// A value that must be unique is taken.
    Uniqueness,
    /// What may not be changed would be.
    Mutability,
    /// The body is not the message that it should be.
    InvalidSyntax,
    /// A path is not one.
    InvalidPath,
    /// A path leads nowhere.
    NoTarget,
    /// A value is missing or of the wrong kind.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The URI has what should not be there.
    Sensitive,
    /// The cursor is not one of the server's (RFC 9865).
    InvalidCursor,
    /// The cursor is too old (RFC 9865).
    ExpiredCursor,
    /// The count is not one (RFC 9865).
    InvalidCount,
}

impl ScimType {
    /// The keyword.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }

    /// The HTTP status that goes with it: 409 for `uniqueness`, 403 for `sensitive`, else 400.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            Self::Sensitive => 403,
            _ => 400,
        }
    }
}

/// An error message; `detail` is for people, and holds nothing that the client did not send or may not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct ErrorMessage {
    /// HTTP status.
    pub status: u16,
    /// Keyword, for the statuses that have one.
    pub scim_type: Option<ScimType>,
    /// One sentence.
    pub detail: String,
}

impl ErrorMessage {
    /// A message with a keyword and the status of the keyword.
    #[must_use]
    pub fn of(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: scim_type.status(), scim_type: Some(scim_type), detail: detail.into() }
    }

    /// A message with a status alone: 401, 403, 404, 405, 412, 413, 429, 500, 501, 503.
    #[must_use]
    pub fn plain(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// The message as JSON; `status` is a string.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut members = Map::new();
        members.insert("schemas".to_owned(), vec![ERROR_URN].into());
        members.insert("status".to_owned(), self.status.to_string().into());
        members.insert("detail".to_owned(), self.detail.as_str().into());
        if let Some(scim_type) = self.scim_type {
            members.insert("scimType".to_owned(), scim_type.as_str().into());
        }
        Value::Object(members)
    }
}

impl From<BodyError> for ErrorMessage {
    fn from(error: BodyError) -> Self {
        let scim_type = match error {
            BodyError::Json { .. } | BodyError::NotObject => ScimType::InvalidSyntax,
            BodyError::Nul => ScimType::InvalidValue,
        };
        Self::of(scim_type, error.to_string())
    }
}

impl From<FilterError> for ErrorMessage {
    fn from(error: FilterError) -> Self {
        Self::of(ScimType::InvalidFilter, error.to_string())
    }
}

impl From<SqlError> for ErrorMessage {
    fn from(error: SqlError) -> Self {
        let scim_type = match error {
            SqlError::Unplaced(_) | SqlError::Comparison(_) => ScimType::InvalidFilter,
            SqlError::Order(_) => ScimType::InvalidValue,
        };
        Self::of(scim_type, error.to_string())
    }
}

impl From<RequestError> for ErrorMessage {
    fn from(error: RequestError) -> Self {
        Self::of(error.scim_type(), error.to_string())
    }
}

impl From<PatchError> for ErrorMessage {
    fn from(error: PatchError) -> Self {
        Self::of(error.scim_type(), error.to_string())
    }
}

impl From<QueryError> for ErrorMessage {
    fn from(error: QueryError) -> Self {
        Self::of(error.scim_type(), error.to_string())
    }
}
