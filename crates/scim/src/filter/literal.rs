//! Operators, and literals typed by the attribute that they are compared with.

use std::fmt;

use serde_json::Value;

use crate::instant::parse_instant;
use crate::schema::{Attribute, Type};
use crate::text::fold;

/// How a value is compared (RFC 7644 table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

/// Every operator and the types that it compares; the one table that the parser asks.
const OPERATORS: &[(&str, Op, &[Type])] = &[
    ("eq", Op::Eq, EQUALITY),
    ("ne", Op::Ne, EQUALITY),
    ("co", Op::Co, TEXT),
    ("sw", Op::Sw, TEXT),
    ("ew", Op::Ew, TEXT),
    ("gt", Op::Gt, ORDER),
    ("ge", Op::Ge, ORDER),
    ("lt", Op::Lt, ORDER),
    ("le", Op::Le, ORDER),
];

const TEXT: &[Type] = &[Type::String, Type::Reference];
const ORDER: &[Type] = &[Type::String, Type::Reference, Type::Integer, Type::Decimal, Type::DateTime];
const EQUALITY: &[Type] = &[
    Type::String,
    Type::Reference,
    Type::Integer,
    Type::Decimal,
    Type::DateTime,
    Type::Boolean,
    Type::Binary,
];

impl Op {
    pub(super) fn find(word: &str) -> Option<Self> {
        let row = OPERATORS.iter().find(|(text, ..)| text.eq_ignore_ascii_case(word));
        row.map(|(_, op, _)| *op)
    }

    pub(super) fn compares(self, kind: Type) -> bool {
        OPERATORS.iter().any(|(_, op, kinds)| *op == self && kinds.contains(&kind))
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = OPERATORS.iter().find(|(_, op, _)| op == self);
        f.write_str(row.map_or("", |(text, ..)| text))
    }
}

/// A literal, of the type of the attribute that it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text that is not empty, folded unless the attribute is `caseExact`.
    Text(String),
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Decimal(f64),
    /// An instant in milliseconds.
    Instant(i64),
}

impl Literal {
    /// The value as the attribute's type has it; `words` also takes `"True"` and `"False"` for booleans.
    pub(crate) fn typed(value: &Value, attribute: &Attribute, words: bool) -> Option<Self> {
        match (attribute.kind, value) {
            (Type::String | Type::Reference | Type::Binary, Value::String(text)) => {
                Some(Self::Text(if attribute.case_exact { text.clone() } else { fold(text) }))
            }
            (Type::Boolean, Value::Bool(value)) => Some(Self::Boolean(*value)),
            (Type::Boolean, Value::String(text)) if words => boolean_word(text).map(Self::Boolean),
            (Type::Integer, Value::Number(number)) => number.as_i64().map(Self::Integer),
            (Type::Decimal, Value::Number(number)) => number.as_f64().map(Self::Decimal),
            (Type::DateTime, Value::String(text)) => parse_instant(text).map(Self::Instant),
            _ => None,
        }
    }
}

/// `"True"` and `"False"`, in any case, as Microsoft Entra ID sends them.
pub(crate) fn boolean_word(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}
