//! Legs: the operands of a grant.
//!
//! A leg holds, per member, *unstated* (`None`, or nothing to deny) or a value; an empty set allows nothing. The
//! meet of two legs is the meet of mandates on what either states.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::constraint::Constraint;
use crate::instant::Instant;
use crate::mandate::{Binding, Mandate, NameMap, ToolMap, meet, tools};
use crate::scope::Scope;

/// One operand of a grant. [`Leg::default`] constrains nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Leg {
    /// Scopes, when stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<BTreeSet<Scope>>,
    /// Tools, when stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolMap>,
    /// Tools denied.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub blocked_tools: BTreeSet<String>,
    /// Limits across tools.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Constraint>,
    /// Arguments that the catalogue knows, when a sealed parent says so.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub declared: NameMap,
    /// Limits that a call must carry, when a sealed parent says so.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limit_required: NameMap,
    /// Resource URIs, when stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<BTreeSet<String>>,
    /// What it is bound to.
    #[serde(skip_serializing_if = "Binding::is_empty")]
    pub binding: Binding,
    /// When it begins to hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Instant>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// Longest life of a credential, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_secs: Option<u32>,
    /// Ceiling of delegations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u8>,
    /// Whether the holder may hand on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_delegate: Option<bool>,
    /// How often it may be exercised.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uses: Option<u64>,
}

/// Which operand of the grant a leg is; the order is that in which `removed` is attributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LegName {
    /// The join of the agent's roles.
    RoleBindings,
    /// The cap on the agent's own entry.
    AllowedScopes,
    /// What the person may have done on their behalf.
    Entitlements,
    /// The mandate that is delegated.
    Parent,
    /// What the resource declares.
    ResourcePolicy,
}

impl LegName {
    /// The name as `removed` and `ceiling` say it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RoleBindings => "role_bindings",
            Self::AllowedScopes => "allowed_scopes",
            Self::Entitlements => "entitlements",
            Self::Parent => "parent",
            Self::ResourcePolicy => "resource_policy",
        }
    }
}

impl Leg {
    /// What both allow; `None` is Bottom: they are bound to different things.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Option<Self> {
        let mut met = self.meet_rest(other)?;
        met.scopes = stated(self.scopes.as_ref(), other.scopes.as_ref(), |a, b| a & b);
        met.tools = stated(self.tools.as_ref(), other.tools.as_ref(), tools::meet);
        if let Some(tools) = &mut met.tools {
            tools::normalize(tools, &met.blocked_tools);
        }
        Some(met)
    }

    /// The meet of everything but scopes and tools, which a grant works out one by one.
    pub(crate) fn meet_rest(&self, other: &Self) -> Option<Self> {
        Some(Self {
            scopes: None,
            tools: None,
            blocked_tools: self.blocked_tools.union(&other.blocked_tools).cloned().collect(),
            limits: meet::limits(&self.limits, &other.limits),
            declared: meet::declared(&self.declared, &other.declared),
            limit_required: meet::required(&self.limit_required, &other.limit_required),
            audience: stated(self.audience.as_ref(), other.audience.as_ref(), |a, b| a & b),
            binding: self.binding.meet(&other.binding)?,
            not_before: self.not_before.max(other.not_before),
            expires_at: meet::least(self.expires_at, other.expires_at),
            ttl_secs: meet::least(self.ttl_secs, other.ttl_secs),
            max_depth: meet::least(self.max_depth, other.max_depth),
            may_delegate: meet::least(self.may_delegate, other.may_delegate),
            uses: meet::least(self.uses, other.uses),
        })
    }

    /// The meet of several legs; `None` is Bottom.
    #[must_use]
    pub fn meet_all<'a>(legs: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        legs.into_iter().try_fold(Self::default(), |met, leg| met.meet(leg))
    }

    /// Whether every scope and tool that it states is none.
    #[must_use]
    pub fn allows_nothing(&self) -> bool {
        self.scopes.as_ref().is_some_and(BTreeSet::is_empty)
            && self.tools.as_ref().is_some_and(ToolMap::is_empty)
    }
}

fn stated<T: Clone>(a: Option<&T>, b: Option<&T>, meet: impl FnOnce(&T, &T) -> T) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(meet(a, b)),
        (a, b) => a.or(b).cloned(),
    }
}

impl From<&Mandate> for Leg {
    /// A sealed mandate as the parent leg: nothing unstated.
    fn from(mandate: &Mandate) -> Self {
        Self {
            scopes: Some(mandate.scopes.clone()),
            tools: Some(mandate.tools.clone()),
            blocked_tools: mandate.blocked_tools.clone(),
            limits: mandate.limits.clone(),
            declared: mandate.declared.clone(),
            limit_required: mandate.limit_required.clone(),
            audience: Some(mandate.audience.clone()),
            binding: mandate.binding.clone(),
            not_before: Some(mandate.not_before),
            expires_at: Some(mandate.expires_at),
            ttl_secs: None,
            max_depth: Some(mandate.max_depth),
            may_delegate: Some(mandate.may_delegate),
            uses: mandate.uses,
        }
    }
}
