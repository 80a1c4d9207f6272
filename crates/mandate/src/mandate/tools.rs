//! The algebra of tool maps.
//!
//! An empty argument map means any arguments, so it is the top of its tool; two non-empty maps over different
//! names can never both be satisfied by one call (the world is closed), so the tool goes.

use std::collections::BTreeSet;

use super::{ArgumentMap, LimitMap, ToolMap};
use crate::constraint::{Constraint, attenuates as constraint_attenuates};

/// The meet of two argument maps; `None` when no call could satisfy both.
pub(crate) fn meet_arguments(a: &ArgumentMap, b: &ArgumentMap) -> Option<ArgumentMap> {
    if a.is_empty() || b.is_empty() {
        let stated = if a.is_empty() { b } else { a };
        return Some(stated.iter().map(|(name, c)| (name.clone(), c.clone().normalized())).collect());
    }
    if a.len() != b.len() {
        return None;
    }
    a.iter().map(|(name, c)| Some((name.clone(), c.meet(b.get(name)?)))).collect()
}

pub(crate) fn meet(a: &ToolMap, b: &ToolMap) -> ToolMap {
    a.iter().filter_map(|(tool, own)| Some((tool.clone(), meet_arguments(own, b.get(tool)?)?))).collect()
}

pub(crate) fn is_below(child: &ToolMap, parent: &ToolMap) -> bool {
    each_tool(child, parent, Constraint::is_below)
}

/// The order of limits: each of the parent's is there, as tight or tighter.
pub(crate) fn are_below(child: &LimitMap, parent: &LimitMap) -> bool {
    parent.iter().all(|(name, limit)| child.get(name).is_some_and(|own| own.is_below(limit)))
}

/// The draft's invariant I4 on tools, with the check for `path_containment` added: what every verifier of an
/// attenuating agent token accepts as narrower. It implies the order of this crate.
#[must_use]
pub fn attenuates(child: &ToolMap, parent: &ToolMap) -> bool {
    each_tool(child, parent, constraint_attenuates)
}

fn each_tool(child: &ToolMap, parent: &ToolMap, below: fn(&Constraint, &Constraint) -> bool) -> bool {
    child.iter().all(|(tool, own)| {
        parent
            .get(tool)
            .is_some_and(|outer| arguments_are_below(own, outer.len(), |name| outer.get(name), below))
    })
}

/// The order of one tool's arguments: the parent's `count` of them are found by name.
pub(super) fn arguments_are_below<'m>(
    own: &ArgumentMap,
    count: usize,
    find: impl Fn(&str) -> Option<&'m Constraint>,
    below: fn(&Constraint, &Constraint) -> bool,
) -> bool {
    count == 0
        || (own.len() == count
            && own.iter().all(|(name, c)| find(name).is_some_and(|parent| below(c, parent))))
}

/// Into normal form, in place: constraints in theirs, blocked tools gone.
pub(crate) fn normalize(tools: &mut ToolMap, blocked: &BTreeSet<String>) {
    if blocked.iter().any(|tool| tools.contains_key(tool)) {
        tools.retain(|tool, _| !blocked.contains(tool));
    }
    tools.values_mut().flat_map(ArgumentMap::values_mut).for_each(normalize_constraint);
}

pub(crate) fn normalize_constraint(constraint: &mut Constraint) {
    // Most are, and stay where they are.
    if !constraint.is_plainly_normal() {
        let own = std::mem::replace(constraint, Constraint::Wildcard);
        *constraint = own.normalized();
    }
}
