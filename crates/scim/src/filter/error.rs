//! Why a text is not a filter; each is `invalidFilter` to the client, with the byte where it went wrong.

use super::{MAX_LENGTH, MAX_NESTING, MAX_TERMS, Op};

/// Why a text is not a filter of this resource type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Empty, or over [`MAX_LENGTH`].
    #[error("a filter has between 1 and {MAX_LENGTH} bytes")]
    Length,
    /// Over [`MAX_TERMS`].
    #[error("a filter has at most {MAX_TERMS} comparisons")]
    Terms,
    /// Over [`MAX_NESTING`].
    #[error("a filter is nested at most {MAX_NESTING} deep; it is deeper at position {at}")]
    Nesting {
        /// Byte offset.
        at: usize,
    },
    /// Something else was due.
    #[error("{expected} is expected at position {at}")]
    Expected {
        /// What was due.
        expected: &'static str,
        /// Byte offset.
        at: usize,
    },
    /// A string that does not end, or is not JSON.
    #[error("the string at position {at} is not a JSON string")]
    BadString {
        /// Byte offset.
        at: usize,
    },
    /// A word that is no operator.
    #[error("`{word}` at position {at} is not an operator")]
    UnknownOperator {
        /// The word.
        word: String,
        /// Byte offset.
        at: usize,
    },
    /// The resource type has no such attribute.
    #[error("there is no attribute `{name}` (at position {at})")]
    UnknownAttribute {
        /// The name.
        name: String,
        /// Byte offset.
        at: usize,
    },
    /// An operator that the attribute's type does not have.
    #[error("`{op}` cannot compare the {kind} attribute `{name}` (at position {at})")]
    WrongOperator {
        /// The operator.
        op: Op,
        /// The attribute's type.
        kind: &'static str,
        /// The attribute.
        name: &'static str,
        /// Byte offset.
        at: usize,
    },
    /// A value that the attribute cannot have.
    #[error("the value at position {at} is not of the type of `{name}`, which is {kind}")]
    WrongType {
        /// The attribute's type.
        kind: &'static str,
        /// The attribute.
        name: &'static str,
        /// Byte offset.
        at: usize,
    },
    /// An attribute that nobody reads cannot be searched either.
    #[error("`{name}` cannot be searched (at position {at})")]
    Unsearchable {
        /// The attribute.
        name: &'static str,
        /// Byte offset.
        at: usize,
    },
}
