//! An agent as the management API shows it.

use std::collections::BTreeSet;

use deputy_mandate::{Scope, ToolMap};
use deputy_store::{
    event::rfc3339,
    model::{Agent, AgentState, RuntimeEvidence, RuntimeRecord},
};
use serde::Serialize;

use crate::{
    Engine,
    issue::spiffe_id,
    view::{TenantState, TenantView},
};

/// An agent.
#[derive(Debug, Clone, Serialize)]
pub struct ShownAgent {
    /// Opaque id; the OAuth `client_id`.
    pub id: String,
    /// Its name, never reused.
    pub name: String,
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Its SPIFFE ID.
    pub spiffe_id: String,
    /// `active`, `suspended` or `decommissioned`.
    pub state: AgentState,
    /// Whether it should have a live owner and has none.
    pub orphaned: bool,
    /// Who answers for it.
    pub owners: Vec<String>,
    /// What it runs as; the configuration only as its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<RuntimeRecord>,
    /// Whether decisions ask for its runtime.
    pub runtime_evidence: RuntimeEvidence,
    /// The cap on its scopes.
    pub allowed_scopes: BTreeSet<Scope>,
    /// The cap on its tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolMap>,
    /// The audience of a token that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_audience: Option<String>,
    /// On whose behalf it may act; absent: its owners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_act_for: Option<Vec<String>>,
    /// Its parent, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The roles that it has, by name.
    pub roles: Vec<String>,
    /// Whether its tokens must be bound to a key.
    pub require_dpop: bool,
    /// Whether it keeps working under a `noncritical` halt.
    pub critical: bool,
    /// Most hops below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u8>,
    /// Longest life of its tokens, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// When it was made.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

impl Engine {
    /// An agent as it is shown.
    pub(crate) fn show_agent(&self, view: &TenantView, state: &TenantState, agent: &Agent) -> ShownAgent {
        let parent =
            agent.parent.as_ref().and_then(|id| state.agents.get(id)).map(|parent| parent.name.clone());
        ShownAgent {
            id: agent.id.clone(),
            name: agent.name.clone(),
            display_name: agent.display_name.clone(),
            spiffe_id: spiffe_id(&self.inner.installation.trust_domain, &view.slug, &agent.name),
            state: agent.state,
            orphaned: state.is_orphan(agent),
            owners: state.owner_labels(agent),
            runtime: agent.runtime.clone(),
            runtime_evidence: agent.runtime_evidence,
            allowed_scopes: agent.allowed_scopes.clone(),
            tools: agent.tools.clone(),
            default_audience: agent.default_audience.clone(),
            may_act_for: agent
                .may_act_for
                .as_ref()
                .map(|who| who.iter().map(|one| state.label(one)).collect()),
            parent,
            roles: state.roles_of(&agent.id).into_iter().map(|role| role.name.clone()).collect(),
            require_dpop: agent.require_dpop,
            critical: agent.critical,
            max_depth: agent.max_depth,
            ttl: agent.ttl,
            created_at: rfc3339(agent.created_at),
            updated_at: rfc3339(agent.updated_at),
        }
    }
}
