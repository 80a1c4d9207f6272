//! Whether a value passes a constraint, and if not, in which way.
//!
//! Types are strict: `"500"` is not 500. A mismatch is told apart from a violation, because it means that no
//! value of that JSON type could pass: for `all` when any clause says so, for `any` when every one does.

use super::values::holds_all;
use super::{Constraint, Range};
use crate::json::{Number, Value};

/// What a constraint says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It passes.
    Pass,
    /// A value of this type could pass, this one does not.
    Violated,
    /// No value of this JSON type could pass.
    Mismatch,
    /// The constraint, or a part of it, has a type this version does not know.
    Unknown,
}

impl Outcome {
    const fn of(passes: bool) -> Self {
        if passes { Self::Pass } else { Self::Violated }
    }
}

impl Range {
    /// Whether the number is within the bounds.
    #[must_use]
    pub fn contains(&self, number: Number) -> bool {
        self.min.is_none_or(|min| if self.min_inclusive { number >= min } else { number > min })
            && self.max.is_none_or(|max| if self.max_inclusive { number <= max } else { number < max })
    }
}

impl Constraint {
    /// Whether `value` passes. Allocates only for long lists on both sides.
    #[must_use]
    pub fn check(&self, value: &Value) -> Outcome {
        match (self, value) {
            (Self::Wildcard, _) => Outcome::Pass,
            (Self::Range(range), Value::Number(number)) => Outcome::of(range.contains(*number)),
            (Self::PathContainment(root), Value::String(text)) => {
                Outcome::of(root.contains_text(text).unwrap_or(false))
            }
            (Self::Contains(required), Value::Array(items)) => Outcome::of(holds_all(items, required)),
            (Self::Subset(allowed), Value::Array(items)) => Outcome::of(holds_all(allowed, items)),
            (Self::Range(_) | Self::PathContainment(_) | Self::Contains(_) | Self::Subset(_), _) => {
                Outcome::Mismatch
            }
            (Self::Exact(wanted), _) => among(std::slice::from_ref(wanted), value, true),
            (Self::OneOf(values), _) => among(values, value, true),
            (Self::NotOneOf(excluded), _) => among(excluded, value, false),
            (Self::All(clauses), _) => all(clauses, value),
            (Self::Any(clauses), _) => any(clauses, value),
            (Self::Unknown(_), _) => Outcome::Unknown,
        }
    }
}

fn among(values: &[Value], value: &Value, wanted: bool) -> Outcome {
    if values.iter().all(|known| known.kind() != value.kind()) {
        return Outcome::Mismatch;
    }
    Outcome::of(values.contains(value) == wanted)
}

fn all(clauses: &[Constraint], value: &Value) -> Outcome {
    let mut outcome = Outcome::Pass;
    for clause in clauses {
        match clause.check(value) {
            Outcome::Unknown => return Outcome::Unknown,
            Outcome::Mismatch => outcome = Outcome::Mismatch,
            Outcome::Violated if outcome == Outcome::Pass => outcome = Outcome::Violated,
            Outcome::Violated | Outcome::Pass => {}
        }
    }
    outcome
}

fn any(clauses: &[Constraint], value: &Value) -> Outcome {
    let mut outcome = Outcome::Mismatch;
    for clause in clauses {
        match clause.check(value) {
            Outcome::Unknown => return Outcome::Unknown,
            Outcome::Pass => outcome = Outcome::Pass,
            Outcome::Violated if outcome == Outcome::Mismatch => outcome = Outcome::Violated,
            Outcome::Violated | Outcome::Mismatch => {}
        }
    }
    outcome
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
