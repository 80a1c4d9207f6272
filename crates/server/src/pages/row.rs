//! The pieces that several pages show: badges, choices, and the rows of agents and events.

use super::when::When;

/// How a state feels; the word says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do.
    Calm,
    /// As it should be.
    Good,
    /// Look at it.
    Warn,
    /// Act on it.
    Bad,
}

impl Tone {
    /// The class in the style sheet.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A word on a coloured ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// The word.
    pub text: String,
    /// Its colour.
    pub tone: Tone,
}

impl Badge {
    /// A badge.
    #[must_use]
    pub fn new(text: &str, tone: Tone) -> Self {
        Self { text: text.to_owned(), tone }
    }

    /// The badge of an agent's state as the contract names it.
    #[must_use]
    pub fn of_state(state: &str) -> Self {
        let tone = match state {
            "active" => Tone::Good,
            "suspended" => Tone::Warn,
            "orphaned" => Tone::Bad,
            _ => Tone::Calm,
        };
        Self::new(state, tone)
    }

    /// The badge of a decision, `allow` or `deny`.
    #[must_use]
    pub fn of_decision(decision: &str) -> Self {
        Self::new(decision, if decision == "allow" { Tone::Good } else { Tone::Bad })
    }
}

/// A sentence above the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The sentence.
    pub text: String,
    /// Its colour.
    pub tone: Tone,
}

/// One of several values of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: &'static str,
    /// What people read.
    pub text: &'static str,
    /// What it does, where that needs saying.
    pub effect: &'static str,
    /// Whether it is the present one.
    pub chosen: bool,
}

/// Marks the present one of the values.
#[must_use]
pub fn choices(of: &[(&'static str, &'static str, &'static str)], chosen: &str) -> Vec<Choice> {
    of.iter().map(|&(value, text, effect)| Choice { value, text, effect, chosen: value == chosen }).collect()
}

/// An agent in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRow {
    /// The opaque id.
    pub id: String,
    /// The name.
    pub name: String,
    /// What people call it; may be empty.
    pub display_name: String,
    /// The state.
    pub state: Badge,
    /// The owners, separated by commas.
    pub owners: String,
    /// Issued, not expired, not revoked.
    pub live_tokens: u64,
    /// When the last token was issued.
    pub last_token: Option<When>,
}

/// An event in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// The position in the tenant's log.
    pub seq: u64,
    /// When.
    pub when: When,
    /// The action's name.
    pub action: String,
    /// Who did it; empty for nobody known.
    pub actor: String,
    /// The agent's name; empty if none is concerned.
    pub agent: String,
    /// The agent's id, for a link.
    pub agent_id: Option<String>,
    /// The decision, where the event is one.
    pub outcome: Option<Badge>,
    /// The first reason of a denial, or another short word.
    pub detail: String,
}

/// An agent without a live owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrphanRow {
    /// The agent's id.
    pub id: String,
    /// The agent's name.
    pub name: String,
    /// The agent's state.
    pub state: Badge,
    /// Why it is an orphan, in words.
    pub why: String,
    /// Since when.
    pub since: When,
    /// Until when it may still get tokens, where policy grants it grace.
    pub until: Option<When>,
    /// Whom policy proposes; may be empty.
    pub proposed: String,
    /// Whether it is proposed to the person who looks.
    pub may_accept: bool,
}
