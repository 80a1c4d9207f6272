//! Why a patch is refused.

use super::MAX_OPERATIONS;
use crate::filter::FilterError;
use crate::message::ScimType;
use crate::path::PathError;
use crate::resource::RequestError;

/// Why a patch is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// `schemas` does not name the PATCH message.
    #[error("`schemas` must name the PATCH message")]
    Schemas,
    /// `Operations` is missing, empty or no array.
    #[error("`Operations` must be an array with an operation")]
    Operations,
    /// More than [`MAX_OPERATIONS`].
    #[error("a PATCH has at most {MAX_OPERATIONS} operations")]
    TooMany,
    /// One operation cannot be done.
    #[error("operation {number}: {fault}")]
    Operation {
        /// Which one, from 1.
        number: usize,
        /// Why.
        fault: PatchFault,
    },
    /// The resource would not be one any more.
    #[error(transparent)]
    Result(#[from] RequestError),
}

/// Why an operation cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchFault {
    /// It is no object, or a member of it has the wrong type.
    #[error("the operation is malformed")]
    Malformed,
    /// `op` is not `add`, `replace` or `remove`.
    #[error("`{0}` is not an operation")]
    UnknownOp(String),
    /// `path` is no path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The filter in `path` is no filter.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// Brackets after an attribute that has no entries.
    #[error("`{0}` has no entries to choose from")]
    NotEntries(String),
    /// `remove` without a path, or nothing at the path.
    #[error("there is nothing at `{0}`")]
    NoTarget(String),
    /// Only the server sets it.
    #[error("`{0}` is read-only")]
    ReadOnly(String),
    /// It is set once.
    #[error("`{0}` is set once and cannot be changed")]
    Immutable(String),
    /// A resource must have it.
    #[error("`{0}` is required and cannot be removed")]
    Required(String),
    /// `add` or `replace` without a value.
    #[error("the operation has no value")]
    NoValue,
    /// The value is not one of the attribute.
    #[error(transparent)]
    Value(#[from] RequestError),
}

impl PatchError {
    /// The keyword of RFC 7644 table 9.
    #[must_use]
    pub const fn scim_type(&self) -> ScimType {
        match self {
            Self::Schemas | Self::Operations | Self::TooMany => ScimType::InvalidSyntax,
            Self::Operation { fault, .. } => fault.scim_type(),
            Self::Result(error) => error.scim_type(),
        }
    }
}

impl PatchFault {
    const fn scim_type(&self) -> ScimType {
        match self {
            Self::Malformed | Self::UnknownOp(_) => ScimType::InvalidSyntax,
            Self::Path(_) | Self::Filter(_) | Self::NotEntries(_) => ScimType::InvalidPath,
            Self::NoTarget(_) => ScimType::NoTarget,
            Self::ReadOnly(_) | Self::Immutable(_) | Self::Required(_) => ScimType::Mutability,
            Self::NoValue => ScimType::InvalidValue,
            Self::Value(error) => error.scim_type(),
        }
    }
}
