//! Constraints: predicates on one JSON value, in the wire form of the attenuating-agent-token draft.
//!
//! A constraint is a tree. [`Constraint::check`] says whether a value passes, [`Constraint::is_below`] whether
//! one constraint narrows another, [`Constraint::normalized`] gives the one form in which equals are equal, and
//! [`Constraint::meet`] is the normal form of `all` of two. The invariant: when `a.is_below(&b)`, every value
//! that passes `a` passes `b`. A tree with an unknown type in it passes nothing.

mod attenuates;
mod check;
mod normal;
mod order;
mod path;
mod text;
mod values;
mod wire;

use crate::json::{Number, Value};

pub(crate) use attenuates::attenuates;
pub use check::Outcome;
pub use order::Order;
pub use path::{Path, PathError};
pub use wire::ConstraintError;

/// A predicate on one argument, or on a named dimension across tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    /// Equals this scalar, same JSON type.
    Exact(Value),
    /// Is a number within the bounds.
    Range(Range),
    /// Is one of these; empty passes nothing.
    OneOf(Vec<Value>),
    /// Has the type of these scalars, and is none of them.
    NotOneOf(Vec<Value>),
    /// Is an array with all of these.
    Contains(Vec<Value>),
    /// Is an array with only these.
    Subset(Vec<Value>),
    /// Is present.
    Wildcard,
    /// Passes every one.
    All(Vec<Constraint>),
    /// Passes at least one.
    Any(Vec<Constraint>),
    /// Is an absolute path at or below this root.
    PathContainment(Path),
    /// A type this version does not know. It is kept so that a decision can say so, and passes nothing.
    Unknown(Value),
}

/// The bounds of [`Constraint::Range`]; a missing bound is unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Lower bound.
    pub min: Option<Number>,
    /// Upper bound.
    pub max: Option<Number>,
    /// Whether `min` itself passes (default true).
    pub min_inclusive: bool,
    /// Whether `max` itself passes (default true).
    pub max_inclusive: bool,
}

impl Default for Range {
    fn default() -> Self {
        Self { min: None, max: None, min_inclusive: true, max_inclusive: true }
    }
}

impl Constraint {
    /// Passes numbers up to and including `max`.
    #[must_use]
    pub fn at_most(max: Number) -> Self {
        Self::Range(Range { max: Some(max), ..Range::default() })
    }

    /// Passes these values and no other.
    #[must_use]
    pub fn one_of<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::OneOf(values.into_iter().map(Into::into).collect())
    }

    /// The clauses, when this is `all` or `any`; otherwise none.
    #[must_use]
    pub fn clauses(&self) -> &[Self] {
        match self {
            Self::All(clauses) | Self::Any(clauses) => clauses,
            _ => &[],
        }
    }

    /// How many constraints this tree is made of, itself included.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.clauses().iter().fold(1, |sum, clause| sum.saturating_add(clause.nodes()))
    }

    /// Whether a type that this version does not know is anywhere in the tree.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_)) || self.clauses().iter().any(Self::has_unknown)
    }

    /// The greatest constraint below both: the normal form of `all` of them.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let (a, b) = (self.clone().normalized(), other.clone().normalized());
        // Most meets are of two plain constraints, one below the other: the general way would find the same.
        if a.clauses().is_empty() && b.clauses().is_empty() {
            match (a.is_below(&b), b.is_below(&a)) {
                (true, false) => return a,
                (false, true) => return b,
                _ => {}
            }
        }
        Self::All(vec![a, b]).normalized()
    }

    /// Whether everything that passes `self` passes `other`, as far as the rules can tell.
    #[must_use]
    pub fn is_below(&self, other: &Self) -> bool {
        Order::default().is_below(self, other)
    }
}
