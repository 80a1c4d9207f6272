//! What a grant says beside the mandate: what was removed and by which leg, warnings, and refusals.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::leg::{Leg, LegName};
use crate::mandate::BoundError;
use crate::scope::Scope;

/// Something that was asked for and is not in the grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// `scope:…` or `tool:…`.
    pub what: String,
    /// The first leg that lacks it.
    pub by: LegName,
}

impl Removed {
    pub(super) fn scope(scope: &Scope, by: LegName) -> Self {
        Self { what: format!("scope:{scope}"), by }
    }

    pub(super) fn tool(tool: &str, by: LegName) -> Self {
        Self { what: format!("tool:{tool}"), by }
    }
}

/// What the holder should know of a grant; it serializes as its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The tool is not catalogued and takes any arguments, so a call may simply not name a limited dimension.
    LimitsAdvisory {
        /// The tool.
        tool: String,
    },
    /// The tool must carry an argument that the catalogue does not know, so every call is denied.
    NeverCallable {
        /// The tool.
        tool: String,
        /// The argument.
        argument: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LimitsAdvisory { tool } => {
                write!(
                    f,
                    "limits are advisory for `{tool}`: it is not in the tool catalogue and takes any arguments"
                )
            }
            Self::NeverCallable { tool, argument } => {
                write!(f, "`{tool}` cannot be called: its argument `{argument}` is not in the tool catalogue")
            }
        }
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why nothing is granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefusal {
    /// Neither scopes nor details were named (`invalid_scope`).
    #[error("name `scope` or `authorization_details`; at most: {ceiling}")]
    NothingRequested {
        /// The ceiling in words.
        ceiling: String,
    },
    /// Nothing that was asked for is left (`invalid_scope`).
    #[error("nothing that was asked for can be granted{}", because(.removed))]
    NothingGranted {
        /// What was asked for, and which leg removed it.
        removed: Vec<Removed>,
    },
    /// The legs are bound to different things (`invalid_authorization_details`).
    #[error("the requested binding contradicts an existing one")]
    Bottom,
    /// No leg covers the audience (`invalid_target`).
    #[error("no audience is left")]
    NoAudience,
    /// No lifetime is left (`invalid_request`, or `invalid_grant` under a parent).
    #[error("no lifetime is left")]
    Expired,
    /// The result breaks a bound (`invalid_authorization_details`).
    #[error("the grant is too large: {0}")]
    Bound(#[from] BoundError),
}

fn because(removed: &[Removed]) -> String {
    let mut text = String::new();
    for Removed { what, by } in removed {
        text.push_str(if text.is_empty() { ": " } else { ", " });
        text.push_str(&format!("`{what}` is not in {}", by.as_str()));
    }
    text
}

/// The ceiling in words, for the description of `invalid_scope`.
pub(super) fn describe(ceiling: Option<&Leg>) -> String {
    let scopes = ceiling.and_then(|leg| leg.scopes.as_ref()).filter(|scopes| !scopes.is_empty());
    let tools = ceiling.and_then(|leg| leg.tools.as_ref()).filter(|tools| !tools.is_empty());
    let mut words = Vec::new();
    if let Some(scopes) = scopes {
        words.push(format!("scope `{}`", Scope::write_list(scopes)));
    }
    if let Some(tools) = tools {
        words.push(format!("tools `{}`", tools.keys().map(String::as_str).collect::<Vec<_>>().join(" ")));
    }
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}
