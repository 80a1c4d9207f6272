//! The mandate: the authority that one credential carries.
//!
//! Every member is explicit. Two mandates compare and seal in normal form ([`Mandate::normalized`]), where
//! structural equality is equality of authority members. What belongs to the hop (id, agent, subject, key,
//! position, runtime) is not here.

mod binding;
pub(crate) mod bounds;
pub(crate) mod meet;
mod narrow;
mod order;
mod outline;
mod sealed;
mod stated;
pub(crate) mod text;
pub(crate) mod tools;
pub(crate) mod wire;

use std::collections::{BTreeMap, BTreeSet};

pub use binding::Binding;
pub use bounds::{BoundError, MAX_LIMIT_NODES, MAX_TEXT, MAX_TOOL_NODES, MAX_TOOLS, MAX_USES};
pub use narrow::{Narrowing, Widening};
pub use outline::Outline;
pub use stated::Stated;
pub use tools::attenuates;
pub use wire::MandateError;

use crate::constraint::Constraint;
use crate::instant::Instant;
use crate::scope::Scope;

/// Argument name → constraint. Empty means any arguments; otherwise exactly these.
pub type ArgumentMap = BTreeMap<String, Constraint>;
/// Tool name → its arguments.
pub type ToolMap = BTreeMap<String, ArgumentMap>;
/// Dimension name → constraint, across tools.
pub type LimitMap = BTreeMap<String, Constraint>;
/// Tool name → names of arguments.
pub type NameMap = BTreeMap<String, BTreeSet<String>>;

/// What a credential allows. [Meet](Mandate::meet), [order](Mandate::is_below) and
/// [decision](crate::allows) agree with each other: see the laws in the crate's documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// OAuth scope tokens.
    pub scopes: BTreeSet<Scope>,
    /// Tools that may be called, and with what.
    pub tools: ToolMap,
    /// Tools denied whatever else says.
    pub blocked_tools: BTreeSet<String>,
    /// Limits on dimensions, across tools.
    pub limits: LimitMap,
    /// Tool → the argument names that the tenant's catalogue knows; a call may carry no others.
    pub declared: NameMap,
    /// Tool → the limit names that a call of it must carry.
    pub limit_required: NameMap,
    /// Resource URIs (RFC 8707).
    pub audience: BTreeSet<String>,
    /// What the authority is bound to.
    pub binding: Binding,
    /// First instant at which it holds.
    pub not_before: Instant,
    /// First instant at which it no longer holds.
    pub expires_at: Instant,
    /// Ceiling of delegations for the whole chain.
    pub max_depth: u8,
    /// Whether the holder may hand on.
    pub may_delegate: bool,
    /// How often it may be exercised; absent is unmetered.
    pub uses: Option<u64>,
}

impl Mandate {
    /// The normal form: constraints in theirs, blocked tools out of `tools`, empty names out of `limit_required`.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        self.normalize();
        self
    }

    /// Into normal form, in place.
    fn normalize(&mut self) {
        tools::normalize(&mut self.tools, &self.blocked_tools);
        self.limits.values_mut().for_each(tools::normalize_constraint);
        if self.limit_required.values().any(BTreeSet::is_empty) {
            self.limit_required.retain(|_, names| !names.is_empty());
        }
        self.uses = self.uses.map(|uses| uses.min(MAX_USES));
    }

    /// With whole seconds, as every sealed form carries them: the expiry rounds down, the start up.
    #[must_use]
    pub fn in_whole_seconds(mut self) -> Self {
        self.not_before = Instant::from_secs(self.not_before.as_secs_ceil());
        self.expires_at = Instant::from_secs(self.expires_at.as_secs_floor());
        self
    }

    /// Whether it carries no authority at all: what an identity token seals.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty() && self.tools.is_empty()
    }
}

#[cfg(test)]
mod tests;
