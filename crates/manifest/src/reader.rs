//! Reads the tree of a file member by member and notes every problem on the way.
//!
//! Invariant: a reader that returns `None` has noted why (or passed over something refused before); none of them
//! stops its neighbours, so that all problems of a file are told at once.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::entry::Ttl;
use crate::problem::{Position, Problem, Problems};
use crate::words::{list, nearest, quoted};
use crate::yaml::{Key, Kind, Node, Plain, Step, path_text, plain};

/// The problems so far, and the way to the value that is being read.
#[derive(Default)]
pub(crate) struct Report<'n> {
    problems: Problems,
    steps: Vec<Step<'n>>,
    null_is_absent: bool,
}

impl<'n> Report<'n> {
    pub(crate) fn new(problems: Problems) -> Self {
        Self { problems, ..Self::default() }
    }

    /// For JSON, where programs write `null` for a member that they leave out.
    pub(crate) fn of_json() -> Self {
        Self { null_is_absent: true, ..Self::default() }
    }

    pub(crate) fn into_problems(self) -> Problems {
        self.problems
    }

    /// Notes a problem with the value that is being read.
    pub(crate) fn note(&mut self, at: Position, message: impl Into<String>) {
        if self.problems.is_full() {
            return self.problems.omit();
        }
        let path = path_text(&self.steps);
        self.problems.push(Problem::new(at, path, message));
    }

    /// Reads one step further in.
    pub(crate) fn within<T>(&mut self, step: impl Into<Step<'n>>, read: impl FnOnce(&mut Self) -> T) -> T {
        self.steps.push(step.into());
        let value = read(self);
        self.steps.pop();
        value
    }

