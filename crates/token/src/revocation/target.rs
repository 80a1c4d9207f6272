//! What a revocation names.

use serde::{Deserialize, Serialize};

/// What a revocation kills. In JSON an object with one member: `{"agent": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// One credential and everything below it, by the id of its hop; always kills.
    Credential(String),
    /// A registered agent, by its opaque id, and what was delegated through it.
    Agent(String),
    /// The person acted for, by SCIM id.
    Subject(String),
    /// A holder's key, by JWK thumbprint; always kills, and is kept for ever.
    Key(String),
    /// An agent path `{opaque id}/{segment}/…` and every path below it, by whole segments.
    NamePrefix(String),
    /// A finished task, contract or session.
    Binding(BindingTarget),
    /// Everything that the tenant has issued; in JSON `{"tenant": true}`.
    Tenant(Everything),
}

/// One member of a binding.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BindingTarget {
    /// Hops bound to this task.
    Task(String),
    /// Hops bound to this contract.
    Contract(String),
    /// Hops bound to this session.
    Session(String),
}

/// The `true` of `{"tenant": true}`; there is no other value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "bool", try_from = "bool")]
pub struct Everything;

impl From<Everything> for bool {
    fn from(_: Everything) -> Self {
        true
    }
}

impl TryFrom<bool> for Everything {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("the target `tenant` takes only `true`") }
    }
}

/// The kind of a target, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// See [`Target::Credential`].
    Credential,
    /// See [`Target::Agent`].
    Agent,
    /// See [`Target::Subject`].
    Subject,
    /// See [`Target::Key`].
    Key,
    /// See [`Target::NamePrefix`].
    NamePrefix,
    /// See [`Target::Binding`].
    Binding,
    /// See [`Target::Tenant`].
    Tenant,
}

impl TargetKind {
    /// The name in the API and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Agent => "agent",
            Self::Subject => "subject",
            Self::Key => "key",
            Self::NamePrefix => "name_prefix",
            Self::Binding => "binding",
            Self::Tenant => "tenant",
        }
    }
}

/// Why a target is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The value is empty, longer than 1,024 bytes, or has a control character.
    #[error("the target `{}` is empty, too long, or has a control character", .0.as_str())]
    Value(TargetKind),
    /// A segment of the prefix is empty: `/x`, `x/`, `x//y`.
    #[error("the target `name_prefix` has an empty segment")]
    EmptySegment,
}

impl Target {
    /// The whole tenant.
    pub const TENANT: Self = Self::Tenant(Everything);

    /// Its kind.
    pub const fn kind(&self) -> TargetKind {
        match self {
            Self::Credential(_) => TargetKind::Credential,
            Self::Agent(_) => TargetKind::Agent,
            Self::Subject(_) => TargetKind::Subject,
            Self::Key(_) => TargetKind::Key,
            Self::NamePrefix(_) => TargetKind::NamePrefix,
            Self::Binding(_) => TargetKind::Binding,
            Self::Tenant(_) => TargetKind::Tenant,
        }
    }

    /// The value, where there is one.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Credential(value)
            | Self::Agent(value)
            | Self::Subject(value)
            | Self::Key(value)
            | Self::NamePrefix(value)
            | Self::Binding(
                BindingTarget::Task(value) | BindingTarget::Contract(value) | BindingTarget::Session(value),
            ) => Some(value),
            Self::Tenant(_) => None,
        }
    }

    /// Checks what the type does not say. Nothing is trimmed: an empty prefix would reach everybody, one with
    /// an empty segment nobody.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn check(&self) -> Result<(), TargetError> {
        let Some(value) = self.value() else { return Ok(()) };
        if value.is_empty() || value.len() > 1024 || value.chars().any(char::is_control) {
            return Err(TargetError::Value(self.kind()));
        }
        if matches!(self, Self::NamePrefix(_)) && value.split('/').any(str::is_empty) {
            return Err(TargetError::EmptySegment);
        }
        Ok(())
    }
}
