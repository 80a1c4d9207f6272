//! What an agent may get at present, leg by leg, and the meet of the legs.

use std::collections::BTreeSet;

use deputy_mandate::{Leg, Terms, ceiling};
use serde::Serialize;

use super::require_agent;
use crate::{
    Caller, Engine, Refusal,
    view::{LegError, TenantView},
};

/// One leg of the grant.
#[derive(Debug, Clone, Serialize)]
pub struct CeilingLeg {
    /// `role_bindings`, `allowed_scopes` or `resource_policy`.
    pub name: &'static str,
    /// Where it comes from: the roles' names, for example.
    pub from: Vec<String>,
    /// What it allows; members that it does not state do not constrain.
    pub allows: Leg,
}

/// An agent's ceiling for an audience.
#[derive(Debug, Clone, Serialize)]
pub struct Ceiling {
    /// The agent's name.
    pub agent: String,
    /// The audience.
    pub audience: String,
    /// The legs, in the order in which `removed` names them.
    pub legs: Vec<CeilingLeg>,
    /// The most that any request could get; absent when the legs contradict each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<Leg>,
}

impl Engine {
    /// What an agent may get for an audience, its default one when none is named.
    pub fn ceiling(
        &self,
        view: &TenantView,
        caller: &Caller,
        id: &str,
        audience: Option<&str>,
    ) -> Result<Ceiling, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let agent = require_agent(&state, id)?;
        let audience = audience.or_else(|| state.audience_of(&agent)).ok_or(Refusal::Internal)?.to_owned();
        let audiences = BTreeSet::from([audience.clone()]);
        let authority = state.authority(&agent, &audiences).map_err(|error| match error {
            LegError::UnknownAudience(_) => Refusal::invalid("audience", error.to_string()),
        })?;
        let settings = state.settings.as_ref().ok_or(Refusal::Internal)?;
        let terms = Terms {
            now: self.inner.sources.now(),
            audience: &audiences,
            default_ttl_secs: settings.ttl,
            expires_in: None,
            max_depth: settings.max_depth,
            catalogue: &state.catalogue,
        };
        let roles: Vec<String> =
            state.roles_of(&agent.id).into_iter().map(|role| role.name.clone()).collect();
        let legs = authority.legs.iter().map(|(name, leg)| CeilingLeg {
            name: name.as_str(),
            from: match name {
                deputy_mandate::LegName::RoleBindings => roles.clone(),
                deputy_mandate::LegName::ResourcePolicy => vec![audience.clone()],
                deputy_mandate::LegName::AllowedScopes
                | deputy_mandate::LegName::Entitlements
                | deputy_mandate::LegName::Parent => vec![agent.name.clone()],
            },
            allows: leg.clone(),
        });
        let ceiling = ceiling(&authority.legs, &terms);
        Ok(Ceiling { agent: agent.name.clone(), legs: legs.collect(), ceiling, audience })
    }
}
