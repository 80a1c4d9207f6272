//! The entries of the tool catalogue.
//!
//! Invariant: a catalogued tool takes no argument that its entry does not name.

use std::collections::BTreeSet;

use deputy_mandate::Value;
use serde::{Deserialize, Deserializer, Serialize};

use super::json;
use super::name::{MemberName, ToolName};
use crate::problem::Problems;
use crate::reader::{Members, Report};
use crate::yaml::Node;

/// A tool of the catalogue. Written to JSON, it can be read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToolEntry {
    /// Its name, unique in the tenant.
    pub name: ToolName,
    /// The names of its arguments.
    pub args: BTreeSet<MemberName>,
}

fn read<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<ToolEntry> {
    let members = report.members(node, "a tool", &["name", "args"])?;
    let name = members.required(report, "name", "every tool has one, unique in the tenant", Report::parsed);
    let args = args(report, members);
    Some(ToolEntry { name: name?, args: args? })
}

impl json::Entry for ToolEntry {
    fn from_json(value: &Value) -> Result<Self, Problems> {
        json::from_value(value, read)
    }
}

impl<'de> Deserialize<'de> for ToolEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::deserialize(deserializer, read)
    }
}

/// The catalogue of a manifest: a mapping from a tool's name to the rest of its entry.
pub(crate) fn read_catalogue<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<Vec<ToolEntry>> {
    let name = |text: &str| ToolName::try_from(text).map_err(|why| why.to_string());
    let tools =
        report.map(node, "`tools` maps each tool's name to its entry and so", name, |report, node| {
            let members = report.members(node, "a tool of the catalogue", &["args"])?;
            args(report, members)
        })?;
    Some(tools.into_iter().map(|(name, args)| ToolEntry { name, args }).collect())
}

fn args<'n>(report: &mut Report<'n>, members: Members<'n>) -> Option<BTreeSet<MemberName>> {
    members.required(
        report,
        "args",
        "the catalogue says which arguments a tool takes (`[]` for none)",
        |report, node| report.list(node, Report::parsed).map(|args| args.into_iter().collect()),
    )
}
