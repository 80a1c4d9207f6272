//! Canonical JSON text (RFC 8785), for values of this crate and for anything that serde can write.
//!
//! Members are sorted by their UTF-16 code units, numbers are ECMAScript's shortest texts, strings carry the
//! fewest escapes. Equal values have equal bytes, so hashes and signatures of them agree everywhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::json::{Value, plain_length};

/// Why a value has no canonical text.
#[derive(Debug, thiserror::Error)]
#[error("the value has no canonical JSON text")]
pub struct JcsError(#[from] serde_json::Error);

/// The RFC 8785 text of `value`.
///
/// # Errors
/// [`JcsError`] when the value cannot be written as JSON: non-string or duplicate member names, a number
/// that is not finite.
pub fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<String, JcsError> {
    Ok(serde_json_canonicalizer::to_string(&value)?)
}

/// Appends the RFC 8785 text of a value of this crate, which always has one.
pub fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => number.write_canonical(out),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => write_array(items, out, write_value),
        Value::Object(members) => write_object(members, out, write_value),
    }
}

/// Appends an array, one item after the other.
pub(crate) fn write_array<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut String,
    write: impl Fn(T, &mut String),
) {
    out.push('[');
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

/// Appends an object, its members in the order of their UTF-16 code units.
pub(crate) fn write_object<T>(
    members: &BTreeMap<String, T>,
    out: &mut String,
    write: impl Fn(&T, &mut String),
) {
    let mut object = ObjectWriter::open(out);
    // Byte order is UTF-16 order already unless a name leaves ASCII.
    if members.keys().all(|name| name.is_ascii()) {
        members.iter().for_each(|(name, value)| object.member(name, |out| write(value, out)));
    } else {
        let mut entries: Vec<_> = members.iter().collect();
        entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        entries.into_iter().for_each(|(name, value)| object.member(name, |out| write(value, out)));
    }
    object.close();
}

/// Writes the members of an object in the order in which they are named: the caller keeps them sorted.
#[derive(Debug)]
pub struct ObjectWriter<'a> {
    out: &'a mut String,
    first: bool,
}

impl<'a> ObjectWriter<'a> {
    /// Begins an object at the end of `out`.
    pub fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, first: true }
    }

    /// Goes on with an object at the end of `out` that has a member already.
    pub(crate) const fn resume(out: &'a mut String) -> Self {
        Self { out, first: false }
    }

    /// A member whose value `write` appends.
    pub fn member(&mut self, name: &str, write: impl FnOnce(&mut String)) {
        if !self.first {
            self.out.push(',');
        }
        self.first = false;
        write_string(name, self.out);
        self.out.push(':');
        write(self.out);
    }

    /// A string.
    pub fn text(&mut self, name: &str, text: &str) {
        self.member(name, |out| write_string(text, out));
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str, flag: bool) {
        self.member(name, |out| out.push_str(if flag { "true" } else { "false" }));
    }

    /// Ends it.
    pub fn close(self) {
        self.out.push('}');
    }
}

pub(crate) fn write_string(text: &str, out: &mut String) {
    out.reserve(text.len() + 2);
    out.push('"');
    if plain_length(text.as_bytes()) == text.len() {
        out.push_str(text);
        out.push('"');
        return;
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use crate::json::Value;

    #[test]
    fn agrees_with_the_examples_of_the_rfc() {
        // RFC 8785 §3.2.3: the order is that of UTF-16 code units, not of code points.
        let text = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
        let sorted = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
        let value = Value::parse(text).unwrap();
        assert_eq!(value.to_canonical(), sorted);
        assert_eq!(canonical(&value).unwrap(), sorted);
    }

    #[test]
    fn the_two_writers_agree() {
        let text = r#"{"n":[1e21,1e20,0.000001,1e-7,-0,500.50,9007199254740991,1.7976931348623157e308,5e-324],"s":"\u0001\"\\\/\b"}"#;
        let value = Value::parse(text).unwrap();
        assert_eq!(canonical(&value).unwrap(), value.to_canonical());
    }
}
