//! Why a representation is not taken.

use crate::message::ScimType;

use super::MAX_ENTRIES;

/// Why a representation is not a resource of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// `schemas` is missing, is no array of strings, or lacks this URN.
    #[error("`schemas` must name `{0}`")]
    Schemas(&'static str),
    /// An attribute twice, in different case.
    #[error("the attribute `{0}` stands twice")]
    Repeated(String),
    /// No such attribute.
    #[error("there is no attribute `{0}`")]
    Unknown(String),
    /// A value of another type.
    #[error("the value of `{name}` is not of type {expected}")]
    WrongType {
        /// The attribute.
        name: String,
        /// Its type.
        expected: &'static str,
    },
    /// A required attribute without a value.
    #[error("`{0}` is required")]
    Missing(String),
    /// What is set once would change.
    #[error("`{0}` is set once and cannot be changed")]
    ImmutableChanged(String),
    /// More than one entry is primary.
    #[error("more than one entry of `{0}` is primary")]
    TwoPrimaries(String),
    /// More than [`MAX_ENTRIES`].
    #[error("`{0}` has more than {MAX_ENTRIES} entries")]
    TooMany(String),
}

impl RequestError {
    /// The keyword of RFC 7644 table 9.
    #[must_use]
    pub const fn scim_type(&self) -> ScimType {
        match self {
            Self::Repeated(_) => ScimType::InvalidSyntax,
            Self::ImmutableChanged(_) => ScimType::Mutability,
            Self::Schemas(_)
            | Self::Unknown(_)
            | Self::WrongType { .. }
            | Self::Missing(_)
            | Self::TwoPrimaries(_)
            | Self::TooMany(_) => ScimType::InvalidValue,
        }
    }
}
