//! `GET /t/{tenant}/agents/{id}`: one agent, its ceiling, its live tokens, its credentials.

use askama::Template;

use super::ceiling::Ceiling;
use super::chrome::Chrome;
use super::row::{Badge, Notice};
use super::when::When;

/// A name and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The name.
    pub name: &'static str,
    /// The value.
    pub value: String,
}

/// A live token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Its id, never the token.
    pub id: String,
    /// On whose behalf; empty for the agent's own.
    pub subject: String,
    /// Its scopes, separated by spaces.
    pub scopes: String,
    /// How far from the root.
    pub depth: u8,
    /// When it ends by itself.
    pub expires: When,
}

/// A way to prove the agent's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRow {
    /// `secret`, `public_key` or `federated`.
    pub kind: &'static str,
    /// What tells it from others: a prefix, a thumbprint, an issuer.
    pub detail: String,
    /// When it was made.
    pub created: When,
    /// When it ends by itself.
    pub expires: Option<When>,
}

/// One agent.
#[derive(Debug, Template)]
#[template(path = "agent.html")]
pub struct AgentPage {
    /// The frame.
    pub chrome: Chrome,
    /// The opaque id, which is the OAuth client id.
    pub id: String,
    /// The name.
    pub name: String,
    /// What people call it; may be empty.
    pub display_name: String,
    /// The state.
    pub state: Badge,
    /// Why it is not active, or why it gets no token.
    pub why: Option<Notice>,
    /// Whether it outlives the halt level `noncritical`.
    pub critical: bool,
    /// Whether suspending is possible now.
    pub may_suspend: bool,
    /// Whether reactivating is possible now.
    pub may_reactivate: bool,
    /// The SPIFFE ID.
    pub spiffe_id: String,
    /// The owners' references.
    pub owners: Vec<String>,
    /// The bound roles' names.
    pub roles: Vec<String>,
    /// The parent's name.
    pub parent: Option<String>,
    /// When it was made.
    pub created: When,
    /// Model, tools, configuration and fingerprint; empty without a runtime.
    pub runtime: Vec<Fact>,
    /// The ceiling.
    pub ceiling: Ceiling,
    /// Live tokens, newest first, as many as are shown.
    pub tokens: Vec<TokenRow>,
    /// All live tokens.
    pub tokens_total: u64,
    /// Credentials.
    pub credentials: Vec<CredentialRow>,
}

impl AgentPage {
    fn tokens_shown(&self) -> String {
        let shown = u64::try_from(self.tokens.len()).unwrap_or(u64::MAX);
        match self.tokens_total {
            0 => String::new(),
            total if total > shown => format!("{shown} of {total}"),
            total => total.to_string(),
        }
    }
}
