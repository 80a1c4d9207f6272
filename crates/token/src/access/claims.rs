//! What an access token says, as values.

use deputy_mandate::{Instant, Mandate};
use serde::{Deserialize, Serialize};

use super::Hop;

/// The claims of an access token. `Serialize` writes them as they stand in the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// The issuer, `{public_url}/t/{tenant}`.
    pub iss: String,
    /// `user:{scim id}` on a person's behalf, else the root agent's SPIFFE ID; constant along a chain.
    pub sub: String,
    /// When it was issued; sealed in whole seconds, rounded down.
    pub iat: Instant,
    /// The client that it was issued to: the nearest registered agent's opaque id.
    pub client_id: String,
    /// The agent that holds it.
    pub agent: AgentClaim,
    /// The chain, root first, itself last.
    pub chain: Vec<Hop>,
    /// The authority.
    pub mandate: Mandate,
    /// Who acts, when it is not the subject alone (RFC 8693 section 4.1).
    pub act: Option<Act>,
    /// Who may exchange it besides its own client (RFC 8693 section 4.4).
    pub may_act: Option<MayAct>,
    /// The key that its holder must prove (RFC 7800).
    pub cnf: Option<Cnf>,
}

impl AccessClaims {
    /// The credential's id: the last hop's. Empty only for an empty chain, which is never sealed.
    pub fn jti(&self) -> &str {
        self.chain.last().map_or("", |hop| hop.id.as_str())
    }

    /// Number of delegations: hops − 1.
    pub fn del_depth(&self) -> usize {
        self.chain.len().saturating_sub(1)
    }

    /// First instant at which it is no longer valid, in whole seconds.
    pub fn expires_at(&self) -> Instant {
        Instant::from_secs(self.mandate.expires_at.as_secs_floor())
    }
}

/// The agent that holds a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentClaim {
    /// Opaque id of the nearest registered agent.
    pub id: String,
    /// Effective name: the registered name, with `/segment` for each unregistered delegate.
    pub name: String,
    /// Who answers for it: `user:{id}`, `group:{id}`.
    pub owners: Vec<String>,
    /// SPIFFE ID.
    pub spiffe_id: String,
}

/// The actor (RFC 8693 section 4.1), with those before it inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// The actor before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Act>>,
    /// The actor's SPIFFE ID.
    pub sub: String,
}

/// Who else may present the token in an exchange (RFC 8693 section 4.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MayAct {
    /// The clients, by opaque id.
    pub client_ids: Vec<String>,
}

/// The confirmation key (RFC 7800, RFC 9449 section 6.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cnf {
    /// RFC 7638 thumbprint.
    pub jkt: String,
}
