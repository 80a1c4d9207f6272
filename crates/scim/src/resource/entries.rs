//! The entries of a multi-valued attribute: which two are one, and which is primary (RFC 7643 section 2.4).

use std::collections::HashMap;

use serde_json::Value;

use super::RequestError;
use crate::schema::Attribute;
use crate::text::fold;

/// What makes an entry the same as another: its `value`, with its `type` unless the `value` alone decides; without
/// a `value`, everything in it.
pub(crate) fn identity(attribute: &Attribute, entry: &Value) -> String {
    let Value::Object(members) = entry else {
        let text = entry.as_str().filter(|_| !attribute.case_exact);
        return text.map_or_else(|| entry.to_string(), |text| Value::from(fold(text)).to_string());
    };
    let part = |name: &str| -> Option<String> {
        let text = members.get(name)?.as_str()?;
        let exact = attribute.find_sub(name).is_some_and(|sub| sub.case_exact);
        Some(if exact { text.to_owned() } else { fold(text) })
    };
    match part("value") {
        Some(value) if attribute.by_value => value,
        Some(value) => Value::from(vec![Some(value), part("type")]).to_string(),
        None => entry.to_string(),
    }
}

/// The entries, each once; parts of a later one are added to the earlier.
pub(crate) fn unique(attribute: &Attribute, entries: Vec<Value>) -> Vec<Value> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(entries.len());
    let mut kept: Vec<Value> = Vec::with_capacity(entries.len());
    for entry in entries {
        let place = *places.entry(identity(attribute, &entry)).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(earlier) => merge(earlier, entry),
            None => kept.push(entry),
        }
    }
    kept
}

/// Sets the parts that `newer` has.
pub(crate) fn merge(entry: &mut Value, newer: Value) {
    match (entry, newer) {
        (Value::Object(entry), Value::Object(newer)) => entry.extend(newer),
        (entry, newer) => *entry = newer,
    }
}

pub(super) fn is_primary(entry: &Value) -> bool {
    entry.get("primary").and_then(Value::as_bool) == Some(true)
}

/// Sees to it that at most one entry is primary: the one at `winner` when it is, else there must be no two.
pub(crate) fn settle(
    attribute: &Attribute,
    entries: &mut [Value],
    winner: Option<usize>,
) -> Result<(), RequestError> {
    let Some(winner) = winner else {
        let primaries = entries.iter().filter(|entry| is_primary(entry)).count();
        return if primaries > 1 {
            Err(RequestError::TwoPrimaries(attribute.name.to_owned()))
        } else {
            Ok(())
        };
    };
    for (place, entry) in entries.iter_mut().enumerate() {
        if let (true, Value::Object(members)) = (place != winner && is_primary(entry), entry) {
            members.insert("primary".to_owned(), false.into());
        }
    }
    Ok(())
}
