//! The parser: a stack of open brackets instead of recursion, so that depth costs no stack and time is linear.
//!
//! The grammar is that of RFC 7644 figure 1, and Microsoft Entra ID's `attr[filter].sub op value` beside it. Each
//! level holds the alternatives that are complete (`any`) and the conjunction that is being read (`all`).

use serde_json::Value;

use super::lex::{Lexeme, Lexer, Token};
use super::{Comparison, Filter, FilterError, Literal, MAX_LENGTH, MAX_NESTING, MAX_TERMS, Op};
use crate::path::Path;
use crate::schema::{Attribute, ResourceType, Returned, Type};
use crate::text::shown;

/// What differs between the filter of a list and that of a PATCH path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// Whether `"True"` is a boolean.
    pub(crate) boolean_words: bool,
}

impl Reading {
    /// Of a list.
    pub(crate) const LIST: Self = Self { boolean_words: false };
    /// Of a PATCH path.
    pub(crate) const PATCH: Self = Self { boolean_words: true };
}

/// A filter and the names in it that the resource type lacks, with their places.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) filter: Filter,
    pub(super) unknown: Vec<(usize, String)>,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests show by it that the work is linear"))]
    pub(super) work: usize,
}

/// `attr[filter]` or `attr[filter].sub`, as in a PATCH path.
#[derive(Debug)]
pub(crate) struct ValuePath {
    pub(crate) path: Path,
    pub(crate) filter: Filter,
    pub(crate) sub: Option<&'static Attribute>,
}

pub(super) fn filter(text: &str, resource: &ResourceType, reading: Reading) -> Result<Read, FilterError> {
    if text.trim().is_empty() || text.len() > MAX_LENGTH {
        return Err(FilterError::Length);
    }
    let mut parser = Parser::new(text, resource, reading);
    let filter = parser.expression(Opened::Top)?;
    Ok(Read { filter, unknown: parser.unknown, work: parser.lexer.work })
}

/// Reads `attr[filter].sub` up to the end of the text.
pub(crate) fn value_path(text: &str, resource: &ResourceType) -> Result<ValuePath, FilterError> {
    if text.len() > MAX_LENGTH {
        return Err(FilterError::Length);
    }
    let mut parser = Parser::new(text, resource, Reading::PATCH);
    let name = parser.lexer.next()?;
    let Lexeme::Word(word) = name.lexeme else { return Err(expected("an attribute", name.at)) };
    let found = parser.attribute(word, name.at)?;
    let open = parser.lexer.next()?;
    if open.lexeme != Lexeme::OpenValue {
        return Err(expected("`[`", open.at));
    }
    let filter = parser.expression(Opened::Entry { path: found, at: open.at, alone: true })?;
    let (Some(path), None) = (found, parser.unknown.first()) else {
        let (at, name) = parser.unknown.into_iter().next().unwrap_or_default();
        return Err(FilterError::UnknownAttribute { at, name });
    };
    let after = parser.lexer.next()?;
    let sub = match after.lexeme {
        Lexeme::End => return Ok(ValuePath { path, filter, sub: None }),
        Lexeme::Word(word) => {
            let sub = word.strip_prefix('.').ok_or_else(|| expected("the end", after.at))?;
            path.attribute.find_sub(sub)
        }
        _ => return Err(expected("the end", after.at)),
    };
    let unknown = || FilterError::UnknownAttribute { at: after.at, name: shown(text) };
    let sub = Some(sub.ok_or_else(unknown)?);
    let end = parser.lexer.next()?;
    if end.lexeme != Lexeme::End {
        return Err(expected("the end", end.at));
    }
    Ok(ValuePath { path, filter, sub })
}

/// What a level was opened by.
#[derive(Clone, Copy)]
enum Opened {
    Top,
    Parenthesis {
        negated: bool,
    },
    /// A value filter; `path` is none when the attribute is unknown. `alone` ends the parse at its bracket.
    Entry {
        path: Option<Path>,
        at: usize,
        alone: bool,
    },
}

