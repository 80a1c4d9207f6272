//! The entries of roles and of their bindings.
//!
//! Invariant: a role states every member of its authority; what is absent from its entry is none, except for the
//! audience, where absent means the default audience only.

use std::collections::{BTreeMap, BTreeSet};

use deputy_mandate::{Constraint, Role, Scope, ToolMap, Value};
use serde::{Deserialize, Deserializer, Serialize};

use super::name::{ResourceUri, RoleName, ToolName};
use super::{Reference, Ttl, agent, authority, json};
use crate::problem::Problems;
use crate::reader::Report;
use crate::yaml::Node;

const MEMBERS: [&str; 9] =
    ["name", "scopes", "tools", "blocked_tools", "limits", "audience", "ttl", "max_depth", "may_delegate"];

const BINDING_MEMBERS: [&str; 3] = ["role", "subject", "follow_scim"];

/// A role as it is created or imported. Written to JSON, it can be read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleEntry {
    /// Its name, unique in the tenant.
    pub name: RoleName,
    /// The scopes that it gives.
    pub scopes: BTreeSet<Scope>,
    /// The tools that it gives, with what their arguments must be.
    pub tools: ToolMap,
    /// The tools that it denies.
    pub blocked_tools: BTreeSet<ToolName>,
    /// The limits that it sets, across tools.
    pub limits: BTreeMap<String, Constraint>,
    /// The audiences that it covers: absent, the default audience only; empty, none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<BTreeSet<ResourceUri>>,
    /// How long tokens under it live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Ttl>,
    /// The most hops of a chain under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u8>,
    /// Whether a token under it may be handed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_delegate: Option<bool>,
}

impl RoleEntry {
    /// The authority of the role.
    #[must_use]
    pub fn to_role(&self) -> Role {
        Role {
            name: self.name.as_str().to_owned(),
            scopes: self.scopes.clone(),
            tools: self.tools.clone(),
            blocked_tools: authority::texts(&self.blocked_tools),
            limits: self.limits.clone(),
            audience: self.audience.as_ref().map(authority::texts),
            ttl_secs: self.ttl.map(Ttl::as_secs),
            max_depth: self.max_depth,
            may_delegate: self.may_delegate,
        }
    }
}

pub(crate) fn read<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<RoleEntry> {
    let members = report.members(node, "a role", &MEMBERS)?;
    let name = members.required(report, "name", "every role has one, unique in the tenant", Report::parsed);
    let scopes = members.or_default(report, "scopes", authority::scopes);
    let tools = members.or_default(report, "tools", authority::tools);
    let blocked_tools = members.or_default(report, "blocked_tools", authority::blocked_tools);
    let limits = members.or_default(report, "limits", authority::limits);
    let audience = members.optional(report, "audience", |report, node| {
        report.list(node, Report::parsed).map(|uris| uris.into_iter().collect())
    });
    let ttl = members.optional(report, "ttl", Report::ttl);
    let max_depth = members.optional(report, "max_depth", agent::depth);
    let may_delegate = members.optional(report, "may_delegate", Report::boolean);
    Some(RoleEntry {
        name: name?,
        scopes: scopes?,
        tools: tools?,
        blocked_tools: blocked_tools?,
        limits: limits?,
        audience: audience?,
        ttl: ttl?,
        max_depth: max_depth?,
        may_delegate: may_delegate?,
    })
}

impl json::Entry for RoleEntry {
    fn from_json(value: &Value) -> Result<Self, Problems> {
        json::from_value(value, read)
    }
}

impl<'de> Deserialize<'de> for RoleEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::deserialize(deserializer, read)
    }
}

/// The assignment of a role to an agent, a user or a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct BindingEntry {
    /// The role, by id or name.
    pub role: RoleName,
    /// Who gets it.
    pub subject: Reference,
    /// For a group: whether the role reaches those whom an identity provider puts into it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub follow_scim: bool,
}

fn read_binding<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<BindingEntry> {
    let members = report.members(node, "a role binding", &BINDING_MEMBERS)?;
    let role = members.required(report, "role", "a binding says which role it assigns", Report::parsed);
    let subject = members.required(report, "subject", "a binding says who gets the role", Report::parsed);
    let follow_scim = members.or_default(report, "follow_scim", Report::boolean);
    Some(BindingEntry { role: role?, subject: subject?, follow_scim: follow_scim? })
}

impl json::Entry for BindingEntry {
    fn from_json(value: &Value) -> Result<Self, Problems> {
        json::from_value(value, read_binding)
    }
}

impl<'de> Deserialize<'de> for BindingEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::deserialize(deserializer, read_binding)
    }
}
