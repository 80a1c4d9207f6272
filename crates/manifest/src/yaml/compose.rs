//! Builds the tree from the events of the YAML parser, and refuses what a manifest may not contain.
//!
//! Invariant: no recursion, so that no input can exhaust the stack; the first broken bound ends the reading.

use std::collections::BTreeSet;

use saphyr_parser::{BufferedInput, Event, Marker, Parser, ScalarStyle, Span};

use super::source::{self, in_file};
use super::{Key, Kind, MAX_DEPTH, MAX_VALUES, Node, Plain, Step, path_text, plain};
use crate::problem::{Position, Problem, Problems};
use crate::words::quoted;

/// The tree of the one document in `bytes`, and what is wrong with it so far; no tree when it could not be read to
/// its end.
pub(crate) fn compose(bytes: &[u8]) -> (Option<Node>, Problems) {
    let text = match source::text(bytes) {
        Ok(text) => text,
        Err(problem) => return (None, problem.into()),
    };
    let (characters, ration, mark) = source::source(text);
    let mut composer = Composer { mark, ..Composer::default() };
    let mut parser = Parser::new(BufferedInput::new(characters));
    while let Some(event) = parser.next_event() {
        let outcome = if ration.is_exhausted() {
            let at = event.as_ref().map_or_else(|error| *error.marker(), |(_, span)| span.end);
            Err(composer.problem(
                composer.position(at),
                "there is too much in one piece before here (over 1 MiB): write lists and mappings in block style, one item a line",
            ))
        } else {
            match event {
                Ok((event, span)) => composer.take(event, span),
                Err(error) => Err(composer.problem(
                    composer.position(*error.marker()),
                    format!("this is not valid YAML: {}{}", error.info(), advice(error.info())),
                )),
            }
        };
        if let Err(problem) = outcome {
            composer.problems.push(problem);
            return (None, composer.problems);
        }
        ration.renew();
    }
    if composer.root.is_none() && composer.problems.is_empty() {
        composer.problems.push(Problem::new(
            Position::START,
            "",
            "the file is empty: see manifests/minimal.yaml for the least that a manifest holds",
        ));
    }
    (composer.root, composer.problems)
}

/// What to do about the commonest complaints of the YAML scanner.
fn advice(info: &str) -> &'static str {
    match info {
        "invalid indentation" => {
            "; indent the line deeper than the member that it belongs to, a closing bracket too"
        }
        "mapping values are not allowed in this context" => {
            "; check the indentation, and put text that holds `: ` in quotes"
        }
        "simple key expected" | "simple key expect ':'" => "; a `:` is missing behind the name of a member",
        _ if info.contains("tab") => "; indent with spaces",
        _ => "",
    }
}

/// A collection that is still open.
enum Frame {
    Sequence { at: Position, items: Vec<Node> },
    Mapping { at: Position, members: Vec<(Key, Node)>, name: Name },
}

/// What a mapping waits for.
enum Name {
    /// The name of the next member.
    Awaited,
    /// The value of this member.
    Known(Key),
    /// The value of a member whose name was refused.
    Refused,
}

#[derive(Default)]
struct Composer {
    open: Vec<Frame>,
    root: Option<Node>,
    documents: usize,
    values: usize,
    problems: Problems,
    mark: Option<Position>,
}

