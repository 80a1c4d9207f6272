//! What is wrong with a manifest, said once per place.
//!
//! Invariant: a problem always names a line and a column of the file, both counted from 1, and its message is
//! one plain sentence without any secret.

use std::fmt;

use serde::Serialize;

/// How many problems are kept; a hostile file can hold millions, and nobody reads more than this.
pub const MAX_PROBLEMS: usize = 1_000;

/// A place in the file: line and column, both counted from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Position {
    /// The first character of the file.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// One thing that is wrong, where it is, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The member it is about, for example `agents[3].owners[0]`; empty for the file as a whole.
    pub path: String,
    /// One sentence for a person.
    pub message: String,
}

impl Problem {
    /// A problem at a place.
    #[must_use]
    pub fn new(at: Position, path: impl Into<String>, message: impl Into<String>) -> Self {
        let message: String = message.into();
        // What another crate says may repeat a character of the file.
        let message = if message.contains(char::is_control) {
            message.replace(char::is_control, "\u{fffd}")
        } else {
            message
        };
        Self { line: at.line, column: at.column, path: path.into(), message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// Everything that is wrong with one file, in the order of the file. Never empty when it is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, thiserror::Error)]
pub struct Problems {
    items: Vec<Problem>,
    /// How many more there were than [`MAX_PROBLEMS`].
    omitted: usize,
}

impl Problems {
    /// Notes one more problem.
    pub fn push(&mut self, problem: Problem) {
        if self.is_full() {
            self.omit();
        } else {
            self.items.push(problem);
        }
    }

    /// Whether no more problems are kept, so that there is no use in wording another.
    pub(crate) fn is_full(&self) -> bool {
        self.items.len() >= MAX_PROBLEMS
    }

    /// Counts a problem that is not kept.
    pub(crate) fn omit(&mut self) {
        self.omitted += 1;
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The problems that are kept, at most [`MAX_PROBLEMS`].
    #[must_use]
    pub fn items(&self) -> &[Problem] {
        &self.items
    }

    /// How many problems were counted but not kept.
    #[must_use]
    pub const fn omitted(&self) -> usize {
        self.omitted
    }

    /// `Ok(value)` when nothing is wrong, else the problems in the order of the file.
    ///
    /// # Errors
    /// The problems themselves.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self.in_order()) }
    }

    /// The problems in the order of the file.
    pub(crate) fn in_order(mut self) -> Self {
        self.items.sort();
        self
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self { items: vec![problem], omitted: 0 }
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.items.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        if self.omitted > 0 {
            write!(f, "\nand {} more", self.omitted)?;
        }
        Ok(())
    }
}
