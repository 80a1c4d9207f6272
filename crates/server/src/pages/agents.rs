//! `GET /t/{tenant}/agents`: the list, searched by name, owner and state, a page at a time.

use askama::Template;

use super::chrome::Chrome;
use super::row::{AgentRow, Choice, choices};

/// The agents.
#[derive(Debug, Template)]
#[template(path = "agents.html")]
pub struct AgentsPage {
    /// The frame.
    pub chrome: Chrome,
    /// What names begin with.
    pub query: String,
    /// The owner looked for.
    pub owner: String,
    /// The states to choose from; see [`states`].
    pub states: Vec<Choice>,
    /// This page of the list.
    pub rows: Vec<AgentRow>,
    /// The first page, unless this is it.
    pub first: Option<String>,
    /// The next page, if there is one.
    pub next: Option<String>,
}

impl AgentsPage {
    fn is_searching(&self) -> bool {
        let any_state = self.states.iter().any(|choice| choice.chosen && !choice.value.is_empty());
        any_state || !self.query.is_empty() || !self.owner.is_empty()
    }

    fn shown(&self) -> String {
        match (self.rows.len(), &self.next) {
            (1, None) => "1 agent".to_owned(),
            (count, None) => format!("{count} agents"),
            (count, Some(_)) => format!("{count} agents on this page"),
        }
    }
}

/// The states of the search form.
#[must_use]
pub fn states(chosen: &str) -> Vec<Choice> {
    let of = [
        ("", "Any state", ""),
        ("active", "Active", ""),
        ("suspended", "Suspended", ""),
        ("orphaned", "Orphaned", ""),
        ("decommissioned", "Decommissioned", ""),
    ];
    choices(&of, chosen)
}
