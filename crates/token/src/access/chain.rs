//! The delegation chain: one hop per link, root first, the credential itself last.
//!
//! Invariant, checked when a token is sealed and again when it is verified: depth never exceeds the chain's
//! ceiling, the person acted for never changes, and the last hop is the credential itself.

use deputy_mandate::{Binding, MAX_DEPTH};
use serde::{Deserialize, Serialize};

use super::AccessClaims;

/// One link of a chain. The members are declared, and so written, in canonical order (RFC 8785).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hop {
    /// The registered agent's opaque id, with `/segment` for each unregistered delegate below it.
    pub agent: String,
    /// The hop's effective binding, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bind: Option<Binding>,
    /// Whether the agent is critical; sealed, so that a halt needs no look-up.
    #[serde(default, skip_serializing_if = "is_false")]
    pub crit: bool,
    /// The credential's id.
    pub id: String,
    /// Thumbprint of the holder's key (RFC 7638), when the credential is bound to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// Fingerprint of the agent's runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rt: Option<String>,
    /// Position in the tenant's event log of the state that the grant was computed from.
    pub seq: i64,
    /// The person acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Hop {
    /// The registered agent: the path's first segment.
    pub fn registered_agent(&self) -> &str {
        registered_agent(&self.agent)
    }
}

/// The registered agent of an agent's path: its first segment.
pub fn registered_agent(path: &str) -> &str {
    path.split_once('/').map_or(path, |(registered, _)| registered)
}

/// Why the claims do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A chain without hops.
    #[error("the chain is empty")]
    Empty,
    /// More delegations than the ceiling, or a ceiling above [`MAX_DEPTH`].
    #[error("the chain is deeper than {ceiling}")]
    Depth {
        /// The ceiling that was broken.
        ceiling: u8,
    },
    /// Two hops act for different persons.
    #[error("the person acted for changes along the chain")]
    Subject,
    /// `client_id`, `agent.id` and the last hop name different agents.
    #[error("the last hop is of another agent")]
    Agent,
    /// `cnf` and the last hop name different keys.
    #[error("the last hop is bound to another key")]
    Key,
    /// The mandate and the last hop are bound to different things.
    #[error("the last hop has another binding")]
    Binding,
    /// A hop has an empty id or agent, or a negative position.
    #[error("a hop is malformed")]
    Hop,
}

/// Checks that chain, claims and mandate agree; returns the last hop.
pub(crate) fn check(claims: &AccessClaims) -> Result<&Hop, ChainError> {
    let (last, parents) = claims.chain.split_last().ok_or(ChainError::Empty)?;
    let ceiling = claims.mandate.max_depth;
    if ceiling > MAX_DEPTH || parents.len() > usize::from(ceiling) {
        return Err(ChainError::Depth { ceiling: ceiling.min(MAX_DEPTH) });
    }
    for hop in &claims.chain {
        if hop.id.is_empty() || hop.registered_agent().is_empty() || hop.seq < 0 {
            return Err(ChainError::Hop);
        }
        if hop.sub != last.sub {
            return Err(ChainError::Subject);
        }
    }
    if last.registered_agent() != claims.agent.id || claims.client_id != claims.agent.id {
        return Err(ChainError::Agent);
    }
    if last.jkt.as_deref() != claims.cnf.as_ref().map(|cnf| cnf.jkt.as_str()) {
        return Err(ChainError::Key);
    }
    if last.bind.as_ref() != Some(&claims.mandate.binding).filter(|binding| !binding.is_empty()) {
        return Err(ChainError::Binding);
    }
    Ok(last)
}
