//! Strict JSON: no repeated member, no NUL, a bounded depth, and an error that names the member.
//!
//! Invariant: what two parsers could read differently is refused (RFC 8259 §4 leaves duplicates open).

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::refusal::Refusal;

/// Reads a value from JSON text.
///
/// # Errors
/// `Invalid`, with the path of the member that is wrong.
pub fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, Refusal> {
    let text = std::str::from_utf8(json).map_err(|_| Refusal::invalid("", "must be UTF-8"))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    Checked
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|error| Refusal::invalid("", format!("is not acceptable JSON: {error}")))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { String::new() } else { path };
        Refusal::invalid(field, without_position(&error.inner().to_string()))
    })
}

/// serde_json's message without the position, which the field replaces.
fn without_position(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(said, _)| said).to_owned()
}

/// Walks a value and keeps nothing of it.
#[derive(Clone, Copy)]
struct Checked;

impl<'de> DeserializeSeed<'de> for Checked {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if text.contains('\0') { Err(E::custom("a string contains a NUL character")) } else { Ok(()) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            self.visit_str(&name)?;
            members.next_value_seed(self)?;
            if !seen.insert(name.clone()) {
                return Err(A::Error::custom(format_args!("member `{name}` is repeated")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::refusal::Refusal;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Agent {
        name: String,
        #[serde(default)]
        owners: Vec<String>,
    }

    fn field(json: &str) -> (String, String) {
        match parse::<Agent>(json.as_bytes()) {
            Err(Refusal::Invalid { field, problem }) => (field.into_owned(), problem.into_owned()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_error_names_the_member() {
        let agent: Agent = parse(br#"{"name":"a","owners":["user:x"]}"#).expect("good");
        assert_eq!((agent.name.as_str(), agent.owners.len()), ("a", 1));
        assert_eq!(field(r#"{"name":"a","owners":[1]}"#).0, "owners[0]");
        assert!(field(r#"{"owners":[]}"#).1.contains("name"));
        assert!(field(r#"{"name":"a","x":1}"#).1.contains("`x`"));
    }

    #[test]
    fn what_two_parsers_read_differently_is_refused() {
        assert!(field(r#"{"name":"a","name":"b"}"#).1.contains("repeated"));
        assert!(field(r#"{"name":"a","owners":[{"k":1,"\u006b":2}]}"#).1.contains("repeated"));
        assert!(field("{\"name\":\"a\\u0000\"}").1.contains("NUL"));
        assert!(field(r#"{"name":"a"} {}"#).1.contains("trailing"));
        assert!(field(&format!("{}{}", "[".repeat(4000), "]".repeat(4000))).1.contains("recursion"));
        assert!(parse::<Agent>(b"{\"name\":\"\xff\"}").is_err());
    }
}
