//! Agents: software principals with an owner, a cap on their authority and a runtime.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, Scope, ToolMap};
use serde::{Deserialize, Serialize};

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
    /// Who is answerable for it: users and groups.
    pub owners: BTreeSet<Principal>,
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
    /// Whether a manifest made it, so that `prune` may delete it.
    #[serde(default)]
    pub from_manifest: bool,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
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
        let parent = self.parent.iter().map(|parent| format!("agent:{parent}"));
        let audience = self.default_audience.iter().map(|uri| format!("audience:{uri}"));
        owners.chain(parent).chain(audience).collect()
    }
}
