//! How two ceilings of authority differ, as people would say it.

use std::collections::{BTreeMap, BTreeSet};

use deputy_mandate::{Leg, Value};
use serde::Serialize;

use crate::{Refusal, entries};

/// Names that one side has and the other has not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NameDifference {
    /// Only after.
    pub gained: BTreeSet<String>,
    /// Only before.
    pub lost: BTreeSet<String>,
}

impl NameDifference {
    fn between(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Self {
        Self { gained: after - before, lost: before - after }
    }

    fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

/// A value before and after; an absent side does not constrain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// A difference of authority. What did not change is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Scopes.
    #[serde(skip_serializing_if = "NameDifference::is_empty")]
    pub scopes: NameDifference,
    /// Tools.
    #[serde(skip_serializing_if = "NameDifference::is_empty")]
    pub tools: NameDifference,
    /// Tools that stay, with other constraints on their arguments.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, Changed>,
    /// Tools that are denied: `gained` are newly blocked.
    #[serde(skip_serializing_if = "NameDifference::is_empty")]
    pub blocked_tools: NameDifference,
    /// Limits across tools.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Changed>,
    /// Longest life of a token, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Changed>,
    /// Most delegations below a root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<Changed>,
    /// Whether authority may be handed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_delegate: Option<Changed>,
}

impl Difference {
    /// The difference, or none.
    pub(super) fn between(before: &Leg, after: &Leg) -> Result<Option<Self>, Refusal> {
        let (tools_before, tools_after) =
            (before.tools.clone().unwrap_or_default(), after.tools.clone().unwrap_or_default());
        let mut arguments = changed(&tools_before, &tools_after)?;
        arguments.retain(|_, change| change.before.is_some() && change.after.is_some());
        let difference = Self {
            scopes: NameDifference::between(&scopes(before), &scopes(after)),
            tools: NameDifference::between(&names(&tools_before), &names(&tools_after)),
            arguments,
            blocked_tools: NameDifference::between(&before.blocked_tools, &after.blocked_tools),
            limits: changed(&before.limits, &after.limits)?,
            ttl: one(before.ttl_secs, after.ttl_secs)?,
            max_depth: one(before.max_depth, after.max_depth)?,
            may_delegate: one(before.may_delegate, after.may_delegate)?,
        };
        Ok((difference != Self::default()).then_some(difference))
    }
}

fn names<T>(map: &BTreeMap<String, T>) -> BTreeSet<String> {
    map.keys().cloned().collect()
}

fn scopes(leg: &Leg) -> BTreeSet<String> {
    leg.scopes.iter().flatten().map(|scope| scope.as_str().to_owned()).collect()
}

fn changed<T: PartialEq + Serialize>(
    before: &BTreeMap<String, T>,
    after: &BTreeMap<String, T>,
) -> Result<BTreeMap<String, Changed>, Refusal> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut found = BTreeMap::new();
    for name in names {
        if let Some(change) = one(before.get(name), after.get(name))? {
            found.insert(name.clone(), change);
        }
    }
    Ok(found)
}

fn one<T: PartialEq + Serialize>(before: Option<T>, after: Option<T>) -> Result<Option<Changed>, Refusal> {
    if before == after {
        return Ok(None);
    }
    let written = |value: Option<T>| value.as_ref().map(entries::body_of).transpose();
    Ok(Some(Changed { before: written(before)?, after: written(after)? }))
}
