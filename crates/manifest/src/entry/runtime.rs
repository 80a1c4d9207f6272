//! The registered runtime of an agent: its model, its tools and its configuration (mandates section 5).
//!
//! Invariant: the configuration keeps its exact numbers, since the fingerprint is made from its RFC 8785 text.

use std::collections::BTreeSet;

use deputy_mandate::{Runtime, Value};
use serde::{Deserialize, Deserializer, Serialize};

use super::json;
use super::name::ToolName;
use crate::problem::Problems;
use crate::reader::Report;
use crate::yaml::Node;

const MEMBERS: [&str; 3] = ["model", "tools", "config"];

/// An agent's runtime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuntimeEntry {
    /// The model, for example `gpt-4o`.
    pub model: String,
    /// The names of the tools that it is equipped with.
    pub tools: BTreeSet<ToolName>,
    /// Its configuration, or `"sha256:" + hex` of the configuration's RFC 8785 text; absent is null.
    pub config: Value,
}

impl RuntimeEntry {
    /// The runtime that a fingerprint is made from.
    #[must_use]
    pub fn to_runtime(&self) -> Runtime {
        Runtime {
            model: self.model.clone(),
            tools: self.tools.iter().map(|tool| tool.as_str().to_owned()).collect(),
            config: self.config.clone(),
        }
    }
}

pub(super) fn read<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<RuntimeEntry> {
    let members = report.members(node, "a runtime", &MEMBERS)?;
    let model = members.required(report, "model", "a runtime says which model it runs", Report::text);
    let tools = members.or_default(report, "tools", |report, node| report.list(node, Report::parsed));
    let config = members.optional(report, "config", json::read);
    Some(RuntimeEntry {
        model: model?.to_owned(),
        tools: tools?.into_iter().collect(),
        config: config?.unwrap_or(Value::Null),
    })
}

impl json::Entry for RuntimeEntry {
    fn from_json(value: &Value) -> Result<Self, Problems> {
        json::from_value(value, read)
    }
}

impl<'de> Deserialize<'de> for RuntimeEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::deserialize(deserializer, read)
    }
}