struct Level {
    opened: Opened,
    any: Vec<Filter>,
    all: Vec<Filter>,
}

impl Level {
    const fn new(opened: Opened) -> Self {
        Self { opened, any: Vec::new(), all: Vec::new() }
    }

    fn branch(&mut self) {
        let all = std::mem::take(&mut self.all);
        self.any.push(joined(all, Filter::All));
    }

    fn close(mut self) -> Filter {
        self.branch();
        joined(self.any, Filter::Any)
    }
}

fn joined(mut filters: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match (filters.pop(), filters.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            filters.push(last);
            join(filters)
        }
        (None, _) => join(filters),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    resource: &'a ResourceType,
    reading: Reading,
    terms: usize,
    unknown: Vec<(usize, String)>,
    /// The attribute whose value filter is being read: the outer option is whether one is.
    entry: Option<Option<Path>>,
}

impl<'a> Parser<'a> {
    const fn new(text: &'a str, resource: &'a ResourceType, reading: Reading) -> Self {
        Self { lexer: Lexer::new(text), resource, reading, terms: 0, unknown: Vec::new(), entry: None }
    }

    /// Reads operands and what joins them until the first level is closed.
    fn expression(&mut self, first: Opened) -> Result<Filter, FilterError> {
        let mut open: Vec<Level> = Vec::new();
        let mut level = Level::new(first);
        self.enter(first);
        loop {
            if let Some(opened) = self.operand(&mut level)? {
                if open.len() + 1 >= MAX_NESTING {
                    return Err(FilterError::Nesting { at: self.lexer.next()?.at });
                }
                self.enter(opened);
                open.push(std::mem::replace(&mut level, Level::new(opened)));
                continue;
            }
            // An operand is complete: what may follow is a joiner, or the end of one level or several.
            loop {
                let token = self.lexer.next()?;
                match (&token.lexeme, level.opened) {
                    (Lexeme::Word(word), _) if word.eq_ignore_ascii_case("and") => break,
                    (Lexeme::Word(word), _) if word.eq_ignore_ascii_case("or") => {
                        level.branch();
                        break;
                    }
                    (Lexeme::End, Opened::Top) => return Ok(level.close()),
                    (Lexeme::CloseValue, Opened::Entry { alone: true, .. }) => return Ok(level.close()),
                    (Lexeme::Close, Opened::Parenthesis { negated }) => {
                        let inner = level.close();
                        level = open.pop().unwrap_or(Level::new(Opened::Top));
                        level.all.push(if negated { Filter::Not(Box::new(inner)) } else { inner });
                    }
                    (Lexeme::CloseValue, Opened::Entry { path, at, .. }) => {
                        let inner = level.close();
                        level = open.pop().unwrap_or(Level::new(Opened::Top));
                        let entry = self.entry_closed(path, inner, at, token.end)?;
                        level.all.push(entry);
                    }
                    (Lexeme::End, _) => return Err(expected("a closing bracket", token.at)),
                    _ => return Err(expected("`and`, `or` or the end", token.at)),
                }
            }
        }
    }

    fn enter(&mut self, opened: Opened) {
        if let Opened::Entry { path, .. } = opened {
            self.entry = Some(path);
        }
    }

    /// Reads one term into the level, or says which level opens.
    fn operand(&mut self, level: &mut Level) -> Result<Option<Opened>, FilterError> {
        let token = self.lexer.next()?;
        let word = match token.lexeme {
            Lexeme::Open => return Ok(Some(Opened::Parenthesis { negated: false })),
            Lexeme::Word(word) => word,
            _ => return Err(expected("an attribute, `not` or `(`", token.at)),
        };
        let next = self.lexer.next()?;
        if word.eq_ignore_ascii_case("not") {
            return match next.lexeme {
                Lexeme::Open => Ok(Some(Opened::Parenthesis { negated: true })),
                _ => Err(expected("`(`", next.at)),
            };
        }
        if next.lexeme == Lexeme::OpenValue {
            if self.entry.is_some() {
                return Err(expected("an operator", next.at));
            }
            let path = self.attribute(word, token.at)?;
            return Ok(Some(Opened::Entry { path, at: token.at, alone: false }));
        }
        let path = self.attribute(word, token.at)?;
        let term = self.term(path, token.at, &next)?;
        level.all.push(term);
        Ok(None)
    }

