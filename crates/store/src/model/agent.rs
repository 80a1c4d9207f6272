//! Agents: software principals with an owner, a cap on their authority and a runtime.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, Scope, ToolMap};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Principal;
use crate::{Kind, Record};

/// Whether an agent may get and use credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// It may.
    Active,
    /// It may not, until somebody reactivates it.
    Suspended,
    /// It never will again; its name stays used.
    Decommissioned,
}

impl AgentState {
    /// The stored form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Decommissioned => "decommissioned",
        }
    }
}

/// What is asked of a decision's caller about the runtime that it observes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuntimeEvidence {
    /// Nothing beyond the registration: evidence is compared when it is given.
    #[default]
    Registered,
    /// It must be given; withheld evidence is a denial.
    Presented,
}

/// A registered runtime; the configuration itself is not kept, only its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeRecord {
    /// The model.
    pub model: String,
    /// The tools, sorted.
    pub tools: BTreeSet<String>,
    /// `sha256:` and the hex digest of the configuration.
    pub config: String,
    /// The fingerprint that hops carry.
    pub fingerprint: String,
}

/// That an agent has no live owner, since when, and what it may still do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orphaned {
    /// Since when.
    pub since: Instant,
    /// What became of each owner, in words.
    pub why: String,
    /// Until when it may get new credentials, by the tenant's policy `grace`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// The manager who may accept it, by user id, by the tenant's policy `handover`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<String>,
}

/// An agent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Agent {
    /// Opaque id; the OAuth `client_id`.
    pub id: String,
    /// Its name, never reused.
    pub name: String,
    /// Its name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Whether it works.
    pub state: AgentState,
    /// Who is answerable for it: users and groups. One that names none answers to its parent's.
    pub owners: BTreeSet<Principal>,
    /// Set while none of them is live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orphaned: Option<Orphaned>,
    /// What it runs as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeRecord>,
    /// What is asked about the runtime at decisions.
    #[serde(default)]
    pub runtime_evidence: RuntimeEvidence,
    /// The cap on its scopes; empty is none.
    #[serde(default)]
    pub allowed_scopes: BTreeSet<Scope>,
    /// The cap on its tools; absent: not capped here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolMap>,
    /// The audience of a token for which none is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_audience: Option<String>,
    /// On whose behalf it may act; absent: its owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_act_for: Option<BTreeSet<Principal>>,
    /// The agent that it is a child of, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether its tokens must be sender-constrained.
    #[serde(default)]
    pub require_dpop: bool,
    /// Whether it keeps working under a `noncritical` halt.
    #[serde(default)]
    pub critical: bool,
    /// Most hops below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u8>,
    /// Longest life of its tokens, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// What an identity provider says of it and Deputy only keeps: `description`, `agentType`, `roles`, ….
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub provisioned: Map<String, Value>,
    /// Whether a manifest made it, so that `prune` may delete it.
    #[serde(default)]
    pub from_manifest: bool,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Agent {
    /// Whether it may get and use credentials: active, and answered for or within its grace.
    #[must_use]
    pub fn may_work(&self, now: Instant) -> bool {
        let answered_for = |orphaned: &Orphaned| orphaned.until.is_some_and(|until| now < until);
        self.state == AgentState::Active && self.orphaned.as_ref().is_none_or(answered_for)
    }
}

impl Record for Agent {
    const KIND: Kind = Kind::Agent;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn links(&self) -> Vec<String> {
        let owners = self.owners.iter().map(Principal::to_string);
        let acts_for = self.may_act_for.iter().flatten().map(|person| format!("for:{person}"));
        let proposed = self.orphaned.iter().filter_map(|orphaned| orphaned.proposed.as_ref());
        let proposed = proposed.map(|id| format!("proposed:user:{id}"));
        let parent = self.parent.iter().map(|parent| format!("agent:{parent}"));
        let audience = self.default_audience.iter().map(|uri| format!("audience:{uri}"));
        owners.chain(acts_for).chain(proposed).chain(parent).chain(audience).collect()
    }
}
