//! The normal form: one writing for constraints that the order cannot tell apart by pruning.
//!
//! Bottom up: value lists sorted without duplicates, `one_of` of one scalar is `exact`, inclusivity of a missing
//! bound forgotten, `all` in `all` and `any` in `any` flattened. In `all` a clause with another below it goes,
//! in `any` one below another; of clauses below each other the first in the byte order of their RFC 8785 forms
//! stays; a single clause stands alone, the rest are sorted in that order. Because the order is transitive, the
//! result does not depend on how a meet was bracketed.

use super::values::{is_sorted, sorted};
use super::{Constraint, Order, Range};

/// Which of two comparable clauses survives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Lowest,
    Highest,
}

impl Keep {
    fn prefers<'a>(self, order: &mut Order<'a>, winner: &'a Constraint, loser: &'a Constraint) -> bool {
        match self {
            Self::Lowest => order.is_below(winner, loser),
            // An unknown clause makes the whole tree pass nothing; dropping it would widen the tree.
            Self::Highest => !loser.has_unknown() && order.is_below(loser, winner),
        }
    }
}

impl Constraint {
    /// The normal form; doing it twice changes nothing.
    #[must_use]
    pub fn normalized(self) -> Self {
        match self {
            Self::Range(range) => Self::Range(range.normalized()),
            Self::OneOf(values) => {
                let mut values = sorted(values);
                match (values.pop_if(|_| true), values.is_empty()) {
                    (Some(only), true) if only.is_scalar() => Self::Exact(only),
                    (last, _) => {
                        values.extend(last);
                        Self::OneOf(values)
                    }
                }
            }
            Self::NotOneOf(excluded) => Self::NotOneOf(sorted(excluded)),
            Self::Contains(required) => Self::Contains(sorted(required)),
            Self::Subset(allowed) => Self::Subset(sorted(allowed)),
            Self::All(clauses) => {
                let flat = clauses.into_iter().map(Self::normalized).flat_map(|clause| match clause {
                    Self::All(inner) => inner,
                    other => vec![other],
                });
                single_or(prune(flat.collect(), Keep::Lowest), Self::All)
            }
            Self::Any(clauses) => {
                let flat = clauses.into_iter().map(Self::normalized).flat_map(|clause| match clause {
                    Self::Any(inner) => inner,
                    other => vec![other],
                });
                single_or(prune(flat.collect(), Keep::Highest), Self::Any)
            }
            leaf @ (Self::Exact(_) | Self::Wildcard | Self::PathContainment(_) | Self::Unknown(_)) => leaf,
        }
    }
}

impl Constraint {
    /// Whether this is the normal form, as far as a look tells: one with clauses is never found to be.
    pub(crate) fn is_plainly_normal(&self) -> bool {
        match self {
            Self::Exact(_) | Self::Wildcard | Self::PathContainment(_) | Self::Unknown(_) => true,
            Self::Range(range) => *range == range.normalized(),
            Self::OneOf(values) => {
                !matches!(values.as_slice(), [only] if only.is_scalar()) && is_sorted(values)
            }
            Self::NotOneOf(values) | Self::Contains(values) | Self::Subset(values) => is_sorted(values),
            Self::All(_) | Self::Any(_) => false,
        }
    }
}

impl Range {
    const fn normalized(self) -> Self {
        Self {
            min_inclusive: self.min_inclusive || self.min.is_none(),
            max_inclusive: self.max_inclusive || self.max.is_none(),
            ..self
        }
    }
}

fn single_or(mut clauses: Vec<Constraint>, whole: fn(Vec<Constraint>) -> Constraint) -> Constraint {
    match (clauses.pop(), clauses.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            clauses.extend(last);
            whole(clauses)
        }
    }
}

/// Sorts the clauses and drops those that another makes redundant.
fn prune(clauses: Vec<Constraint>, keep: Keep) -> Vec<Constraint> {
    let mut keyed: Vec<(String, Constraint)> =
        clauses.into_iter().map(|clause| (clause.to_text(), clause)).collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    keyed.dedup_by(|(a, _), (b, _)| a == b);
    let mut order = Order::default();
    let kept: Vec<bool> = keyed
        .iter()
        .enumerate()
        .map(|(i, (_, own))| {
            !keyed.iter().enumerate().any(|(j, (_, other))| {
                i != j
                    && keep.prefers(&mut order, other, own)
                    && (j < i || !keep.prefers(&mut order, own, other))
            })
        })
        .collect();
    drop(order);
    keyed.into_iter().zip(kept).filter_map(|((_, clause), kept)| kept.then_some(clause)).collect()
}

#[cfg(test)]
#[path = "normal_tests.rs"]
mod tests;
