//! The order: `a ⊑ b` when every member of a is below b's in the order of its meet.
//!
//! Conservative where telling would be costly; never accepts a wider child (law 4).

use super::{Mandate, tools};

impl Mandate {
    /// Whether `self` grants nothing that `other` does not.
    #[must_use]
    pub fn is_below(&self, other: &Self) -> bool {
        self.scopes.is_subset(&other.scopes)
            && self.blocked_tools.is_superset(&other.blocked_tools)
            && tools::is_below(&self.tools, &other.tools)
            && tools::are_below(&self.limits, &other.limits)
            && other
                .declared
                .iter()
                .all(|(tool, names)| self.declared.get(tool).is_some_and(|own| own.is_subset(names)))
            && other.limit_required.iter().all(|(tool, names)| {
                names.is_empty() || self.limit_required.get(tool).is_some_and(|own| own.is_superset(names))
            })
            && self.audience.is_subset(&other.audience)
            && self.binding.is_below(&other.binding)
            && self.not_before >= other.not_before
            && self.expires_at <= other.expires_at
            && self.max_depth <= other.max_depth
            && (other.may_delegate || !self.may_delegate)
            && other.uses.is_none_or(|most| self.uses.is_some_and(|own| own <= most))
    }
}
