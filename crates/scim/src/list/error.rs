//! Why a query is not taken.

use crate::message::ScimType;

/// Why a query is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The query string is not percent-encoded UTF-8 without U+0000.
    #[error("the query string is malformed")]
    Encoding,
    /// A parameter twice.
    #[error("the parameter `{0}` is repeated")]
    Repeated(&'static str),
    /// A search request without its URN.
    #[error("`schemas` must name the search request")]
    Schemas,
    /// A parameter of the wrong kind.
    #[error("`{0}` has a value of the wrong kind")]
    Value(&'static str),
    /// `count` is no number, in cursor paging.
    #[error("`count` is not a number")]
    Count,
    /// `startIndex` and `cursor` together.
    #[error("`startIndex` and `cursor` exclude each other")]
    TwoPagings,
    /// `sortBy` is no attribute that has an order.
    #[error("`{0}` cannot be sorted by")]
    SortBy(String),
    /// More than the most names of attributes.
    #[error("`{0}` names too many attributes")]
    TooManyNames(&'static str),
    /// Not a cursor of this query.
    #[error("the cursor is not one of this query")]
    Cursor,
    /// A cursor that is too old.
    #[error("the cursor has expired")]
    CursorExpired,
}

impl QueryError {
    /// The keyword of RFC 7644 table 9 and RFC 9865.
    #[must_use]
    pub const fn scim_type(&self) -> ScimType {
        match self {
            Self::Encoding | Self::Repeated(_) | Self::Schemas => ScimType::InvalidSyntax,
            Self::Value(_) | Self::TwoPagings | Self::SortBy(_) | Self::TooManyNames(_) => {
                ScimType::InvalidValue
            }
            Self::Count => ScimType::InvalidCount,
            Self::Cursor => ScimType::InvalidCursor,
            Self::CursorExpired => ScimType::ExpiredCursor,
        }
    }
}
