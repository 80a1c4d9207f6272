//! The kill switch of a tenant, with its four levels.

use serde::{Deserialize, Serialize};

use crate::access::Hop;

/// How far a tenant is halted. Ordered: a higher level lets less through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Halt {
    /// Nothing is halted.
    #[default]
    None,
    /// A chain lives only if every hop's agent is critical.
    Noncritical,
    /// Nothing is issued or used.
    All,
    /// As `All`; and the tenant was revoked when it was set, so that lifting it revives nothing.
    Emergency,
}

impl Halt {
    /// Every level, the mildest first.
    pub const LEVELS: [Self; 4] = [Self::None, Self::Noncritical, Self::All, Self::Emergency];

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Noncritical => "noncritical",
            Self::All => "all",
            Self::Emergency => "emergency",
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::LEVELS.into_iter().find(|level| level.as_str() == name)
    }

    /// Whether a credential with this chain may be used. An empty chain passes only `None`.
    pub fn permits(self, chain: &[Hop]) -> bool {
        match self {
            Self::None => true,
            Self::Noncritical => !chain.is_empty() && chain.iter().all(|hop| hop.crit),
            Self::All | Self::Emergency => false,
        }
    }

    /// Whether a credential may be issued whose new hop's agent is critical, or not, below `parents`.
    pub fn permits_issue(self, critical: bool, parents: &[Hop]) -> bool {
        match self {
            Self::None => true,
            Self::Noncritical => critical && parents.iter().all(|hop| hop.crit),
            Self::All | Self::Emergency => false,
        }
    }
}