    /// Builds the filter of `attr[inner]`, and reads Entra's `.sub op value` behind it when it is there.
    fn entry_closed(
        &mut self,
        path: Option<Path>,
        inner: Filter,
        at: usize,
        end: usize,
    ) -> Result<Filter, FilterError> {
        let mut inner = inner;
        let mut ahead = Lexer::new(self.lexer.rest_from(end));
        let peeked = ahead.next();
        self.lexer.work += ahead.work;
        if let Ok(Token { lexeme: Lexeme::Word(word), at: 0, end: length }) = peeked
            && let Some(sub) = word.strip_prefix('.')
        {
            self.lexer.next()?;
            let sub = self.part(path, sub, end)?;
            let next = self.lexer.next()?;
            let term = self.term(sub, end + length, &next)?;
            inner = Filter::All(vec![inner, term]);
        }
        self.entry = None;
        let Some(path) = path else { return Ok(Filter::Constant(false)) };
        if path.sub.is_some() || (!path.attribute.multi_valued && path.attribute.kind != Type::Complex) {
            return Err(expected("a multi-valued attribute", at));
        }
        Ok(if path.attribute.multi_valued {
            Filter::Entry { path, filter: Box::new(inner) }
        } else {
            // One object: its parts are those of the resource.
            Filter::All(vec![Filter::Present(path), inner])
        })
    }

    /// The attribute of a name: of the entry inside brackets, else of the resource. None when it is unknown.
    fn attribute(&mut self, word: &str, at: usize) -> Result<Option<Path>, FilterError> {
        match self.entry {
            Some(path) => self.part(path, word, at),
            None => match Path::parse(word, self.resource) {
                Ok(path) => self.searchable(path, at).map(Some),
                Err(_) => Ok(self.unknown(word, at)),
            },
        }
    }

    fn part(&mut self, path: Option<Path>, word: &str, at: usize) -> Result<Option<Path>, FilterError> {
        // Inside an attribute that the type lacks, every name is as unknown as the attribute.
        let Some(path) = path else { return Ok(None) };
        // The entries of a simple multi-valued attribute have nothing but a value.
        if path.attribute.kind != Type::Complex && word.eq_ignore_ascii_case("value") {
            return Ok(Some(path));
        }
        match path.attribute.find_sub(word) {
            Some(sub) => Ok(Some(path.with(Some(sub)))),
            None => Ok(self.unknown(word, at)),
        }
    }

    fn unknown(&mut self, word: &str, at: usize) -> Option<Path> {
        self.unknown.push((at, shown(word)));
        None
    }

    fn searchable(&self, path: Path, at: usize) -> Result<Path, FilterError> {
        let hidden = path.leaf().returned == Returned::Never;
        if hidden { Err(FilterError::Unsearchable { name: path.leaf().name, at }) } else { Ok(path) }
    }