impl Composer {
    /// Takes one event; an error ends the reading.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let at = self.position(span.start);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Problem::new(
                        at,
                        "",
                        "a second document starts here: a manifest is one document, so put this in a file of its own",
                    ));
                }
            }
            Event::Alias(_) => {
                self.refuse(at, "aliases (`*name`) are not read: write the value out");
                self.count(at)?;
                self.deliver(Node { at, kind: Kind::Refused });
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(at)?;
                let refused = self.refuse_properties(at, anchor, tag.is_some());
                let text = text.into_owned();
                let kind = if refused {
                    Kind::Refused
                } else if text.contains('\0') {
                    self.refuse(at, "the character NUL is not allowed");
                    Kind::Refused
                } else {
                    Kind::Scalar { text, plain: style == ScalarStyle::Plain }
                };
                self.deliver(Node { at, kind });
            }
            Event::SequenceStart(anchor, tag) => {
                self.enter(at, anchor, tag.is_some())?;
                self.open.push(Frame::Sequence { at, items: Vec::new() });
            }
            Event::MappingStart(anchor, tag) => {
                self.enter(at, anchor, tag.is_some())?;
                self.open.push(Frame::Mapping { at, members: Vec::new(), name: Name::Awaited });
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Frame::Sequence { at, items }) => self.deliver(Node { at, kind: Kind::Sequence(items) }),
                Some(Frame::Mapping { at, members, .. }) => {
                    let members = self.without_repeats(members);
                    self.deliver(Node { at, kind: Kind::Mapping(members) });
                }
                None => {}
            },
        }
        Ok(())
    }

    /// Counts the start of a collection.
    fn enter(&mut self, at: Position, anchor: usize, tagged: bool) -> Result<(), Problem> {
        self.count(at)?;
        self.refuse_properties(at, anchor, tagged);
        if self.open.len() >= MAX_DEPTH {
            return Err(self.problem(at, format!("this is nested more than {MAX_DEPTH} deep")));
        }
        Ok(())
    }

    fn count(&mut self, at: Position) -> Result<(), Problem> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.problem(
                at,
                format!("the file holds more than {MAX_VALUES} values: split the fleet into several files"),
            ));
        }
        Ok(())
    }

    /// Refuses an anchor or a tag; whether there was one.
    fn refuse_properties(&mut self, at: Position, anchor: usize, tagged: bool) -> bool {
        if anchor > 0 {
            self.refuse(at, "anchors (`&name`) are not read: write the value out where it is needed");
        }
        if tagged {
            self.refuse(
                at,
                "tags (`!name`) are not read: write the plain value, in quotes where text is meant",
            );
        }
        anchor > 0 || tagged
    }

    /// Puts a finished value where it belongs.
    fn deliver(&mut self, node: Node) {
        let refusal = match self.open.last_mut() {
            None => {
                self.root = Some(node);
                None
            }
            Some(Frame::Sequence { items, .. }) => {
                items.push(node);
                None
            }
            Some(Frame::Mapping { members, name, .. }) => match std::mem::replace(name, Name::Awaited) {
                Name::Known(key) => {
                    members.push((key, node));
                    None
                }
                Name::Refused => None,
                Name::Awaited => match member_name(node) {
                    Ok(key) => {
                        *name = Name::Known(key);
                        None
                    }
                    Err(refusal) => {
                        *name = Name::Refused;
                        refusal
                    }
                },
            },
        };
        if let Some((at, message)) = refusal {
            self.refuse(at, message);
        }
    }

    /// The members with each name once, in their order.
    fn without_repeats(&mut self, members: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let repeats: Vec<usize> = members
            .iter()
            .enumerate()
            .filter(|(_, (key, _))| !seen.insert(&key.name))
            .map(|(index, _)| index)
            .collect();
        if repeats.is_empty() {
            return members;
        }
        let mut kept = Vec::with_capacity(members.len() - repeats.len());
        let mut repeats = repeats.into_iter().peekable();
        for (index, (key, value)) in members.into_iter().enumerate() {
            if repeats.next_if_eq(&index).is_some() {
                self.refuse(
                    key.at,
                    format!("{} is given twice in the same mapping: keep one of them", quoted(&key.name)),
                );
            } else {
                kept.push((key, value));
            }
        }
        kept
    }

    fn refuse(&mut self, at: Position, message: impl Into<String>) {
        if self.problems.is_full() {
            return self.problems.omit();
        }
        let problem = self.problem(at, message);
        self.problems.push(problem);
    }

    /// A problem with the path of the value that is being read.
    fn problem(&self, at: Position, message: impl Into<String>) -> Problem {
        let steps: Vec<Step<'_>> = self
            .open
            .iter()
            .filter_map(|frame| match frame {
                Frame::Sequence { items, .. } => Some(Step::Item(items.len())),
                Frame::Mapping { name: Name::Known(key), .. } => Some(Step::Member(&key.name)),
                Frame::Mapping { .. } => None,
            })
            .collect();
        Problem::new(at, path_text(&steps), message)
    }

    fn position(&self, marker: Marker) -> Position {
        let line = u32::try_from(marker.line()).unwrap_or(u32::MAX);
        let column = u32::try_from(marker.col().saturating_add(1)).unwrap_or(u32::MAX);
        in_file(Position { line, column }, self.mark)
    }
}

/// The name of a member, or why it is none (`None` when that has been said already).
fn member_name(node: Node) -> Result<Key, Option<(Position, String)>> {
    let at = node.at;
    let said = |message: String| Err(Some((at, message)));
    match node.kind {
        Kind::Refused => Err(None),
        Kind::Sequence(_) | Kind::Mapping(_) => {
            said("the name of a member must be text, not a list or a mapping".into())
        }
        Kind::Scalar { text, plain: true } if text == "<<" => {
            said("merge keys (`<<`) are not read: write the members out".into())
        }
        Kind::Scalar { text, plain: true } => match plain(&text) {
            Plain::Text => Ok(Key { at, name: text }),
            Plain::Null => said("a name is missing before the `:`".into()),
            _ => said(format!(
                "YAML readers disagree about what the name {} is: put it in quotes",
                quoted(&text)
            )),
        },
        Kind::Scalar { text, plain: false } => Ok(Key { at, name: text }),
    }
}
