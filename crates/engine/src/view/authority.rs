//! What an agent may get at present, leg by leg.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use deputy_mandate::{Catalogue, Leg, LegName, Role as RoleAuthority, join_roles};
use deputy_store::model::{Agent, Principal, ResourcePolicy, Role, RoleBinding};

use super::TenantState;

/// The legs of an agent for an audience, in the order in which `removed` names them.
#[derive(Debug, Clone, Default)]
pub struct AgentAuthority {
    /// The legs.
    pub legs: Vec<(LegName, Leg)>,
}

/// Why there are no legs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LegError {
    /// The audience is no registered resource.
    #[error("`{0}` is not a registered resource")]
    UnknownAudience(String),
}

impl TenantState {
    /// The tenant's default audience.
    #[must_use]
    pub fn default_audience(&self) -> Option<&str> {
        self.settings.as_ref().map(|settings| settings.default_audience.as_str())
    }

    /// The audience of a token for which none is asked.
    #[must_use]
    pub fn audience_of<'s>(&'s self, agent: &'s Agent) -> Option<&'s str> {
        agent.default_audience.as_deref().or_else(|| self.default_audience())
    }

    /// Whether tokens may be asked for this audience: a registered resource, or the tenant's default.
    #[must_use]
    pub fn is_audience(&self, uri: &str) -> bool {
        self.resources.contains_key(uri) || self.default_audience() == Some(uri)
    }

    /// The roles that an agent has: its own, and those of the groups that it is in.
    #[must_use]
    pub fn roles_of(&self, agent: &str) -> Vec<&Arc<Role>> {
        self.roles_bound(&Principal::Agent(agent.to_owned()))
    }

    /// The roles bound to a principal and to the groups that it is in, each once, in the order of their ids.
    #[must_use]
    pub fn roles_bound(&self, principal: &Principal) -> Vec<&Arc<Role>> {
        let mut ids: BTreeSet<&String> =
            self.bound.get(principal).into_iter().flat_map(BTreeMap::keys).collect();
        ids.extend(self.roles_through_groups(principal));
        ids.into_iter().filter_map(|id| self.roles.get(id)).collect()
    }

    /// The ids of the roles that reach a principal through the groups that it is in.
    pub(crate) fn roles_through_groups(&self, principal: &Principal) -> Vec<&String> {
        let mut ids = Vec::new();
        for group in self.groups_of(principal) {
            let bound = self.bound.get(&Principal::Group(group)).into_iter().flatten();
            let followed = |id: &String| self.bindings.get(id).is_some_and(|one| self.is_followed(one));
            ids.extend(bound.filter(|(_, binding)| followed(binding)).map(|(role, _)| role));
        }
        ids
    }

    /// Whether a binding reaches the members of its subject: where an identity provider keeps a group's members, only
    /// if an administrator said that it may.
    #[must_use]
    pub fn is_followed(&self, binding: &RoleBinding) -> bool {
        match &binding.subject {
            Principal::Group(id) => {
                binding.follow_scim || self.groups.get(id).is_none_or(|group| group.placeholder)
            }
            Principal::Agent(_) | Principal::User(_) => true,
        }
    }

    /// The current legs of an agent for an audience.
    pub fn authority(
        &self,
        agent: &Agent,
        audience: &BTreeSet<String>,
    ) -> Result<Arc<AgentAuthority>, LegError> {
        let key = (agent.id.clone(), audience.clone());
        if let Some(known) = self.authorities.lock().get(&key) {
            return Ok(known.clone());
        }
        let authority = Arc::new(self.compute_authority(agent, audience)?);
        self.authorities.lock().insert(key, authority.clone());
        Ok(authority)
    }

    fn compute_authority(
        &self,
        agent: &Agent,
        audience: &BTreeSet<String>,
    ) -> Result<AgentAuthority, LegError> {
        if let Some(unknown) = audience.iter().find(|uri| !self.is_audience(uri)) {
            return Err(LegError::UnknownAudience(unknown.clone()));
        }
        let roles: Vec<RoleAuthority> =
            self.roles_of(&agent.id).into_iter().map(|role| authority_of(role)).collect();
        let default_audience = self.audience_of(agent).unwrap_or_default();
        let mut legs = vec![
            (LegName::RoleBindings, join_roles(roles.iter(), audience, default_audience)),
            (LegName::AllowedScopes, cap_of(agent)),
        ];
        let policies = audience.iter().filter_map(|uri| self.resources.get(uri)?.policy.as_ref());
        legs.extend(policies.map(|policy| (LegName::ResourcePolicy, policy_leg(policy))));
        Ok(AgentAuthority { legs })
    }

    /// Brings the catalogue in line with its records.
    pub(super) fn rebuild_catalogue(&mut self) {
        let tools = self.tools.values().map(|tool| (tool.name.clone(), tool.args.clone())).collect();
        self.catalogue = Arc::new(Catalogue { tools });
    }
}

/// The authority part of a stored role.
#[must_use]
pub fn authority_of(role: &Role) -> RoleAuthority {
    RoleAuthority {
        name: role.name.clone(),
        scopes: role.scopes.clone(),
        tools: role.tools.clone(),
        blocked_tools: role.blocked_tools.clone(),
        limits: role.limits.clone(),
        audience: role.audience.clone(),
        ttl_secs: role.ttl,
        max_depth: role.max_depth,
        may_delegate: role.may_delegate,
    }
}

/// The cap on the agent's own entry; it always states scopes.
fn cap_of(agent: &Agent) -> Leg {
    Leg {
        scopes: Some(agent.allowed_scopes.clone()),
        tools: agent.tools.clone(),
        ttl_secs: agent.ttl,
        max_depth: agent.max_depth,
        ..Leg::default()
    }
}

fn policy_leg(policy: &ResourcePolicy) -> Leg {
    Leg {
        scopes: policy.scopes.clone(),
        tools: policy.tools.clone(),
        blocked_tools: policy.blocked_tools.clone(),
        limits: policy.limits.clone(),
        ttl_secs: policy.ttl,
        max_depth: policy.max_depth,
        may_delegate: policy.may_delegate,
        ..Leg::default()
    }
}
