//! The members that say what may be done: scopes, tools, blocked tools and limits, in a role, on an agent's own
//! entry and in a resource's policy.
//!
//! Invariant: what is stored is the mandate's own vocabulary, never the shorthand.

use std::collections::{BTreeMap, BTreeSet};

use deputy_mandate::{Constraint, MAX_LIMIT_NODES, MAX_TOOL_NODES, Scope, ToolMap};

use super::constraint;
use super::name::{MemberName, ToolName};
use crate::reader::Report;
use crate::yaml::Node;

/// Limits by dimension.
pub(super) type Limits = BTreeMap<String, Constraint>;

pub(super) fn scopes<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<BTreeSet<Scope>> {
    report.list(node, Report::parsed).map(|scopes| scopes.into_iter().collect())
}

pub(super) fn blocked_tools<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<BTreeSet<ToolName>> {
    report.list(node, Report::parsed).map(|tools| tools.into_iter().collect())
}

pub(super) fn tools<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<ToolMap> {
    let what = "`tools` maps each tool's name to its arguments and so";
    report.map(node, what, tool_name, |report, node| {
        let what = "what is said of a tool's arguments (`{}` for any)";
        let arguments = report.map(node, what, member_name, constraint::read)?;
        within(report, node, arguments, MAX_TOOL_NODES)
    })
}

pub(super) fn limits<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<Limits> {
    let what = "`limits` maps each dimension to its constraint and so";
    let limits = report.map(node, what, member_name, constraint::read)?;
    within(report, node, limits, MAX_LIMIT_NODES)
}

/// The constraints, if together they are no more than a credential may hold.
fn within(report: &mut Report<'_>, node: &Node, constraints: Limits, most: usize) -> Option<Limits> {
    let count: usize = constraints.values().map(Constraint::nodes).sum();
    if count > most {
        report.note(
            node.at,
            format!(
                "these are {count} constraints, and a credential holds {most} in one place: say it with fewer"
            ),
        );
        return None;
    }
    Some(constraints)
}

fn tool_name(text: &str) -> Result<String, String> {
    ToolName::try_from(text).map(String::from).map_err(|why| why.to_string())
}

fn member_name(text: &str) -> Result<String, String> {
    MemberName::try_from(text).map(String::from).map_err(|why| why.to_string())
}

/// Tool names as the mandate keeps them.
pub(super) fn texts<T: AsRef<str>>(names: &BTreeSet<T>) -> BTreeSet<String> {
    names.iter().map(|name| name.as_ref().to_owned()).collect()
}
