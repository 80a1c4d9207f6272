//! What a filter means, on a resource in the normal form. The SQL that a filter compiles to must agree with it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Comparison, Filter, Literal, Op};
use crate::instant::parse_instant;
use crate::path::Path;
use crate::text::fold;

/// Where paths look: in the resource, or in one entry of an array.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a Map<String, Value>),
    Entry(&'a Value),
}

impl<'a> Scope<'a> {
    fn values(self, path: &Path) -> Vec<&'a Value> {
        let mut values = match (self, path.sub) {
            (Self::Resource(body), _) => path.values(body),
            (Self::Entry(entry), Some(sub)) => entry.get(sub.name).into_iter().collect(),
            (Self::Entry(entry), None) => vec![entry],
        };
        values.retain(|value| is_assigned(value));
        values
    }
}

/// Whether a value is one at all (RFC 7643 section 2.5).
pub(crate) fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(entries) => entries.iter().any(is_assigned),
        Value::Object(members) => members.values().any(is_assigned),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

pub(super) fn matches(filter: &Filter, body: &Map<String, Value>) -> bool {
    holds(filter, Scope::Resource(body))
}

/// Whether one entry matches the filter of its brackets.
pub(crate) fn matches_entry(filter: &Filter, entry: &Value) -> bool {
    holds(filter, Scope::Entry(entry))
}

/// Recurses as deep as the parser lets brackets nest.
fn holds(filter: &Filter, scope: Scope<'_>) -> bool {
    match filter {
        Filter::All(filters) => filters.iter().all(|one| holds(one, scope)),
        Filter::Any(filters) => filters.iter().any(|one| holds(one, scope)),
        Filter::Not(filter) => !holds(filter, scope),
        Filter::Constant(value) => *value,
        Filter::Present(path) => !scope.values(path).is_empty(),
        Filter::Compare(comparison) => compare(comparison, scope),
        Filter::Entry { path, filter } => {
            scope.values(path).into_iter().any(|entry| holds(filter, Scope::Entry(entry)))
        }
    }
}

fn compare(comparison: &Comparison, scope: Scope<'_>) -> bool {
    let values = scope.values(&comparison.path);
    let any = values.iter().any(|value| value_compares(value, comparison));
    any || (comparison.op == Op::Ne && values.is_empty())
}

fn value_compares(value: &Value, Comparison { path, op, literal }: &Comparison) -> bool {
    match (literal, value) {
        (Literal::Text(literal), Value::String(text)) => {
            let exact = path.leaf().case_exact;
            let text = if exact { Cow::Borrowed(text.as_str()) } else { Cow::Owned(fold(text)) };
            text_compares(&text, *op, literal)
        }
        (Literal::Boolean(literal), Value::Bool(value)) => ordered(value, *op, literal),
        (Literal::Integer(literal), Value::Number(value)) => {
            value.as_i64().is_some_and(|value| ordered(&value, *op, literal))
        }
        (Literal::Decimal(literal), Value::Number(value)) => {
            value.as_f64().is_some_and(|value| ordered(&value, *op, literal))
        }
        (Literal::Instant(literal), Value::String(text)) => {
            parse_instant(text).is_some_and(|value| ordered(&value, *op, literal))
        }
        _ => *op == Op::Ne,
    }
}

fn text_compares(text: &str, op: Op, literal: &str) -> bool {
    match op {
        Op::Co => text.contains(literal),
        Op::Sw => text.starts_with(literal),
        Op::Ew => text.ends_with(literal),
        _ => ordered(text, op, literal),
    }
}

fn ordered<T: PartialOrd + ?Sized>(value: &T, op: Op, literal: &T) -> bool {
    match op {
        Op::Eq => value == literal,
        Op::Ne => value != literal,
        Op::Gt => value > literal,
        Op::Ge => value >= literal,
        Op::Lt => value < literal,
        Op::Le => value <= literal,
        Op::Co | Op::Sw | Op::Ew => false,
    }
}
