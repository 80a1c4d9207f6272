//! `GET /t/{tenant}/revoke`: choose a target, see its reach, then revoke.
//!
//! Invariant: showing the reach changes nothing; only the form's POST does.

use askama::Template;

use super::chrome::Chrome;
use super::row::{Choice, choices};

/// What a revocation would end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The target in words, such as `Agent crm-research-agent and everything it delegated`.
    pub what: String,
    /// Live tokens.
    pub tokens: u64,
    /// Whether counting stopped there.
    pub at_least: bool,
    /// Agents that hold one.
    pub agents: u64,
    /// The names of the first few.
    pub names: Vec<String>,
    /// How many more there are.
    pub more: u64,
}

/// The two steps.
#[derive(Debug, Template)]
#[template(path = "revoke.html")]
pub struct RevokePage {
    /// The frame.
    pub chrome: Chrome,
    /// The kinds of target; see [`kinds`].
    pub kinds: Vec<Choice>,
    /// The id or name typed.
    pub target: String,
    /// The reach, once a target is chosen.
    pub reach: Option<Reach>,
    /// What was wrong with the target or the reason.
    pub problem: Option<String>,
}

impl RevokePage {
    fn kind(&self) -> &'static str {
        self.kinds.iter().find(|kind| kind.chosen).map_or("agent", |kind| kind.value)
    }

    #[expect(clippy::unused_self, reason = "askama calls methods of the page")]
    fn tokens(&self, reach: &Reach) -> (String, &'static str) {
        let number = if reach.at_least { format!("{}+", reach.tokens) } else { reach.tokens.to_string() };
        (number, if reach.tokens == 1 { "live token ends" } else { "live tokens end" })
    }

    #[expect(clippy::unused_self, reason = "askama calls methods of the page")]
    fn agents(&self, reach: &Reach) -> (u64, &'static str) {
        (reach.agents, if reach.agents == 1 { "agent is reached" } else { "agents are reached" })
    }
}

/// The kinds of target.
#[must_use]
pub fn kinds(chosen: &str) -> Vec<Choice> {
    let of = [
        ("agent", "Agent: all its tokens and what it delegated", ""),
        ("credential", "Credential: one token and everything below it", ""),
        ("owner", "Owner: all agents of a person or a group", ""),
        ("subject", "Subject: everything done on a person's behalf", ""),
        ("name_prefix", "Name prefix: the workers below a path, such as planner/analyzer", ""),
        ("tenant", "Tenant: every live token", ""),
    ];
    let known = of.iter().any(|(value, ..)| *value == chosen);
    choices(&of, if known { chosen } else { "agent" })
}
