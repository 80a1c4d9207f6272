//! Names and URIs.
//!
//! Invariant: an agent's name is a path segment everywhere it appears (a SPIFFE ID, a delegate's name, a URL), so
//! its alphabet is narrow and fixed; other names are free text without anything invisible.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::words::quoted;

/// The longest agent name (mandates: `[a-z0-9][a-z0-9._-]{0,62}`).
const MAX_AGENT_NAME: usize = 63;
/// The longest name of a role, a tool, an argument or a limit.
const MAX_NAME: usize = 128;
/// The longest resource URI.
const MAX_URI: usize = 2048;

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Outside the alphabet of agent names.
    #[error("{} is no agent name: it has 1 to 63 characters of `a-z`, `0-9`, `.`, `_` and `-`, the first of them a letter or a digit", quoted(.0))]
    Agent(String),
    /// Empty, too long, or with invisible characters.
    #[error("{} is no role name: it has 1 to 128 characters, no `/`, no control characters and no space at its ends", quoted(.0))]
    Role(String),
    /// Empty, too long, or with blanks.
    #[error("{} is no tool name: it has 1 to 128 characters without blanks and control characters", quoted(.0))]
    Tool(String),
    /// Not an absolute URI, or with a fragment.
    #[error("{} is no resource URI: it is absolute, such as `https://crm.example.com/`, without blanks and without `#` (RFC 8707)", quoted(.0))]
    Uri(String),
    /// Empty, too long, or with control characters.
    #[error("{} is no name of an argument or a limit: it has 1 to 128 characters and no control characters", quoted(.0))]
    Member(String),
    /// Empty, too long, or with control characters.
    #[error("{} is no display name: it has 1 to 128 characters and no control characters", quoted(.0))]
    Display(String),
}

/// A checked text.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:ident, $error:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                if $check(&text) { Ok(Self(text)) } else { Err(NameError::$error(text)) }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = NameError;

            fn try_from(text: &str) -> Result<Self, NameError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text! {
    /// The name of a registered agent: `[a-z0-9][a-z0-9._-]{0,62}`, never reused. An agent's id has this form too.
    AgentName, is_agent_name, Agent
}
checked_text! {
    /// The name of a role: 1 to 128 printable characters.
    RoleName, is_role_name, Role
}
checked_text! {
    /// The name of a tool: 1 to 128 visible characters.
    ToolName, is_tool_name, Tool
}
checked_text! {
    /// The URI of a resource server (RFC 8707 section 2): absolute, without a fragment, compared byte for byte.
    ResourceUri, is_resource_uri, Uri
}
checked_text! {
    /// The name of a tool's argument or of a limit's dimension.
    MemberName, is_free_text, Member
}
checked_text! {
    /// What people see of an agent.
    DisplayName, is_free_text, Display
}

fn is_agent_name(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    text.len() <= MAX_AGENT_NAME
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.chars().all(inner)
}

fn is_role_name(text: &str) -> bool {
    is_free_text(text) && !text.contains('/') && text.trim() == text
}

fn is_tool_name(text: &str) -> bool {
    is_free_text(text) && !text.contains(char::is_whitespace)
}

fn is_free_text(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= MAX_NAME && !text.contains(char::is_control)
}

/// RFC 3986 section 4.3, without looking into the part behind the scheme.
fn is_resource_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_is_one = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    scheme_is_one
        && !rest.trim_start_matches('/').is_empty()
        && text.len() <= MAX_URI
        && text.chars().all(|c| {
            c.is_ascii_graphic() && !matches!(c, '#' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
        })
}

#[cfg(test)]
mod tests {
    use super::{AgentName, ResourceUri, RoleName, ToolName};

    #[test]
    fn agent_names_keep_to_their_alphabet() {
        for good in ["a", "crm-research-agent", "0.x_y-z", &"a".repeat(63)] {
            assert!(AgentName::try_from(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "-a", ".a", "_a", "a b", "a/b", "é", "a:b", &"a".repeat(64)] {
            assert!(AgentName::try_from(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_names_hold_nothing_invisible() {
        assert!(RoleName::try_from("CRM researcher").is_ok());
        assert!(ToolName::try_from("github/create_issue").is_ok());
        for bad in ["", " a", "a ", "a\nb", "a/b", &"x".repeat(129)] {
            assert!(RoleName::try_from(bad).is_err(), "{bad}");
        }
        for bad in ["", "a b", "a\u{0}"] {
            assert!(ToolName::try_from(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn resource_uris_are_absolute_and_have_no_fragment() {
        for good in
            ["https://crm.example.com/", "https://a/t/acme?x=1", "urn:example:crm", "http://localhost:8080"]
        {
            assert!(ResourceUri::try_from(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "crm.example.com",
            "/x",
            "https://a/#b",
            "https://a b",
            "https://",
            ":x",
            "1a:b",
            "https://é/",
        ] {
            assert!(ResourceUri::try_from(bad).is_err(), "{bad}");
        }
    }
}
