//! `GET /t/{tenant}/halt`: the kill switch.

use askama::Template;

use super::chrome::Chrome;
use super::row::{Badge, Choice, Tone, choices};
use super::when::When;

/// A lowering that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: String,
    /// Who asked.
    pub by: String,
    /// The level asked for.
    pub level: String,
    /// Why.
    pub reason: String,
}

/// The switch.
#[derive(Debug, Template)]
#[template(path = "halt.html")]
pub struct HaltPage {
    /// The frame.
    pub chrome: Chrome,
    /// The level in force; see [`badge`].
    pub level: Badge,
    /// Since when.
    pub since: Option<When>,
    /// Who set it; may be empty.
    pub by: String,
    /// Why; may be empty.
    pub reason: String,
    /// A lowering that waits.
    pub approval: Option<Approval>,
    /// The levels; see [`levels`].
    pub choices: Vec<Choice>,
    /// What was wrong with the last attempt.
    pub problem: Option<String>,
}

/// The levels, from none to all.
#[must_use]
pub fn levels(current: &str) -> Vec<Choice> {
    let of = [
        ("none", "None", "Everything works."),
        (
            "noncritical",
            "Noncritical",
            "Only agents marked critical get tokens, and only their chains stay valid.",
        ),
        ("all", "All", "No agent gets a token, and no token is valid. Lifting it revives those not expired."),
        (
            "emergency",
            "Emergency",
            "As All, and every live token is revoked for good. A second person must confirm the lifting.",
        ),
    ];
    choices(&of, current)
}

/// The badge of a level.
#[must_use]
pub fn badge(level: &str) -> Badge {
    let tone = match level {
        "none" => Tone::Good,
        "noncritical" => Tone::Warn,
        _ => Tone::Bad,
    };
    Badge::new(level, tone)
}
