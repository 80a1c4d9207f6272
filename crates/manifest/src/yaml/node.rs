//! The tree of a file, every node with its place.
//!
//! Invariant: a mapping holds each key once, in the order of the file.

use crate::problem::Position;

/// One value of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Position,
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// Text as written; `plain` when it carries no quotes, so that its type is still to be guessed.
    Scalar {
        text: String,
        plain: bool,
    },
    Sequence(Vec<Node>),
    Mapping(Vec<(Key, Node)>),
    /// Something refused already (an alias, a tag); readers pass over it in silence.
    Refused,
}

/// The name of a member.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    pub(crate) at: Position,
    pub(crate) name: String,
}

/// One step of the way into the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A member of a mapping.
    Member(&'a str),
    /// An item of a list, from 0.
    Item(usize),
}

impl<'a> From<&'a str> for Step<'a> {
    fn from(name: &'a str) -> Self {
        Self::Member(name)
    }
}

impl From<usize> for Step<'_> {
    fn from(index: usize) -> Self {
        Self::Item(index)
    }
}

impl Node {
    /// The value of a member, for a mapping that has it.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Mapping(members) => {
                members.iter().find(|(key, _)| key.name == name).map(|(_, value)| value)
            }
            Kind::Scalar { .. } | Kind::Sequence(_) | Kind::Refused => None,
        }
    }

    /// Where `steps` lead; the nearest place on the way when the tree ends before them.
    pub(crate) fn locate(&self, steps: &[Step<'_>]) -> Position {
        let mut node = self;
        for step in steps {
            match node.step(*step) {
                Some(found) => node = found,
                None => break,
            }
        }
        node.at
    }

    /// Where `list` holds `text`, and the path to it; the list's own place when it does not.
    pub(crate) fn locate_item(&self, list: &[Step<'_>], text: &str) -> (Position, String) {
        let mut node = Some(self);
        for step in list {
            node = node.and_then(|node| node.step(*step));
        }
        if let Some(Self { kind: Kind::Sequence(items), .. }) = node {
            let is_it =
                |item: &&Self| matches!(&item.kind, Kind::Scalar { text: found, .. } if found == text);
            if let Some((index, item)) = items.iter().enumerate().find(|(_, item)| is_it(item)) {
                let steps: Vec<Step<'_>> = list.iter().copied().chain([Step::Item(index)]).collect();
                return (item.at, path_text(&steps));
            }
        }
        (self.locate(list), path_text(list))
    }

    fn step(&self, step: Step<'_>) -> Option<&Self> {
        match (step, &self.kind) {
            (Step::Member(name), Kind::Mapping(_)) => {
                self.member(name).or_else(|| self.member(singular(name)))
            }
            (Step::Item(index), Kind::Sequence(items)) => items.get(index),
            _ => None,
        }
    }
}

/// The shorthand that a member may have been written as: `owner` for `owners`.
fn singular(name: &str) -> &str {
    name.strip_suffix('s').unwrap_or(name)
}

/// `agents[3].owners[0]`.
pub(crate) fn path_text(steps: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Member(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Step::Item(index) => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
        }
    }
    text
}