    /// The members of a mapping that may hold `known` ones only.
    pub(crate) fn members(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&'static str],
    ) -> Option<Members<'n>> {
        let members = self.mapping(node, what)?;
        for (key, _) in members.entries {
            if !known.contains(&key.name.as_str()) {
                if self.problems.is_full() {
                    self.problems.omit();
                    continue;
                }
                let hint = match nearest(&key.name, known.iter().copied()) {
                    Some(meant) => format!("did you mean {}?", quoted(meant)),
                    None => format!("it may have {}", list(known.iter().copied())),
                };
                self.within(key.name.as_str(), |report| {
                    report.note(key.at, format!("{what} has no member {}: {hint}", quoted(&key.name)));
                });
            }
        }
        Some(members)
    }

    /// A mapping with members of any name.
    pub(crate) fn mapping(&mut self, node: &'n Node, what: &str) -> Option<Members<'n>> {
        match &node.kind {
            Kind::Mapping(entries) => Some(Members { at: node.at, entries }),
            _ => self.unexpected(node, format!("{what} is a mapping (`name: value`)")),
        }
    }

    /// A list, each item read on its own.
    pub(crate) fn list<T>(
        &mut self,
        node: &'n Node,
        mut item: impl FnMut(&mut Self, &'n Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Kind::Sequence(items) = &node.kind else {
            return self.unexpected(node, "a list is expected here (`[a, b]`, or one `- item` a line)");
        };
        let mut complete = true;
        let mut values = Vec::with_capacity(items.len());
        for (index, node) in items.iter().enumerate() {
            match self.within(index, |report| item(report, node)) {
                Some(value) => values.push(value),
                None => complete = false,
            }
        }
        complete.then_some(values)
    }

    /// A mapping from names to values.
    pub(crate) fn map<K: Ord, V>(
        &mut self,
        node: &'n Node,
        what: &str,
        name: impl Fn(&str) -> Result<K, String>,
        mut value: impl FnMut(&mut Self, &'n Node) -> Option<V>,
    ) -> Option<BTreeMap<K, V>> {
        let members = self.mapping(node, what)?;
        let mut complete = true;
        let mut map = BTreeMap::new();
        for (key, node) in members.entries {
            let name = self.within(key.name.as_str(), |report| {
                name(&key.name).map_err(|why| report.note(key.at, why)).ok()
            });
            match (name, self.within(key.name.as_str(), |report| value(report, node))) {
                (Some(name), Some(value)) => {
                    map.insert(name, value);
                }
                _ => complete = false,
            }
        }
        complete.then_some(map)
    }

    /// Text; a number, a boolean or a word that old readers take for one has to be quoted.
    pub(crate) fn text(&mut self, node: &'n Node) -> Option<&'n str> {
        let Kind::Scalar { text, plain: is_plain } = &node.kind else {
            return self.unexpected(node, "text is expected here");
        };
        let what = match if *is_plain { plain(text) } else { Plain::Text } {
            Plain::Text if text.contains('\0') => {
                self.note(node.at, "the character NUL is not allowed");
                return None;
            }
            Plain::Text => return Some(text),
            Plain::Null => {
                self.note(node.at, "a value is missing here: write one, or leave the member out");
                return None;
            }
            Plain::Bool(_) => "a boolean",
            Plain::OldBool => "a boolean to many YAML readers",
            Plain::Number | Plain::OddNumber => "a number",
            Plain::Date => "a date to many YAML readers",
        };
        self.note(node.at, format!("{} is {what}, and text is meant here: put it in quotes", quoted(text)));
        None
    }

    /// Text of a checked kind.
    pub(crate) fn parsed<T>(&mut self, node: &'n Node) -> Option<T>
    where
        T: TryFrom<&'n str, Error: Display>,
    {
        let text = self.text(node)?;
        T::try_from(text).map_err(|why| self.note(node.at, why.to_string())).ok()
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, node: &'n Node) -> Option<bool> {
        if let Kind::Scalar { text, plain: true } = &node.kind
            && let Plain::Bool(value) = plain(text)
        {
            return Some(value);
        }
        self.unexpected(node, "`true` or `false` is expected here, without quotes")
    }

    /// A whole number within bounds.
    pub(crate) fn integer(&mut self, node: &'n Node, bounds: &RangeInclusive<u8>) -> Option<u8> {
        if let Kind::Scalar { text, plain: true } = &node.kind
            && plain(text) == Plain::Number
            && let Some(value) = text.parse().ok().filter(|value| bounds.contains(value))
        {
            return Some(value);
        }
        self.unexpected(
            node,
            format!("a whole number from {} to {} is expected here", bounds.start(), bounds.end()),
        )
    }

    /// A lifetime: `1h`, `15m`, `900s`, or seconds.
    pub(crate) fn ttl(&mut self, node: &'n Node) -> Option<Ttl> {
        match &node.kind {
            Kind::Scalar { text, plain: true } if plain(text) == Plain::Number => {
                Ttl::try_from(text.as_str()).map_err(|why| self.note(node.at, why.to_string())).ok()
            }
            _ => self.parsed(node),
        }
    }

    /// Notes that a value is of another kind than it should be.
    pub(crate) fn unexpected<T>(&mut self, node: &Node, expected: impl Into<String>) -> Option<T> {
        let expected: String = expected.into();
        let found = match &node.kind {
            Kind::Refused => return None,
            Kind::Scalar { text, plain: true } if plain(text) == Plain::Null => "nothing".to_owned(),
            Kind::Scalar { text, .. } => quoted(text),
            Kind::Sequence(_) => "a list".to_owned(),
            Kind::Mapping(_) => "a mapping".to_owned(),
        };
        self.note(node.at, format!("{expected}; this is {found}"));
        None
    }
}

/// The members of one mapping.
#[derive(Clone, Copy)]
pub(crate) struct Members<'n> {
    pub(crate) at: Position,
    pub(crate) entries: &'n [(Key, Node)],
}

impl<'n> Members<'n> {
    pub(crate) fn get(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// A member that may be absent. The outer `None` says that it is there and wrong.
    pub(crate) fn optional<T>(
        &self,
        report: &mut Report<'n>,
        name: &'static str,
        read: impl FnOnce(&mut Report<'n>, &'n Node) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.get(name) {
            None => Some(None),
            Some(node) if report.null_is_absent && is_null(node) => Some(None),
            Some(node) => report.within(name, |report| read(report, node)).map(Some),
        }
    }

    /// A member that may be absent, which then is what it is by default.
    pub(crate) fn or_default<T: Default>(
        &self,
        report: &mut Report<'n>,
        name: &'static str,
        read: impl FnOnce(&mut Report<'n>, &'n Node) -> Option<T>,
    ) -> Option<T> {
        self.optional(report, name, read).map(Option::unwrap_or_default)
    }

    /// A member that has to be there.
    pub(crate) fn required<T>(
        &self,
        report: &mut Report<'n>,
        name: &'static str,
        why: &str,
        read: impl FnOnce(&mut Report<'n>, &'n Node) -> Option<T>,
    ) -> Option<T> {
        if self.get(name).is_none() {
            let missing = format!("{} is missing: {why}", quoted(name));
            // A file has the place where it belongs; a body has only the member's name.
            if report.null_is_absent {
                report.within(name, |report| report.note(self.at, missing));
            } else {
                report.note(self.at, missing);
            }
        }
        self.optional(report, name, read).flatten()
    }
}

fn is_null(node: &Node) -> bool {
    matches!(&node.kind, Kind::Scalar { text, plain: true } if plain(text) == Plain::Null)
}
