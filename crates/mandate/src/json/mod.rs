//! A strict JSON value whose numbers are exact decimals.
//!
//! Constraints compare numbers exactly, so a number may not pass through a double on its way in. A value
//! can only be read from text: duplicate members, lossy numbers and nesting beyond [`MAX_NESTING`] are
//! refused there ([`ValueError`]), and what was read is I-JSON (RFC 7493) that RFC 8785 writes without loss.

mod canonical;
mod number;
mod parse;
mod serde_impl;

use std::collections::BTreeMap;

pub use canonical::{CanonicalError, CanonicalReader};
pub(crate) use canonical::{name_order, plain_length};
pub use number::{Number, NumberError};
pub use parse::ValueError;

/// How deep arrays and objects may nest in anything that is read.
pub const MAX_NESTING: usize = 32;

/// The members of an object.
pub type Members = BTreeMap<String, Value>;

/// A JSON value. The order is total and only serves sets; it is not the canonical order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An exact decimal.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object; names are unique by construction.
    Object(Members),
}

/// The type of a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// A truth value.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// The type's name, as a message says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl Value {
    /// Reads one JSON text, strictly.
    ///
    /// # Errors
    /// [`ValueError`] says what is wrong and at which byte.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        parse::parse(text)
    }

    /// An object without members.
    #[must_use]
    pub const fn empty_object() -> Self {
        Self::Object(Members::new())
    }

    /// The type of this value.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Boolean,
            Self::Number(_) => Kind::Number,
            Self::String(_) => Kind::String,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
        }
    }

    /// Whether this is neither an array nor an object.
    #[must_use]
    pub const fn is_scalar(&self) -> bool {
        !matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// The members, when this is an object.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Members> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The text, when this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The RFC 8785 text of this value.
    #[must_use]
    pub fn to_canonical(&self) -> String {
        let mut text = String::new();
        crate::jcs::write_value(self, &mut text);
        text
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Number(Number::from(value))
    }
}

impl<V: Into<Value>> FromIterator<V> for Value {
    fn from_iter<I: IntoIterator<Item = V>>(items: I) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}
