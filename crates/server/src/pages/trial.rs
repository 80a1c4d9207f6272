//! What came of trying an identity provider or a trusted issuer, step by step.

use super::row::{Badge, Tone};

/// A step, with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was tried.
    pub name: String,
    /// How it went; see [`outcome`].
    pub outcome: Badge,
    /// What was found, or what is wrong and what to do about it.
    pub detail: String,
}

/// Something that a pasted token says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What.
    pub name: String,
    /// The values; none is worth saying too.
    pub values: Vec<String>,
}

/// A trial.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trial {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Whom a pasted token stands for; empty without one, and when it stands for nobody.
    pub person: Vec<Said>,
}

/// The badge of an outcome as the engine names it.
#[must_use]
pub fn outcome(status: &str) -> Badge {
    let tone = match status {
        "ok" => Tone::Good,
        "warning" => Tone::Warn,
        _ => Tone::Bad,
    };
    Badge::new(status, tone)
}
