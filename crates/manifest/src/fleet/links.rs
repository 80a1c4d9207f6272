//! Checks what the entries of one file say about each other: names given once, parents that do not go in circles.
//!
//! Invariant: looks at the tree and not at the entries, so that an entry with another fault still counts as
//! declared and causes no second complaint.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::Position;
use crate::reader::Report;
use crate::words::quoted;
use crate::yaml::{Kind, Node};

pub(super) fn verify<'n>(report: &mut Report<'n>, root: &'n Node) {
    unique(report, root, "resources", "uri", "resource");
    unique(report, root, "roles", "name", "role");
    unique(report, root, "agents", "name", "agent");
    parents(report, root);
}

/// The entries of a list.
fn items<'n>(root: &'n Node, list: &str) -> &'n [Node] {
    match root.member(list).map(|node| &node.kind) {
        Some(Kind::Sequence(items)) => items,
        _ => &[],
    }
}

/// The text of a member.
fn text<'n>(node: &'n Node, member: &str) -> Option<(&'n str, Position)> {
    let value = node.member(member)?;
    match &value.kind {
        Kind::Scalar { text, .. } => Some((text, value.at)),
        _ => None,
    }
}

fn unique<'n>(report: &mut Report<'n>, root: &'n Node, list: &'static str, member: &'static str, what: &str) {
    let mut first: BTreeMap<&str, Position> = BTreeMap::new();
    for (index, item) in items(root, list).iter().enumerate() {
        let Some((name, at)) = text(item, member) else { continue };
        if let Some(earlier) = first.get(name) {
            let message = format!(
                "{} is the {what} of line {} already: each is declared once",
                quoted(name),
                earlier.line
            );
            report.within(list, |report| {
                report.within(index, |report| report.within(member, |report| report.note(at, message)));
            });
        } else {
            first.insert(name, at);
        }
    }
}

/// Follows each agent's `parent` within the file; every circle is told once, where it was entered.
fn parents<'n>(report: &mut Report<'n>, root: &'n Node) {
    let mut parent_of: BTreeMap<&str, (usize, &str, Position)> = BTreeMap::new();
    for (index, item) in items(root, "agents").iter().enumerate() {
        if let (Some((name, _)), Some((parent, at))) = (text(item, "name"), text(item, "parent")) {
            parent_of.entry(name).or_insert((index, parent.strip_prefix("agent:").unwrap_or(parent), at));
        }
    }
    let mut cleared: BTreeSet<&str> = BTreeSet::new();
    for start in parent_of.keys() {
        let mut way: BTreeSet<&str> = BTreeSet::new();
        let mut here = *start;
        while let Some((index, parent, at)) = parent_of.get(here) {
            if cleared.contains(here) {
                break;
            }
            if !way.insert(here) {
                let message = format!("{} is its own ancestor: parents may not go in a circle", quoted(here));
                report.within("agents", |report| {
                    report
                        .within(*index, |report| report.within("parent", |report| report.note(*at, message)));
                });
                break;
            }
            here = parent;
        }
        cleared.extend(way);
    }
}
