//! The meet: what two mandates allow together.
//!
//! Commutative, associative and idempotent in normal form; Bottom absorbs. A request is allowed by the meet
//! exactly when both allow it (law 3).

use super::{LimitMap, Mandate, NameMap, tools};

impl Mandate {
    /// The greatest mandate below both, in normal form; `None` is Bottom, which authorises nothing and is never
    /// sealed.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Option<Self> {
        Some(
            Self {
                scopes: self.scopes.intersection(&other.scopes).cloned().collect(),
                tools: tools::meet(&self.tools, &other.tools),
                blocked_tools: self.blocked_tools.union(&other.blocked_tools).cloned().collect(),
                limits: limits(&self.limits, &other.limits),
                declared: declared(&self.declared, &other.declared),
                limit_required: required(&self.limit_required, &other.limit_required),
                audience: self.audience.intersection(&other.audience).cloned().collect(),
                binding: self.binding.meet(&other.binding)?,
                not_before: self.not_before.max(other.not_before),
                expires_at: self.expires_at.min(other.expires_at),
                max_depth: self.max_depth.min(other.max_depth),
                may_delegate: self.may_delegate && other.may_delegate,
                uses: least(self.uses, other.uses),
            }
            .normalized(),
        )
    }
}

/// The smaller of those that are stated.
pub(crate) fn least<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

pub(crate) fn limits(a: &LimitMap, b: &LimitMap) -> LimitMap {
    let mut met = a.clone();
    for (name, limit) in b {
        let joined = match a.get(name) {
            Some(own) => own.meet(limit),
            None => limit.clone().normalized(),
        };
        met.insert(name.clone(), joined);
    }
    met
}

pub(crate) fn declared(a: &NameMap, b: &NameMap) -> NameMap {
    let mut met = a.clone();
    for (tool, names) in b {
        met.entry(tool.clone())
            .and_modify(|own| own.retain(|name| names.contains(name)))
            .or_insert_with(|| names.clone());
    }
    met
}

pub(crate) fn required(a: &NameMap, b: &NameMap) -> NameMap {
    let mut met = a.clone();
    for (tool, names) in b {
        met.entry(tool.clone()).or_default().extend(names.iter().cloned());
    }
    met
}
