//! What a verb prints: JSON as the server sent it, or text for people.
//!
//! Invariant: text from a server cannot move the cursor or change the terminal.

use std::io::{self, Write as _};

use clap::ValueEnum;
use serde_json::Value;

use super::Failure;

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs: the server's own members.
    Json,
}

/// Prints one line to stdout.
///
/// # Errors
/// If stdout is closed.
pub fn line(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| Failure::io("stdout", error))
}

/// Prints JSON, indented.
///
/// # Errors
/// If stdout is closed.
pub fn json(value: &Value) -> Result<(), Failure> {
    line(&format!("{value:#}"))
}

/// Prints rows under headings, each column as wide as its widest cell.
///
/// # Errors
/// If stdout is closed.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> Result<(), Failure> {
    let cell = |row: &[String], at: usize| row.get(at).map(|text| visible(text)).unwrap_or_default();
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(at, heading)| {
            rows.iter().map(|row| cell(row, at).chars().count()).max().unwrap_or_default().max(heading.len())
        })
        .collect();
    let print = |row: &[String]| {
        let padded: Vec<String> =
            widths.iter().enumerate().map(|(at, width)| format!("{:width$}", cell(row, at))).collect();
        line(padded.join("  ").trim_end())
    };
    print(&headings.iter().map(|heading| heading.to_uppercase()).collect::<Vec<_>>())?;
    rows.iter().try_for_each(|row| print(row))
}

/// Prints names and values.
///
/// # Errors
/// If stdout is closed.
pub fn facts(facts: &[(&str, String)]) -> Result<(), Failure> {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    facts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .try_for_each(|(name, value)| line(&format!("{name:width$}  {}", visible(value))))
}

/// A member as text: strings bare, lists with commas, absence empty.
#[must_use]
pub fn member(value: &Value, name: &str) -> String {
    value.get(name).map(text).unwrap_or_default()
}

/// A value as text.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The text without control characters.
#[must_use]
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{member, visible};

    #[test]
    fn members_are_plain_and_harmless() {
        let agent = json!({"name": "a", "owners": ["user:x", "group:y"], "depth": 3, "parent": null});
        assert_eq!(member(&agent, "owners"), "user:x, group:y");
        assert_eq!(member(&agent, "depth"), "3");
        assert_eq!(member(&agent, "parent"), "");
        assert_eq!(visible("a\u{1b}[31m\nb"), "a\u{fffd}[31m\u{fffd}b");
    }
}
