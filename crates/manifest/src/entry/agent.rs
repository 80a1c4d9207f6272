//! The entry of an agent.
//!
//! Invariant: at least one owner, each a user or a group, or a parent whose owners answer for it; whether they live is
//! for the tenant's state to say.

use std::collections::BTreeSet;

use deputy_mandate::{Leg, MAX_DEPTH, Scope, ToolMap, Value};
use serde::{Deserialize, Deserializer, Serialize};

use super::name::{AgentName, DisplayName, ResourceUri};
use super::reference::{PrincipalKind, Reference, ReferenceError};
use super::{RuntimeEntry, Ttl, authority, json, runtime};
use crate::problem::Problems;
use crate::reader::{Members, Report};
use crate::words::quoted;
use crate::yaml::Node;

/// The members of an agent's entry.
pub(crate) const AGENT_MEMBERS: [&str; 15] = [
    "name",
    "display_name",
    "owner",
    "owners",
    "runtime",
    "runtime_evidence",
    "allowed_scopes",
    "tools",
    "default_audience",
    "may_act_for",
    "parent",
    "require_dpop",
    "critical",
    "max_depth",
    "ttl",
];

/// Whether a use must show its runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuntimeEvidence {
    /// What a use shows is compared; showing nothing is no offence.
    #[default]
    Registered,
    /// A use that shows nothing is denied.
    Presented,
}

/// An agent as it is created or imported. Written to JSON, it can be read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentEntry {
    /// Its name, never reused.
    pub name: AgentName,
    /// What people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<DisplayName>,
    /// Who answers for it: users and groups, at least one.
    pub owners: BTreeSet<Reference>,
    /// The runtime that its tokens are bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeEntry>,
    /// Whether a use must show its runtime.
    pub runtime_evidence: RuntimeEvidence,
    /// The cap on its scopes; absent is none.
    pub allowed_scopes: BTreeSet<Scope>,
    /// The cap on its tools, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolMap>,
    /// The audience of a token that names none; the tenant's when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_audience: Option<ResourceUri>,
    /// The people that it may act for; its owners when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_act_for: Option<BTreeSet<Reference>>,
    /// The agent whose tokens it may narrow for itself, by id or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<AgentName>,
    /// Whether its tokens must be bound to a key.
    pub require_dpop: bool,
    /// Whether it outlives the kill switch at `noncritical`.
    pub critical: bool,
    /// The most hops of its chains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u8>,
    /// How long its tokens live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Ttl>,
}

impl AgentEntry {
    /// The leg `allowed_scopes`: scopes always, tools only if set.
    #[must_use]
    pub fn to_leg(&self) -> Leg {
        Leg {
            scopes: Some(self.allowed_scopes.clone()),
            tools: self.tools.clone(),
            ttl_secs: self.ttl.map(Ttl::as_secs),
            max_depth: self.max_depth,
            ..Leg::default()
        }
    }
}

fn read_alone<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<AgentEntry> {
    let members = report.members(node, "an agent", &AGENT_MEMBERS)?;
    read(report, members)
}

impl json::Entry for AgentEntry {
    fn from_json(value: &Value) -> Result<Self, Problems> {
        json::from_value(value, read_alone)
    }
}

impl<'de> Deserialize<'de> for AgentEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json::deserialize(deserializer, read_alone)
    }
}

/// An agent from the members of its mapping, which may hold others besides.
pub(crate) fn read<'n>(report: &mut Report<'n>, members: Members<'n>) -> Option<AgentEntry> {
    let name = members.required(report, "name", "every agent has one, unique in the tenant", Report::parsed);
    let display_name = members.optional(report, "display_name", Report::parsed);
    let parent = members.optional(report, "parent", parent);
    // A parent that could not be read is there all the same, and has been complained of.
    let owners = owners(report, members, !matches!(parent, Some(None)));
    let runtime = members.optional(report, "runtime", runtime::read);
    let runtime_evidence = members.or_default(report, "runtime_evidence", evidence);
    let allowed_scopes = members.or_default(report, "allowed_scopes", authority::scopes);
    let tools = members.optional(report, "tools", authority::tools);
    let default_audience = members.optional(report, "default_audience", Report::parsed);
    let may_act_for = members.optional(report, "may_act_for", principals);
    let require_dpop = members.or_default(report, "require_dpop", Report::boolean);
    let critical = members.or_default(report, "critical", Report::boolean);
    let max_depth = members.optional(report, "max_depth", depth);
    let ttl = members.optional(report, "ttl", Report::ttl);
    Some(AgentEntry {
        name: name?,
        display_name: display_name?,
        owners: owners?,
        runtime: runtime?,
        runtime_evidence: runtime_evidence?,
        allowed_scopes: allowed_scopes?,
        tools: tools?,
        default_audience: default_audience?,
        may_act_for: may_act_for?,
        parent: parent?,
        require_dpop: require_dpop?,
        critical: critical?,
        max_depth: max_depth?,
        ttl: ttl?,
    })
}

/// `owners`, or `owner` for one; an agent that names none answers to its parent's.
fn owners<'n>(
    report: &mut Report<'n>,
    members: Members<'n>,
    has_parent: bool,
) -> Option<BTreeSet<Reference>> {
    let one = members.optional(report, "owner", principal)?;
    let many = members.optional(report, "owners", |report, node| {
        let owners = principals(report, node)?;
        if owners.is_empty() {
            report.note(node.at, "every agent has an owner: name at least one `user:…` or `group:…`");
            return None;
        }
        Some(owners)
    })?;
    match (one, many) {
        (Some(owner), None) => Some(BTreeSet::from([owner])),
        (None, Some(owners)) => Some(owners),
        (Some(_), Some(_)) => {
            report.note(members.at, "`owner` is short for `owners` with one: keep one of the two");
            None
        }
        (None, None) if has_parent => Some(BTreeSet::new()),
        (None, None) => {
            let missing = "`owner` is missing: every agent has one, a `user:…` or a `group:…`, or a `parent` whose \
                           owners answer for it";
            report.note(members.at, missing);
            None
        }
    }
}

fn principals<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<BTreeSet<Reference>> {
    report.list(node, principal).map(|principals| principals.into_iter().collect())
}

/// A user or a group.
fn principal<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<Reference> {
    let reference: Reference = report.parsed(node)?;
    reference.into_owner().map_err(|why| report.note(node.at, why.to_string())).ok()
}

/// `agent:planner`, or `planner`.
fn parent<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<AgentName> {
    let text = report.text(node)?;
    let target = match text.split_once(':') {
        None => AgentName::try_from(text).map_err(|why| why.to_string()),
        Some(_) => agent_target(text).map_err(|why| why.to_string()),
    };
    target.map_err(|why| report.note(node.at, why)).ok()
}

fn agent_target(text: &str) -> Result<AgentName, ReferenceError> {
    let reference = Reference::try_from(text)?;
    match (reference.kind(), AgentName::try_from(reference.target())) {
        (PrincipalKind::Agent, Ok(name)) => Ok(name),
        _ => Err(ReferenceError::WrongKind { given: quoted(text), allowed: "`agent:…`" }),
    }
}

fn evidence<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<RuntimeEvidence> {
    match report.text(node)? {
        "registered" => Some(RuntimeEvidence::Registered),
        "presented" => Some(RuntimeEvidence::Presented),
        _ => report.unexpected(node, "`runtime_evidence` is `registered` or `presented`"),
    }
}

/// The most hops of a chain.
pub(super) fn depth<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<u8> {
    report.integer(node, &(0..=MAX_DEPTH))
}
