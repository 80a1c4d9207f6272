//! The ceiling as a table: a row for each scope, tool and term, a column for each leg, and the outcome.

/// Whether a leg lets something through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It names it, and allows it.
    Allows,
    /// It constrains, and leaves it out.
    Refuses,
    /// It says nothing about it.
    Silent,
    /// It bounds it, as the note says.
    Bounds,
}

impl Mark {
    /// The class in the style sheet.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allows => "allows",
            Self::Refuses => "refuses",
            Self::Silent => "silent",
            Self::Bounds => "bounds",
        }
    }

    /// The word beside the sign, so that colour and shape are not needed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Allows => "yes",
            Self::Refuses => "no",
            Self::Silent => "any",
            Self::Bounds => "",
        }
    }
}

/// One leg's say about one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its answer.
    pub mark: Mark,
    /// Its conditions, such as `amount ≤ 500`; may be empty.
    pub note: String,
}

/// A scope, a tool or a term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub what: String,
    /// One cell for each leg, and one more for the outcome.
    pub cells: Vec<Cell>,
}

/// Rows of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The kind: `Scopes`, `Tools`, `Terms`.
    pub title: &'static str,
    /// The rows.
    pub rows: Vec<Row>,
}

/// The whole table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ceiling {
    /// The legs' names, in order.
    pub legs: Vec<String>,
    /// The groups; none means that the agent may do nothing.
    pub groups: Vec<Group>,
}
