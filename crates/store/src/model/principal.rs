//! Who can own, be bound to a role, or be acted for: an agent, a user or a group, by opaque id.

use std::{fmt, str::FromStr};

/// A principal, written `agent:{id}`, `user:{id}` or `group:{id}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// An agent.
    Agent(String),
    /// A person.
    User(String),
    /// A team.
    Group(String),
}

/// A text that names no principal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `agent:`, `user:` or `group:` and an id, got `{0}`")]
pub struct PrincipalError(pub String);

impl Principal {
    /// The opaque id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Agent(id) | Self::User(id) | Self::Group(id) => id,
        }
    }

    /// `agent`, `user` or `group`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Agent(_) => "agent",
            Self::User(_) => "user",
            Self::Group(_) => "group",
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.id())
    }
}

impl FromStr for Principal {
    type Err = PrincipalError;

    fn from_str(text: &str) -> Result<Self, PrincipalError> {
        let wrong = || PrincipalError(text.to_owned());
        let (kind, id) = text.split_once(':').ok_or_else(wrong)?;
        if id.is_empty() {
            return Err(wrong());
        }
        match kind {
            "agent" => Ok(Self::Agent(id.to_owned())),
            "user" => Ok(Self::User(id.to_owned())),
            "group" => Ok(Self::Group(id.to_owned())),
            _ => Err(wrong()),
        }
    }
}

impl serde::Serialize for Principal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Principal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
