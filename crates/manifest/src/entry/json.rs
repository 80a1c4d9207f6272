//! Free values: a runtime's configuration, a key, the claims of a workload.
//!
//! Invariant: a value that YAML readers could take for two different things is refused, because a runtime's
//! fingerprint is made from it; numbers keep their exact decimal.

use deputy_mandate::{MAX_NESTING, Number, NumberError, Value};
use serde::{Deserialize, Deserializer, de};

use crate::problem::{Position, Problems};
use crate::reader::Report;
use crate::words::quoted;
use crate::yaml::{Key, Kind, Node, Plain, plain};

/// Any value.
pub(crate) fn read<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<Value> {
    read_nested(report, node, MAX_NESTING)
}

fn read_nested<'n>(report: &mut Report<'n>, node: &'n Node, depth: usize) -> Option<Value> {
    let inner = match (&node.kind, depth.checked_sub(1)) {
        (Kind::Refused, _) => return None,
        (Kind::Scalar { .. }, _) => return read_scalar(report, node),
        (_, Some(inner)) => inner,
        (_, None) => {
            report.note(node.at, format!("a value may not be nested more than {MAX_NESTING} deep"));
            return None;
        }
    };
    if let Kind::Sequence(_) = node.kind {
        return report.list(node, |report, node| read_nested(report, node, inner)).map(Value::Array);
    }
    let any_name = |name: &str| match name.contains('\0') {
        true => Err("the character NUL is not allowed in a name".to_owned()),
        false => Ok(name.to_owned()),
    };
    report.map(node, "a value", any_name, |report, node| read_nested(report, node, inner)).map(Value::Object)
}

/// Text, a number, a boolean or null.
pub(crate) fn read_scalar(report: &mut Report<'_>, node: &Node) -> Option<Value> {
    let Kind::Scalar { text, plain: is_plain } = &node.kind else {
        return report.unexpected(node, "text, a number or a boolean is expected here");
    };
    match if *is_plain { plain(text) } else { Plain::Text } {
        Plain::Text if text.contains('\0') => {
            report.note(node.at, "the character NUL is not allowed");
            None
        }
        Plain::Text => Some(Value::from(text.as_str())),
        Plain::Null => Some(Value::Null),
        Plain::Bool(value) => Some(Value::from(value)),
        Plain::Number => read_number(report, node),
        Plain::OddNumber => {
            report.note(node.at, format!("YAML readers disagree about {}: write a plain decimal number, or put it in quotes if text is meant", quoted(text)));
            None
        }
        Plain::OldBool => {
            report.note(node.at, format!("{} is a boolean to some YAML readers and text to others: write `true` or `false`, or put it in quotes", quoted(text)));
            None
        }
        Plain::Date => {
            report.note(
                node.at,
                format!(
                    "{} is a date to some YAML readers and text to others: put it in quotes",
                    quoted(text)
                ),
            );
            None
        }
    }
}

/// A number, exactly.
pub(crate) fn read_number(report: &mut Report<'_>, node: &Node) -> Option<Value> {
    let Kind::Scalar { text, plain: true } = &node.kind else {
        return report.unexpected(node, "a number is expected here, without quotes");
    };
    match Number::parse(text) {
        Ok(number) => Some(Value::Number(number)),
        Err(NumberError::Grammar) => report.unexpected(node, "a plain decimal number is expected here"),
        Err(NumberError::Lossy) => {
            report.note(
                node.at,
                format!("{} has more digits than a JSON number keeps (a double): write fewer", quoted(text)),
            );
            None
        }
    }
}

/// An entry that is sent as JSON.
pub trait Entry: Sized {
    /// Reads it by the same rules as from a file.
    ///
    /// # Errors
    /// Every problem at once; places are told by path alone.
    fn from_json(value: &Value) -> Result<Self, Problems>;
}

/// An entry from a JSON value, read by the same rules as from a file.
pub(super) fn from_value<T>(
    value: &Value,
    read: impl for<'n> FnOnce(&mut Report<'n>, &'n Node) -> Option<T>,
) -> Result<T, Problems> {
    let tree = tree(value);
    let mut report = Report::of_json();
    let entry = read(&mut report, &tree);
    let problems = report.into_problems();
    match entry {
        Some(entry) if problems.is_empty() => Ok(entry),
        _ => Err(problems),
    }
}

/// An entry from JSON. Works with `serde_json` only, because numbers are taken from the text.
pub(super) fn deserialize<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl for<'n> FnOnce(&mut Report<'n>, &'n Node) -> Option<T>,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    from_value(&value, read).map_err(|problems| de::Error::custom(sentence(&problems)))
}

/// All problems in one line; places in a JSON body are told by path alone.
fn sentence(problems: &Problems) -> String {
    let parts: Vec<String> = problems
        .into_iter()
        .map(|problem| match problem.path.as_str() {
            "" => problem.message.clone(),
            path => format!("{path}: {}", problem.message),
        })
        .collect();
    parts.join("; ")
}

/// The tree that a JSON value would be in a file, so that both are read by the same rules.
fn tree(value: &Value) -> Node {
    let kind = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            Kind::Scalar { text: value.to_canonical(), plain: true }
        }
        Value::String(text) => Kind::Scalar { text: text.clone(), plain: false },
        Value::Array(items) => Kind::Sequence(items.iter().map(tree).collect()),
        Value::Object(members) => Kind::Mapping(
            members
                .iter()
                .map(|(name, value)| (Key { at: Position::START, name: name.clone() }, tree(value)))
                .collect(),
        ),
    };
    Node { at: Position::START, kind }
}
