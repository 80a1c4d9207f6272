//! The attenuating-agent-token draft's own check of one constraint against its parent (its invariant I4).
//!
//! Narrower than this crate's order: every verifier of such a token, ours or not, must reach the same answer,
//! so two constraints compare only under the draft's table, plus `path_containment`. `all` against `all` needs a
//! distinct child clause for every clause of the parent, found by bipartite matching, not backtracking.

use std::collections::HashMap;

use super::order::by_type;
use super::values::holds_all;
use super::{Constraint, Outcome};

/// Whether the draft accepts `child` as a narrowing of `parent`. It implies [`Constraint::is_below`].
pub(crate) fn attenuates(child: &Constraint, parent: &Constraint) -> bool {
    !child.has_unknown() && !parent.has_unknown() && Pairs::default().judge(child, parent)
}

#[derive(Default)]
struct Pairs {
    judged: HashMap<(*const Constraint, *const Constraint), bool>,
}

impl Pairs {
    fn judge(&mut self, child: &Constraint, parent: &Constraint) -> bool {
        let pair = (std::ptr::from_ref(child), std::ptr::from_ref(parent));
        if let Some(&known) = self.judged.get(&pair) {
            return known;
        }
        let below = match (child, parent) {
            (_, Constraint::Wildcard) => true,
            (Constraint::All(own), Constraint::All(parents)) => self.covers(own, parents),
            (Constraint::Any(own), Constraint::Any(parents)) => {
                own.iter().all(|clause| parents.iter().any(|parent| self.judge(clause, parent)))
            }
            (
                Constraint::Exact(value),
                Constraint::Exact(_) | Constraint::OneOf(_) | Constraint::Range(_),
            ) => parent.check(value) == Outcome::Pass,
            (Constraint::OneOf(own), Constraint::OneOf(allowed)) => holds_all(allowed, own),
            _ => by_type(child, parent),
        };
        self.judged.insert(pair, below);
        below
    }

    /// Whether every clause of the parent has a clause of the child of its own: augmenting paths.
    fn covers(&mut self, own: &[Constraint], parents: &[Constraint]) -> bool {
        let edges: Vec<Vec<usize>> = parents
            .iter()
            .map(|parent| {
                let below = own.iter().enumerate().filter(|(_, clause)| self.judge(clause, parent));
                below.map(|(i, _)| i).collect()
            })
            .collect();
        let mut matched: Vec<Option<usize>> = vec![None; own.len()];
        (0..parents.len()).all(|start| augment(start, &edges, &mut matched, &mut vec![false; own.len()]))
    }
}

fn augment(start: usize, edges: &[Vec<usize>], matched: &mut [Option<usize>], tried: &mut [bool]) -> bool {
    for &clause in edges.get(start).into_iter().flatten() {
        let Some(fresh) = tried.get_mut(clause).filter(|tried| !**tried) else { continue };
        *fresh = true;
        let free = match matched.get(clause).copied().flatten() {
            None => true,
            Some(holder) => augment(holder, edges, matched, tried),
        };
        if free && let Some(slot) = matched.get_mut(clause) {
            *slot = Some(start);
            return true;
        }
    }
    false
}

#[cfg(test)]
#[path = "attenuates_tests.rs"]
mod tests;