    /// `attr op value` or `attr pr`, the operator being `operator`.
    fn term(&mut self, path: Option<Path>, at: usize, operator: &Token<'_>) -> Result<Filter, FilterError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(FilterError::Terms);
        }
        let Lexeme::Word(word) = operator.lexeme else { return Err(expected("an operator", operator.at)) };
        let of_schemas = path.is_some_and(|path| path.key() == ("", "schemas", ""));
        if word.eq_ignore_ascii_case("pr") {
            if of_schemas {
                return Ok(Filter::Constant(true));
            }
            return Ok(path.map_or(Filter::Constant(false), Filter::Present));
        }
        let unknown = || FilterError::UnknownOperator { word: shown(word), at: operator.at };
        let op = Op::find(word).ok_or_else(unknown)?;
        let token = self.lexer.next()?;
        let value = value(&token)?;
        let Some(path) = path else { return Ok(unassigned(op, &value)) };
        if of_schemas && op == Op::Eq {
            return Ok(self.uses(&value));
        }
        self.compare(path, op, &value, at, token.at)
    }

    /// `schemas eq "urn"`: `schemas` follows from the attributes, so the filter asks for them.
    fn uses(&self, urn: &Value) -> Filter {
        let urn = urn.as_str().unwrap_or_default();
        match self.resource.find_extension(urn) {
            Some(schema) => {
                let attributes = schema.attributes.iter().map(|one| Path::of(Some(schema), one));
                Filter::Any(attributes.map(Filter::Present).collect())
            }
            None => Filter::Constant(urn.eq_ignore_ascii_case(self.resource.schema.id)),
        }
    }

    fn compare(
        &self,
        path: Path,
        op: Op,
        value: &Value,
        at: usize,
        value_at: usize,
    ) -> Result<Filter, FilterError> {
        let leaf = path.leaf();
        let path = match leaf.kind {
            // A complex attribute is compared by its `value`, but null speaks of the whole.
            Type::Complex if !value.is_null() => {
                let part = leaf.value_sub().ok_or(FilterError::WrongOperator {
                    op,
                    kind: leaf.kind.as_str(),
                    name: leaf.name,
                    at,
                })?;
                path.with(Some(part))
            }
            _ => path,
        };
        let leaf = path.leaf();
        let wrong = FilterError::WrongOperator { op, kind: leaf.kind.as_str(), name: leaf.name, at };
        if path.key() == ("", "schemas", "") {
            return Err(wrong);
        }
        if !op.compares(leaf.kind) && !value.is_null() {
            return Err(wrong);
        }
        let empty =
            value.as_str() == Some("") && matches!(leaf.kind, Type::String | Type::Reference | Type::Binary);
        if value.is_null() || empty {
            return match op {
                Op::Eq => Ok(Filter::Not(Box::new(Filter::Present(path)))),
                Op::Ne => Ok(Filter::Present(path)),
                // Every text contains, and is beyond, the empty one; none is below it.
                Op::Co | Op::Sw | Op::Ew | Op::Gt | Op::Ge if empty => Ok(Filter::Present(path)),
                Op::Lt | Op::Le if empty => Ok(Filter::Constant(false)),
                _ => Err(wrong),
            };
        }
        let mistyped = FilterError::WrongType { kind: leaf.kind.as_str(), name: leaf.name, at: value_at };
        let literal = Literal::typed(value, leaf, self.reading.boolean_words).ok_or(mistyped)?;
        Ok(Filter::Compare(Comparison { path, op, literal }))
    }
}

/// What a comparison with an attribute that is not there gives.
fn unassigned(op: Op, value: &Value) -> Filter {
    let nothing = value.is_null() || value.as_str() == Some("");
    Filter::Constant(match op {
        Op::Eq => nothing,
        Op::Ne => !nothing,
        _ => false,
    })
}

fn value(token: &Token<'_>) -> Result<Value, FilterError> {
    match &token.lexeme {
        Lexeme::Text(text) => Ok(Value::String(text.clone().into_owned())),
        Lexeme::Word(word) => match word.to_ascii_lowercase().as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            _ => serde_json::from_str::<serde_json::Number>(word)
                .map(Value::Number)
                .map_err(|_| expected("a value", token.at)),
        },
        _ => Err(expected("a value", token.at)),
    }
}

const fn expected(expected: &'static str, at: usize) -> FilterError {
    FilterError::Expected { expected, at }
}
