//! Filters (RFC 7644 section 3.4.2.2): parsed once, against a resource type, then evaluated or compiled to SQL.
//!
//! # What a filter means
//!
//! * `not` binds before `and`, `and` before `or`. Names, URNs and operators ignore case.
//! * Values are compared as the attribute says: folded unless `caseExact`; instants by time, to the millisecond.
//! * Null, an empty string, an empty array and an object of these are **unassigned**, which is the same as absent:
//!   `a eq null` and `a eq ""` are `not (a pr)`, `a ne null` and `a ne ""` are `a pr`.
//! * A comparison with an unassigned attribute is false, but for `ne`, which is true: nothing differs from it less.
//! * On a multi-valued attribute a comparison is true when it is for any of its values; so `ne` is true when a value
//!   differs, or when there is none. `not (emails.value eq "x")` says that no value is `x`.
//! * A complex attribute without a part is compared by its `value`.
//! * `emails[type eq "work"]` is true when one and the same entry matches. What Microsoft Entra ID sends,
//!   `emails[type eq "work"].value eq "x"`, asks for one entry that matches both.
//!
//! # Bounds
//!
//! [`MAX_LENGTH`], [`MAX_TERMS`] and [`MAX_NESTING`]; the parser reads each byte once and never recurses.

mod error;
mod evaluate;
mod lex;
mod literal;
mod parse;

pub use error::FilterError;
pub use literal::{Literal, Op};

pub(crate) use literal::boolean_word;

pub(crate) use evaluate::{is_assigned, matches_entry};
pub(crate) use parse::{Reading, ValuePath, value_path};

use serde_json::{Map, Value};

use crate::path::Path;
use crate::schema::ResourceType;

/// Longest filter, in bytes.
pub const MAX_LENGTH: usize = 16 * 1024;
/// Most comparisons in one filter.
pub const MAX_TERMS: usize = 256;
/// Most brackets and parentheses that are open at once.
pub const MAX_NESTING: usize = 32;

/// A filter, resolved against one resource type.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Every one matches.
    All(Vec<Self>),
    /// At least one matches.
    Any(Vec<Self>),
    /// It does not match.
    Not(Box<Self>),
    /// A value compares so.
    Compare(Comparison),
    /// The attribute is assigned.
    Present(Path),
    /// One entry of a multi-valued attribute matches; in `filter`, paths are of that entry.
    Entry {
        /// The multi-valued attribute.
        path: Path,
        /// What the entry must match.
        filter: Box<Self>,
    },
    /// The same for every resource: the attribute is of another resource type.
    Constant(bool),
}

/// `path op literal`; the literal is never empty, and folded unless the attribute is `caseExact`.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What is compared.
    pub path: Path,
    /// How.
    pub op: Op,
    /// With what.
    pub literal: Literal,
}

impl Filter {
    /// Parses a filter on resources of one type.
    ///
    /// # Errors
    /// [`FilterError`], with the place in the text.
    pub fn parse(text: &str, resource: &ResourceType) -> Result<Self, FilterError> {
        let read = parse::filter(text, resource, Reading::LIST)?;
        match read.unknown.into_iter().next() {
            Some((at, name)) => Err(FilterError::UnknownAttribute { at, name }),
            None => Ok(read.filter),
        }
    }

    /// Parses one filter for a search across types (RFC 7644 section 3.4.2.1): for each type its own, where an
    /// attribute that the type lacks is unassigned.
    ///
    /// # Errors
    /// [`FilterError`]; an attribute that no type has is unknown.
    pub fn parse_across(text: &str, resources: &[&ResourceType]) -> Result<Vec<Self>, FilterError> {
        let mut filters = Vec::with_capacity(resources.len());
        let mut nowhere: Option<Vec<(usize, String)>> = None;
        for resource in resources {
            let read = parse::filter(text, resource, Reading::LIST)?;
            nowhere = Some(match nowhere {
                None => read.unknown,
                Some(so_far) => so_far.into_iter().filter(|one| read.unknown.contains(one)).collect(),
            });
            filters.push(read.filter);
        }
        match nowhere.into_iter().flatten().next() {
            Some((at, name)) => Err(FilterError::UnknownAttribute { at, name }),
            None => Ok(filters),
        }
    }

    /// Whether a resource in the normal form matches.
    #[must_use]
    pub fn matches(&self, body: &Map<String, Value>) -> bool {
        evaluate::matches(self, body)
    }

    /// The value that `path eq "…"` asks for, when the filter is nothing but that.
    ///
    /// This is how callers find the look-ups that an index answers, such as `userName eq "…"`.
    #[must_use]
    pub fn as_lookup(&self) -> Option<(&Path, &Literal)> {
        match self {
            Self::Compare(Comparison { path, op: Op::Eq, literal }) => Some((path, literal)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod hostile_tests;
