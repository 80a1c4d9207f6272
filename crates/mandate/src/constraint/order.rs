//! The order of constraints: `c ⊑ p` when any rule gives it.
//!
//! Wildcard is top. `c ⊑ all(P)` iff below every p; `any(C) ⊑ p` iff every c is; `exact` and `one_of` are below
//! p iff every value passes p; `all(C) ⊑ p` if some c is; `c ⊑ any(P)` if below some p; otherwise by type.
//! Each pair of composite nodes is judged once, so the cost is polynomial however the trees nest.

use std::collections::HashMap;

use super::values::holds_all;
use super::{Constraint, Outcome, Range};

/// The order, with a memory of the pairs already judged.
///
/// Nodes are known by address, so one `Order` may only see trees that outlive it: the lifetime says so.
#[derive(Debug, Default)]
pub struct Order<'a> {
    judged: HashMap<(*const Constraint, *const Constraint), bool>,
    seen: std::marker::PhantomData<&'a Constraint>,
}

impl<'a> Order<'a> {
    /// Whether everything that passes `child` passes `parent`, as far as the rules can tell.
    pub fn is_below(&mut self, child: &'a Constraint, parent: &'a Constraint) -> bool {
        // A tree with an unknown type passes nothing: only such a tree can be below it.
        if parent.has_unknown() && !child.has_unknown() {
            return false;
        }
        self.judge(child, parent)
    }

    fn judge(&mut self, child: &'a Constraint, parent: &'a Constraint) -> bool {
        if child.clauses().is_empty() && parent.clauses().is_empty() {
            return values_pass(child, parent) || by_type(child, parent);
        }
        let pair = (std::ptr::from_ref(child), std::ptr::from_ref(parent));
        if let Some(&known) = self.judged.get(&pair) {
            return known;
        }
        let below = values_pass(child, parent) || self.by_clauses(child, parent);
        self.judged.insert(pair, below);
        below
    }

    fn by_clauses(&mut self, child: &'a Constraint, parent: &'a Constraint) -> bool {
        if matches!(parent, Constraint::Wildcard) {
            return true;
        }
        if let Constraint::All(clauses) = parent
            && clauses.iter().all(|clause| self.judge(child, clause))
        {
            return true;
        }
        match child {
            Constraint::Any(clauses) if clauses.iter().all(|clause| self.judge(clause, parent)) => {
                return true;
            }
            Constraint::All(clauses) if clauses.iter().any(|clause| self.judge(clause, parent)) => {
                return true;
            }
            _ => {}
        }
        matches!(parent, Constraint::Any(clauses) if clauses.iter().any(|clause| self.judge(child, clause)))
    }
}

fn values_pass(child: &Constraint, parent: &Constraint) -> bool {
    match (child, parent) {
        // Lists against lists go through sets, so that long ones stay cheap.
        (Constraint::OneOf(values), Constraint::OneOf(allowed)) => holds_all(allowed, values),
        (Constraint::OneOf(values), _) => values.iter().all(|value| parent.check(value) == Outcome::Pass),
        (Constraint::Exact(value), _) => parent.check(value) == Outcome::Pass,
        _ => false,
    }
}

/// The rules between two constraints of one type that has no clauses.
pub(super) fn by_type(child: &Constraint, parent: &Constraint) -> bool {
    match (child, parent) {
        (_, Constraint::Wildcard) => true,
        (Constraint::Range(inner), Constraint::Range(outer)) => inner.is_within(outer),
        (Constraint::NotOneOf(more), Constraint::NotOneOf(fewer)) => {
            !fewer.is_empty() && holds_all(more, fewer)
        }
        (Constraint::Contains(more), Constraint::Contains(fewer)) => holds_all(more, fewer),
        (Constraint::Subset(fewer), Constraint::Subset(more)) => holds_all(more, fewer),
        (Constraint::PathContainment(beneath), Constraint::PathContainment(root)) => root.contains(beneath),
        (Constraint::Unknown(a), Constraint::Unknown(b)) => a == b,
        _ => false,
    }
}

impl Range {
    /// Whether every bound of `self` is at least as tight as that of `outer`.
    #[must_use]
    pub fn is_within(&self, outer: &Self) -> bool {
        let above = match (self.min, outer.min) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(min)) => {
                own > min || (own == min && (outer.min_inclusive || !self.min_inclusive))
            }
        };
        let below = match (self.max, outer.max) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(max)) => {
                own < max || (own == max && (outer.max_inclusive || !self.max_inclusive))
            }
        };
        above && below
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
