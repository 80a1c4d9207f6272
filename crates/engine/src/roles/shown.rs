//! Roles and bindings as the management API shows them, and roles as they are stored.

use std::collections::{BTreeMap, BTreeSet};

use deputy_mandate::{Constraint, Instant, Scope, ToolMap};
use deputy_manifest::RoleEntry;
use deputy_store::{
    event::rfc3339,
    model::{Role, RoleBinding},
};
use serde::Serialize;

use crate::view::TenantState;

/// The members of a role's entry, as it is written and merged over.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RoleBody {
    name: String,
    scopes: BTreeSet<Scope>,
    tools: ToolMap,
    blocked_tools: BTreeSet<String>,
    limits: BTreeMap<String, Constraint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_depth: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    may_delegate: Option<bool>,
}

impl From<&Role> for RoleBody {
    fn from(role: &Role) -> Self {
        let role = role.clone();
        Self {
            name: role.name,
            scopes: role.scopes,
            tools: role.tools,
            blocked_tools: role.blocked_tools,
            limits: role.limits,
            audience: role.audience,
            ttl: role.ttl,
            max_depth: role.max_depth,
            may_delegate: role.may_delegate,
        }
    }
}

/// A role. Its entry's members are those that it was made with.
#[derive(Debug, Clone, Serialize)]
pub struct ShownRole {
    /// Opaque id.
    pub id: String,
    /// The members of its entry.
    #[serde(flatten)]
    body: RoleBody,
    /// To how many subjects it is bound.
    pub bindings: usize,
    /// Whether a manifest made it.
    pub from_manifest: bool,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

impl ShownRole {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.body.name
    }

    pub(super) fn of(state: &TenantState, role: &Role) -> Self {
        Self {
            id: role.id.clone(),
            body: role.into(),
            bindings: state.bindings.values().filter(|binding| binding.role == role.id).count(),
            from_manifest: role.from_manifest,
            created_at: rfc3339(role.created_at),
            updated_at: rfc3339(role.updated_at),
        }
    }
}

/// A role's assignment. `role` and `subject` are written as they may be sent.
#[derive(Debug, Clone, Serialize)]
pub struct ShownBinding {
    /// Opaque id.
    pub id: String,
    /// The role's name.
    pub role: String,
    /// The role's id.
    pub role_id: String,
    /// Who has it, by name: `agent:planner`, `user:alice@example.com`, `group:crm`.
    pub subject: String,
    /// Who has it, by id: `agent:0192…`.
    pub subject_id: String,
    /// Whether a manifest made it.
    pub from_manifest: bool,
    /// Whether it was made of a role that an identity provider sent.
    pub from_scim: bool,
    /// For a group: whether it reaches those whom an identity provider puts into it.
    pub follow_scim: bool,
    /// Why it reaches nobody at present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<&'static str>,
    /// When it was made, RFC 3339.
    pub created_at: String,
}

/// What is said of a binding that nobody gets anything from.
const NOT_FOLLOWED: &str = "an identity provider keeps this group's members, and the binding does not follow them: \
                            bind with `follow_scim`";

impl ShownBinding {
    pub(super) fn of(state: &TenantState, binding: &RoleBinding) -> Self {
        let role = state.roles.get(&binding.role);
        Self {
            id: binding.id.clone(),
            role: role.map_or_else(|| binding.role.clone(), |role| role.name.clone()),
            role_id: binding.role.clone(),
            subject: state.label(&binding.subject),
            subject_id: binding.subject.to_string(),
            from_manifest: binding.from_manifest,
            from_scim: binding.from_scim,
            follow_scim: binding.follow_scim,
            warning: (!state.is_followed(binding)).then_some(NOT_FOLLOWED),
            created_at: rfc3339(binding.created_at),
        }
    }
}

/// The stored form of an entry: in the place of `before`, or new under `id`.
pub(crate) fn role_of(entry: &RoleEntry, id: &str, before: Option<&Role>, now: Instant) -> Role {
    let authority = entry.to_role();
    Role {
        id: id.to_owned(),
        name: authority.name,
        scopes: authority.scopes,
        tools: authority.tools,
        blocked_tools: authority.blocked_tools,
        limits: authority.limits,
        audience: authority.audience,
        ttl: authority.ttl_secs,
        max_depth: authority.max_depth,
        may_delegate: authority.may_delegate,
        from_manifest: before.is_some_and(|role| role.from_manifest),
        created_at: before.map_or(now, |role| role.created_at),
        updated_at: now,
    }
}
