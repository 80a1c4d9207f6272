//! Why a setting cannot be used, in one line.
//!
//! Invariant: the value of a secret setting is never in the line.

/// A setting and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting `{name}` (--{}, DEPUTY_{}): {problem}", name.replace('_', "-"), name.to_uppercase())]
pub struct SettingError {
    name: String,
    problem: String,
}

impl SettingError {
    /// The setting by its key in the configuration file.
    #[must_use]
    pub fn of(name: &str, problem: impl Into<String>) -> Self {
        Self { name: name.to_owned(), problem: problem.into() }
    }

    /// The setting's key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
