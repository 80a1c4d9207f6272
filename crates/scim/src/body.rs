//! A request body as JSON, read strictly: one object, no member twice, no U+0000, bounded nesting.
//!
//! Two readers of one body must not see different values, so a repeated member is an error and not the last one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a body is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Not JSON, a repeated member, or nested too deeply.
    #[error("the body is not JSON without repeated members: line {line}, column {column}")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// JSON, but no object.
    #[error("the body is not a JSON object")]
    NotObject,
    /// U+0000 in text or in a name, which PostgreSQL could not store.
    #[error("the body has a NUL character")]
    Nul,
}

/// Reads a body.
///
/// # Errors
/// [`BodyError`].
pub fn parse_body(bytes: &[u8]) -> Result<Map<String, Value>, BodyError> {
    let Strict(value) = serde_json::from_slice(bytes)
        .map_err(|error| BodyError::Json { line: error.line(), column: error.column() })?;
    if has_nul(&value) {
        return Err(BodyError::Nul);
    }
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(BodyError::NotObject),
    }
}

/// Recurses no deeper than serde_json reads, which is 128.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(entries) => entries.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(entry)) = entries.next_element()? {
            array.push(entry);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("repeated member"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_read_as_it_is() {
        let body = parse_body(br#"{"a": [1, -2, 0.5, true, null, "x"], "b": {"a": 18446744073709551615}}"#);
        let expected = json!({"a": [1, -2, 0.5, true, null, "x"], "b": {"a": 18446744073709551615_u64}});
        assert_eq!(Value::Object(body.unwrap()), expected);
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        assert_eq!(parse_body(br#"{"a": 1, "a": 1}"#), Err(BodyError::Json { line: 1, column: 16 }));
        assert!(matches!(parse_body(br#"{"x": {"a": 1, "a": 2}}"#), Err(BodyError::Json { .. })));
        assert!(matches!(parse_body(b"{} x"), Err(BodyError::Json { .. })));
        assert!(matches!(parse_body(&b"[".repeat(10_000)), Err(BodyError::Json { .. })));
        assert_eq!(parse_body(b"[]"), Err(BodyError::NotObject));
        assert_eq!(parse_body(br#"{"a": ["\u0000"]}"#), Err(BodyError::Nul));
        assert_eq!(parse_body(br#"{"\u0000": 1}"#), Err(BodyError::Nul));
    }
}
