//! References to principals: `agent:`, `user:` or `group:`, followed by an id or a name.
//!
//! Invariant: a reference says its kind; nothing is guessed from the form of a name.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::AgentName;
use crate::words::quoted;

/// The longest id or name in a reference.
const MAX_REFERENCE: usize = 256;

/// What kind of principal is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// A software principal.
    Agent,
    /// A person.
    User,
    /// A team.
    Group,
}

impl PrincipalKind {
    /// The word before the colon.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::User => "user",
            Self::Group => "group",
        }
    }
}

/// A principal by kind and by id or name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    kind: PrincipalKind,
    target: String,
}

/// Why a text is no reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// No kind in front.
    #[error("{} does not say what it refers to: write `user:…`, `group:…` or `agent:…`", quoted(.0))]
    NoKind(String),
    /// A kind that there is not.
    #[error("{} refers to an unknown kind: write `user:…`, `group:…` or `agent:…`", quoted(.0))]
    UnknownKind(String),
    /// Nothing, too much, or something invisible behind the kind.
    #[error("{} names nobody: an id or a name of 1 to 256 characters follows the `:`", quoted(.0))]
    Target(String),
    /// An agent outside the alphabet of agent names.
    #[error("{} cannot be an agent: agent names have 1 to 63 characters of `a-z`, `0-9`, `.`, `_` and `-`", quoted(.0))]
    Agent(String),
    /// A kind that has no place here.
    #[error("{given} cannot stand here: only {allowed} can")]
    WrongKind {
        /// What was written, quoted.
        given: String,
        /// The kinds that may stand here.
        allowed: &'static str,
    },
}

impl Reference {
    /// A reference by its parts.
    ///
    /// # Errors
    /// [`ReferenceError`] when the target has no form that a principal can have.
    pub fn new(kind: PrincipalKind, target: &str) -> Result<Self, ReferenceError> {
        let written = || format!("{}:{target}", kind.as_str());
        let clean = !target.contains(char::is_control) && target.trim() == target;
        if target.is_empty() || target.chars().count() > MAX_REFERENCE || !clean {
            return Err(ReferenceError::Target(written()));
        }
        if kind == PrincipalKind::Agent && AgentName::try_from(target).is_err() {
            return Err(ReferenceError::Agent(written()));
        }
        Ok(Self { kind, target: target.to_owned() })
    }

    /// What kind of principal it is.
    #[must_use]
    pub const fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// The id or the name.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The reference, when it is to one who can own an agent.
    ///
    /// # Errors
    /// [`ReferenceError::WrongKind`] for an agent.
    pub fn into_owner(self) -> Result<Self, ReferenceError> {
        match self.kind {
            PrincipalKind::User | PrincipalKind::Group => Ok(self),
            PrincipalKind::Agent => Err(ReferenceError::WrongKind {
                given: quoted(&self.to_string()),
                allowed: "`user:…` and `group:…`",
            }),
        }
    }
}

impl TryFrom<&str> for Reference {
    type Error = ReferenceError;

    fn try_from(text: &str) -> Result<Self, ReferenceError> {
        let Some((kind, target)) = text.split_once(':') else {
            return Err(ReferenceError::NoKind(text.to_owned()));
        };
        let kind = match kind {
            "agent" => PrincipalKind::Agent,
            "user" => PrincipalKind::User,
            "group" => PrincipalKind::Group,
            _ => return Err(ReferenceError::UnknownKind(text.to_owned())),
        };
        Self::new(kind, target)
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        Self::try_from(text.as_str())
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.as_str(), self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::{PrincipalKind, Reference, ReferenceError};

    #[test]
    fn the_three_kinds() {
        for (text, kind, target) in [
            ("user:alice@example.com", PrincipalKind::User, "alice@example.com"),
            ("group:CRM team", PrincipalKind::Group, "CRM team"),
            ("agent:planner", PrincipalKind::Agent, "planner"),
            ("user:urn:x:1", PrincipalKind::User, "urn:x:1"),
        ] {
            let reference = Reference::try_from(text).unwrap();
            assert_eq!((reference.kind(), reference.target()), (kind, target));
            assert_eq!(reference.to_string(), text);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        assert!(matches!(Reference::try_from("alice@example.com"), Err(ReferenceError::NoKind(_))));
        assert!(matches!(Reference::try_from("team:crm"), Err(ReferenceError::UnknownKind(_))));
        for text in ["user:", "user: a", "group:a\nb", "group:a "] {
            assert!(matches!(Reference::try_from(text), Err(ReferenceError::Target(_))), "{text}");
        }
        assert!(matches!(Reference::try_from("agent:Planner"), Err(ReferenceError::Agent(_))));
        assert!(Reference::try_from("agent:planner").unwrap().into_owner().is_err());
        assert!(Reference::try_from("group:crm").unwrap().into_owner().is_ok());
    }
}
