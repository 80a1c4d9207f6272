//! One reason against a request, and the sorted list of all of them.

use serde::Serialize;

use super::code::{Class, ReasonCode};
use super::shown::shown;
use crate::constraint::Constraint;
use crate::json::Value;

/// Why a request is denied: a code, the field, the limit and the value it is about, and one plain sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The code.
    pub code: ReasonCode,
    /// The argument, dimension, scope, tool, binding or leg that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What would have passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Value>,
    /// What was there instead; never a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// One plain sentence.
    pub message: String,
    #[serde(skip)]
    class: Class,
}

impl Reason {
    /// The reason with nothing but the code and its sentence.
    #[must_use]
    pub fn of(code: ReasonCode) -> Self {
        Self {
            code,
            field: None,
            limit: None,
            value: None,
            message: code.sentence().to_owned(),
            class: code.class(),
        }
    }

    /// The same reason about a field.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>) -> Self {
        self.field = Some(name.into());
        self
    }

    /// The same reason with what would have passed.
    #[must_use]
    pub fn limit(mut self, limit: Value) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The same reason with what was there; left out when the field's name or the value's form says secret.
    #[must_use]
    pub fn value(mut self, value: &Value) -> Self {
        self.value = shown(self.field.as_deref(), value);
        self
    }

    /// The same reason in other words: one plain sentence.
    #[must_use]
    pub fn message(mut self, sentence: impl Into<String>) -> Self {
        self.message = sentence.into();
        self
    }

    /// A value that does not pass a constraint.
    pub(super) fn constrained(code: ReasonCode, name: &str, constraint: &Constraint, value: &Value) -> Self {
        Self::of(code).field(name).limit(constraint.to_value()).value(value)
    }

    /// The same reason, ordered among the limits.
    pub(super) fn among_limits(mut self) -> Self {
        self.class = Class::Limits;
        self
    }
}

/// The reasons of a denial: at least one, in the normative order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Reasons(Vec<Reason>);

impl Reasons {
    /// Sorts reasons into the normative order: by class, then names in byte order; repeated ones fold. `None`
    /// when there are none.
    #[must_use]
    pub fn new(mut reasons: Vec<Reason>) -> Option<Self> {
        reasons.sort_by(|a, b| {
            (a.class, &a.field, a.code, &a.message).cmp(&(b.class, &b.field, b.code, &b.message))
        });
        reasons.dedup();
        if reasons.is_empty() { None } else { Some(Self(reasons)) }
    }

    /// The reasons, first one first.
    #[must_use]
    pub fn as_slice(&self) -> &[Reason] {
        &self.0
    }

    /// The codes, in order.
    pub fn codes(&self) -> impl Iterator<Item = ReasonCode> {
        self.0.iter().map(|reason| reason.code)
    }

    /// The reasons themselves.
    #[must_use]
    pub fn into_vec(self) -> Vec<Reason> {
        self.0
    }
}
