//! The entries of resource servers.
//!
//! Invariant: a policy is a leg: what it does not state it does not constrain.

use std::collections::{BTreeMap, BTreeSet};

use deputy_mandate::{Constraint, Leg, Scope, ToolMap, Value};
use serde::{Deserialize, Deserializer, Serialize};

use super::name::{ResourceUri, ToolName};
use super::{Ttl, agent, authority, json};
use crate::problem::Problems;
use crate::reader::Report;
use crate::yaml::Node;

const MEMBERS: [&str; 2] = ["uri", "policy"];

const POLICY_MEMBERS: [&str; 7] =
    ["scopes", "tools", "blocked_tools", "limits", "ttl", "max_depth", "may_delegate"];

/// A resource server. Written to JSON, it can be read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceEntry {
    /// Its URI (RFC 8707), unique in the tenant.
    pub uri: ResourceUri,
    /// What it grants at most, if it declares that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyEntry>,
}

/// What a resource server grants at most.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct PolicyEntry {
    /// The only scopes that it accepts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<BTreeSet<Scope>>,
    /// The only tools that it accepts, with what their arguments must be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolMap>,
    /// The tools that it denies.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub blocked_tools: BTreeSet<ToolName>,
    /// The limits that it sets, across tools.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Constraint>,
    /// How long a token for it lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Ttl>,
    /// The most hops of a chain for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u8>,
    /// Whether a token for it may be handed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_delegate: Option<bool>,
}

impl PolicyEntry {
    /// The leg `resource_policy`.
    #[must_use]
    pub fn to_leg(&self) -> Leg {
        Leg {
            scopes: self.scopes.clone(),
            tools: self.tools.clone(),
            blocked_tools: authority::texts(&self.blocked_tools),
            limits: self.limits.clone(),
            ttl_secs: self.ttl.map(Ttl::as_secs),
            max_depth: self.max_depth,
            may_delegate: self.may_delegate,
            ..Leg::default()
        }
    }
}

pub(crate) fn read<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<ResourceEntry> {
    let members = report.members(node, "a resource", &MEMBERS)?;
    let uri = members.required(report, "uri", "a resource server is known by its URI", Report::parsed);
    let policy = members.optional(report, "policy", read_policy);
    Some(ResourceEntry { uri: uri?, policy: policy? })
}

fn read_policy<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<PolicyEntry> {
    let members = report.members(node, "a resource's policy", &POLICY_MEMBERS)?;
    let scopes = members.optional(report, "scopes", authority::scopes);
    let tools = members.optional(report, "tools", authority::tools);
    let blocked_tools = members.or_default(report, "blocked_tools", authority::blocked_tools);
    let limits = members.or_default(report, "limits", authority::limits);
    let ttl = members.optional(report, "ttl", Report::ttl);
    let max_depth = members.optional(report, "max_depth", agent::depth);
    let may_delegate = members.optional(report, "may_delegate", Report::boolean);
    Some(PolicyEntry {
        scopes: scopes?,
        tools: tools?,
        blocked_tools: blocked_tools?,
        limits: limits?,
        ttl: ttl?,
        max_depth: max_depth?,
        may_delegate: may_delegate?,
    })
}

impl json::Entry for ResourceEntry {
    fn from_json(value: &Value) -> Result<Self, Problems> {
        json::from_value(value, read)
    }
}

impl<'de> Deserialize<'de> for ResourceEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::deserialize(deserializer, read)
    }
}

impl<'de> Deserialize<'de> for PolicyEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::deserialize(deserializer, read_policy)
    }
}
