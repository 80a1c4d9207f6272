//! Attribute paths (RFC 7644 section 3.10): `userName`, `name.familyName`, `urn:…:User:manager.displayName`.
//!
//! The invariant: a [`Path`] points at an attribute of the tables, in their spelling. Names and URNs are found in
//! any case; an attribute of an extension is also found without its URN, which Microsoft Entra ID sends.

use std::fmt;

use serde_json::{Map, Value};

use crate::schema::{Attribute, ResourceType, Schema};
use crate::text::shown;

/// Longest text of a path, filter included.
pub const MAX_PATH: usize = 4096;

/// Why a text is not the path of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing, or more than [`MAX_PATH`] bytes.
    #[error("a path has between 1 and {MAX_PATH} bytes")]
    Length,
    /// Not of the grammar.
    #[error("`{0}` is not an attribute path")]
    Malformed(String),
    /// No such attribute, sub-attribute or schema.
    #[error("there is no attribute `{name}` of {resource}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The resource type.
        resource: &'static str,
    },
}

/// An attribute or sub-attribute of a resource type.
#[derive(Clone, Copy)]
pub struct Path {
    /// The extension that the attribute stands in; none for the core schema.
    pub extension: Option<&'static Schema>,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// Its part.
    pub sub: Option<&'static Attribute>,
}

impl Path {
    /// Resolves the text of a path.
    ///
    /// # Errors
    /// [`PathError`].
    pub fn parse(text: &str, resource: &ResourceType) -> Result<Self, PathError> {
        if text.is_empty() || text.len() > MAX_PATH {
            return Err(PathError::Length);
        }
        let (schema, rest) = split_schema(text, resource);
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        // A URN that is nobody's is well-formed, and unknown.
        let foreign = schema.is_none() && is_urn(rest);
        if !foreign && (!is_name(name) || !sub.is_none_or(is_name)) {
            return Err(PathError::Malformed(shown(text)));
        }
        let unknown = || PathError::Unknown { name: shown(text), resource: resource.name };
        let (extension, attribute) = find(schema, name, resource).ok_or_else(unknown)?;
        let sub = match sub {
            Some(sub) => Some(attribute.find_sub(sub).ok_or_else(unknown)?),
            None => None,
        };
        Ok(Self { extension, attribute, sub })
    }

    /// The attribute of core, without a part.
    pub(crate) const fn of(extension: Option<&'static Schema>, attribute: &'static Attribute) -> Self {
        Self { extension, attribute, sub: None }
    }

    /// The same attribute with this part.
    #[must_use]
    pub const fn with(self, sub: Option<&'static Attribute>) -> Self {
        Self { sub, ..self }
    }

    /// What the path points at: the part, else the attribute.
    #[must_use]
    pub const fn leaf(&self) -> &'static Attribute {
        match self.sub {
            Some(sub) => sub,
            None => self.attribute,
        }
    }

    /// The URN of the extension, the attribute and the part, the first and the last perhaps empty, to match on.
    #[must_use]
    pub fn key(&self) -> (&'static str, &'static str, &'static str) {
        (
            self.extension.map_or("", |schema| schema.id),
            self.attribute.name,
            self.sub.map_or("", |sub| sub.name),
        )
    }

    /// The object that the attribute stands in.
    pub(crate) fn holder<'a>(&self, body: &'a Map<String, Value>) -> Option<&'a Map<String, Value>> {
        match self.extension {
            Some(schema) => body.get(schema.id)?.as_object(),
            None => Some(body),
        }
    }

    /// The attribute's whole value in a resource of the normal form.
    pub(crate) fn whole<'a>(&self, body: &'a Map<String, Value>) -> Option<&'a Value> {
        self.holder(body)?.get(self.attribute.name)
    }

    /// Every single value that the path points at: of each entry of an array, its part.
    pub(crate) fn values<'a>(&self, body: &'a Map<String, Value>) -> Vec<&'a Value> {
        let part = |entry: &'a Value| match self.sub {
            Some(sub) => entry.get(sub.name),
            None => Some(entry),
        };
        match self.whole(body) {
            Some(Value::Array(entries)) => entries.iter().filter_map(part).collect(),
            Some(value) => part(value).into_iter().collect(),
            None => Vec::new(),
        }
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Path {}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = self.extension {
            write!(f, "{}:", schema.id)?;
        }
        f.write_str(self.attribute.name)?;
        self.sub.map_or(Ok(()), |sub| write!(f, ".{}", sub.name))
    }
}

/// The schema whose URN a text begins with, and what follows its colon.
pub(crate) fn split_schema<'a>(text: &'a str, resource: &ResourceType) -> (Option<&'static Schema>, &'a str) {
    for schema in resource.schemas() {
        let (head, tail) = (text.get(..schema.id.len()), text.get(schema.id.len()..));
        if let (Some(head), Some(rest)) = (head, tail.and_then(|tail| tail.strip_prefix(':')))
            && head.eq_ignore_ascii_case(schema.id)
        {
            return (Some(schema), rest);
        }
    }
    (None, text)
}

fn find(
    schema: Option<&'static Schema>,
    name: &str,
    resource: &ResourceType,
) -> Option<(Option<&'static Schema>, &'static Attribute)> {
    let core = || resource.find_core(name).map(|attribute| (None, attribute));
    let within = |schema: &'static Schema| schema.find(name).map(|attribute| (Some(schema), attribute));
    match schema {
        Some(schema) if *schema == *resource.schema => core(),
        Some(schema) => within(schema),
        None => core().or_else(|| resource.extensions.iter().find_map(|schema| within(schema))),
    }
}

/// RFC 7644 figure 1: a letter, then letters, digits, hyphens and underscores; `$ref` is one too.
fn is_name(text: &str) -> bool {
    let text = text.strip_prefix('$').unwrap_or(text);
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn is_urn(text: &str) -> bool {
    let urn = text.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("urn:"));
    urn && text.chars().all(|c| c.is_ascii_alphanumeric() || ":.-_$".contains(c))
}

#[cfg(test)]
mod tests;
