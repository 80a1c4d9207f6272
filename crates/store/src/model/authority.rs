//! Roles, their bindings, the tool catalogue and resource servers.

use std::collections::{BTreeMap, BTreeSet};

use deputy_mandate::{Constraint, Instant, Scope, ToolMap};
use serde::{Deserialize, Serialize};

use super::Principal;
use crate::{Kind, Record};

/// A named ceiling of authority.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Opaque id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Scopes that it gives.
    #[serde(default)]
    pub scopes: BTreeSet<Scope>,
    /// Tools that it gives, each with its constraints.
    #[serde(default)]
    pub tools: ToolMap,
    /// Tools that it denies whatever else gives them.
    #[serde(default)]
    pub blocked_tools: BTreeSet<String>,
    /// Constraints across tools.
    #[serde(default)]
    pub limits: BTreeMap<String, Constraint>,
    /// Audiences that it covers; absent: the default audience only; empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<BTreeSet<String>>,
    /// Longest life of a token, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// Most hops below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u8>,
    /// Whether its holder may hand authority on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_delegate: Option<bool>,
    /// Whether a manifest made it.
    #[serde(default)]
    pub from_manifest: bool,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Record for Role {
    const KIND: Kind = Kind::Role;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

/// A role's assignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleBinding {
    /// Opaque id.
    pub id: String,
    /// The role, by id.
    pub role: String,
    /// Whom it is given to.
    pub subject: Principal,
    /// Whether a manifest made it.
    #[serde(default)]
    pub from_manifest: bool,
    /// Whether it was made of a role that an identity provider sent.
    #[serde(default)]
    pub from_scim: bool,
    /// For a group: whether it reaches those whom an identity provider puts into it.
    #[serde(default)]
    pub follow_scim: bool,
    /// When it was made.
    pub created_at: Instant,
}

impl Record for RoleBinding {
    const KIND: Kind = Kind::RoleBinding;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        format!("{}|{}", self.role, self.subject)
    }

    fn links(&self) -> Vec<String> {
        vec![format!("role:{}", self.role), self.subject.to_string()]
    }
}

/// A tool of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Opaque id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The arguments that it knows.
    pub args: BTreeSet<String>,
    /// What it does, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a manifest made it.
    #[serde(default)]
    pub from_manifest: bool,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Record for Tool {
    const KIND: Kind = Kind::Tool;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

/// What a resource server asks of every token for it; what is absent does not constrain.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ResourcePolicy {
    /// The only scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<BTreeSet<Scope>>,
    /// The only tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<ToolMap>,
    /// Tools that are denied.
    #[serde(default)]
    pub blocked_tools: BTreeSet<String>,
    /// Constraints across tools.
    #[serde(default)]
    pub limits: BTreeMap<String, Constraint>,
    /// Longest life of a token, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// Most hops below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u8>,
    /// Whether holders may hand authority on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_delegate: Option<bool>,
}

/// A resource server. Its policy states only what it names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Opaque id.
    pub id: String,
    /// Its URI, the audience of tokens for it.
    pub uri: String,
    /// What it asks of every token for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<ResourcePolicy>,
    /// Whether a manifest made it.
    #[serde(default)]
    pub from_manifest: bool,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Record for Resource {
    const KIND: Kind = Kind::Resource;

    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> String {
        self.uri.clone()
    }
}
