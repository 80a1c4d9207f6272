//! Roles, and how the roles of one agent join into its leg.
//!
//! Scopes and tools unite, but only from roles that cover every audience of the grant; whatever narrows is met
//! over all roles that cover at least one of them. So adding a role can only add scopes and tools, and a grant
//! for two audiences never mixes what one role says of each.

use std::collections::{BTreeMap, BTreeSet};

use crate::constraint::Constraint;
use crate::leg::Leg;
use crate::mandate::{ArgumentMap, ToolMap, meet, tools};
use crate::scope::Scope;

/// The authority part of a role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// The role's name.
    pub name: String,
    /// Scopes it gives.
    pub scopes: BTreeSet<Scope>,
    /// Tools it gives.
    pub tools: ToolMap,
    /// Tools it denies.
    pub blocked_tools: BTreeSet<String>,
    /// Limits across tools.
    pub limits: BTreeMap<String, Constraint>,
    /// Audiences it covers: absent is the default audience only, empty is none.
    pub audience: Option<BTreeSet<String>>,
    /// Longest life of a credential, in seconds.
    pub ttl_secs: Option<u32>,
    /// Ceiling of delegations.
    pub max_depth: Option<u8>,
    /// Whether the holder may hand on; absent is no.
    pub may_delegate: Option<bool>,
}

impl Role {
    fn covers(&self, audience: &str, default_audience: &str) -> bool {
        match &self.audience {
            Some(covered) => covered.contains(audience),
            None => audience == default_audience,
        }
    }
}

/// One tool that two roles of an agent give with different arguments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToolConflict {
    /// The tool.
    pub tool: String,
    /// The role that says one thing.
    pub role: String,
    /// The role that says another.
    pub other: String,
}

/// The leg of an agent with these roles, for a grant to `audience`. With no covering role it allows nothing.
pub fn join_roles<'a>(
    roles: impl Iterator<Item = &'a Role>,
    audience: &BTreeSet<String>,
    default_audience: &str,
) -> Leg {
    let covering = |role: &&Role| audience.iter().any(|uri| role.covers(uri, default_audience));
    let covering: Vec<&Role> = roles.filter(covering).collect();
    let full =
        || covering.iter().filter(|role| audience.iter().all(|uri| role.covers(uri, default_audience)));

    let blocked_tools: BTreeSet<String> =
        covering.iter().flat_map(|role| &role.blocked_tools).cloned().collect();
    let given: BTreeSet<&String> = full().flat_map(|role| role.tools.keys()).collect();
    let joined = given.into_iter().filter(|tool| !blocked_tools.contains(*tool)).filter_map(|tool| {
        let mut maps = covering.iter().filter_map(|role| role.tools.get(tool));
        let met = maps.try_fold(BTreeMap::new(), |met, map| tools::meet_arguments(&met, map))?;
        Some((tool.clone(), met))
    });
    Leg {
        scopes: Some(full().flat_map(|role| &role.scopes).cloned().collect()),
        tools: Some(joined.collect()),
        limits: covering.iter().fold(BTreeMap::new(), |met, role| meet::limits(&met, &role.limits)),
        blocked_tools,
        audience: Some(audience.clone()),
        ttl_secs: covering.iter().filter_map(|role| role.ttl_secs).min(),
        max_depth: covering.iter().filter_map(|role| role.max_depth).min(),
        may_delegate: Some(
            !covering.is_empty() && covering.iter().all(|role| role.may_delegate == Some(true)),
        ),
        ..Leg::default()
    }
}

/// The tools that these roles, held by one agent, give with different argument maps.
///
/// A change that would leave any is refused; where they differ all the same, [`join_roles`] meets them.
pub fn tool_conflicts<'a>(roles: impl Iterator<Item = &'a Role>) -> Vec<ToolConflict> {
    let mut first: BTreeMap<String, (&str, ArgumentMap)> = BTreeMap::new();
    let mut conflicts = Vec::new();
    for role in roles {
        let mut given = role.tools.clone();
        tools::normalize(&mut given, &BTreeSet::new());
        for (tool, arguments) in given {
            match first.get(&tool) {
                None => {
                    first.insert(tool, (&role.name, arguments));
                }
                Some((_, known)) if *known == arguments => {}
                Some((known, _)) => {
                    let (role, other) = ((*known).to_owned(), role.name.clone());
                    conflicts.push(ToolConflict { tool, role, other });
                }
            }
        }
    }
    conflicts
}

#[cfg(test)]
#[path = "role_tests.rs"]
mod tests;
