//! Which members of an entry differ.
//!
//! Invariant: two entries that are equal have no differing member, and the other way round.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Change;

/// The members in which `from` and `to` differ, by name.
pub(super) fn fields<T: Serialize>(from: &T, to: &T) -> Vec<Change> {
    let (mut from, to) = (members(from), members(to));
    let mut changes: Vec<Change> = to
        .into_iter()
        .filter_map(|(field, to)| {
            let from = from.remove(&field).unwrap_or(Value::Null);
            (from != to).then_some(Change { field, from, to })
        })
        .collect();
    changes.extend(from.into_iter().map(|(field, from)| Change { field, from, to: Value::Null }));
    changes.sort_by(|a, b| a.field.cmp(&b.field));
    changes
}

fn members<T: Serialize>(entry: &T) -> Map<String, Value> {
    match serde_json::to_value(entry) {
        Ok(Value::Object(members)) => members,
        // Entries are objects of plain values; nothing else can come out.
        _ => Map::new(),
    }
}
