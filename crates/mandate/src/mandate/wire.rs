//! The mandate as one canonical JSON object, and the strict reading shared by every sealed form.
//!
//! Every member is written, but absent bindings and `uses`; an unknown member is an error, because skipping it
//! could only widen. Instants are integer milliseconds. `decode ∘ encode` is the identity on normal forms.

use std::collections::BTreeSet;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Binding, BoundError, LimitMap, MAX_TEXT, Mandate, NameMap, ToolMap, text};
use crate::constraint::{Constraint, ConstraintError};
use crate::instant::Instant;
use crate::json::{Members, Value, ValueError};
use crate::scope::{Scope, ScopeError};

/// Why a text is not a mandate, nor an entry that carries one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MandateError {
    /// Not JSON that this crate accepts.
    #[error(transparent)]
    Json(#[from] ValueError),
    /// Not an object.
    #[error("a JSON object was expected")]
    Shape,
    /// A member that does not exist.
    #[error("unknown member `{name}`")]
    Unknown {
        /// Its name.
        name: String,
    },
    /// A member that must be there.
    #[error("missing member `{name}`")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// A member of the wrong type.
    #[error("`{name}` is not {wanted}")]
    Type {
        /// Its name.
        name: &'static str,
        /// What belongs there.
        wanted: &'static str,
    },
    /// A malformed scope.
    #[error("`scopes`: {0}")]
    Scope(#[from] ScopeError),
    /// A malformed constraint.
    #[error("`{name}`: {source}")]
    Constraint {
        /// The argument or limit.
        name: String,
        /// What is wrong with it.
        source: ConstraintError,
    },
    /// A constraint type that this version does not know, where new ones are not accepted.
    #[error("`{name}` has an unknown constraint type")]
    UnknownConstraint {
        /// The argument or limit.
        name: String,
    },
    /// A bound is broken.
    #[error(transparent)]
    Bound(#[from] BoundError),
}

impl Mandate {
    /// The RFC 8785 text of the normal form.
    #[must_use]
    pub fn to_canonical_json(&self) -> String {
        let mut text = String::new();
        text::write(&self.clone().normalized(), text::Form::Whole, &mut text);
        text
    }

    /// Reads a mandate, strictly, into normal form.
    ///
    /// # Errors
    /// [`MandateError`] names the member. Constraint types that this version does not know are kept, so that a
    /// decision can deny with `unknown_constraint`.
    pub fn from_json(text: &str) -> Result<Self, MandateError> {
        if text.len() > MAX_TEXT {
            return Err(BoundError::Text { bytes: text.len() }.into());
        }
        Self::from_value(Value::parse(text)?)
    }

    fn from_value(value: Value) -> Result<Self, MandateError> {
        let mut reader = Reader::of(value)?;
        let scopes = reader.need("scopes", Reader::names)?;
        let mandate = Self {
            scopes: scopes.into_iter().map(Scope::try_from).collect::<Result<_, _>>()?,
            audience: reader.need("audience", Reader::names)?,
            not_before: reader.need("not_before", Reader::instant)?,
            expires_at: reader.need("expires_at", Reader::instant)?,
            tools: reader.need("tools", Reader::tools)?,
            blocked_tools: reader.need("blocked_tools", Reader::names)?,
            limits: reader.need("limits", Reader::limits)?,
            declared: reader.need("declared", Reader::name_map)?,
            limit_required: reader.need("limit_required", Reader::name_map)?,
            binding: reader.need("binding", Reader::binding)?,
            max_depth: reader.need("max_depth", Reader::depth)?,
            may_delegate: reader.need("may_delegate", Reader::flag)?,
            uses: reader.find("uses", Reader::count)?,
        };
        reader.finish()?;
        mandate.verify_bounds()?;
        Ok(mandate.normalized())
    }
}

/// Takes members out of an object one by one, so that what is left over is known to be unknown.
pub(crate) struct Reader {
    rest: Members,
}

impl Reader {
    pub(crate) fn of(value: Value) -> Result<Self, MandateError> {
        match value {
            Value::Object(rest) => Ok(Self { rest }),
            _ => Err(MandateError::Shape),
        }
    }

    pub(crate) fn find<T>(
        &mut self,
        name: &'static str,
        read: fn(&'static str, Value) -> Result<T, MandateError>,
    ) -> Result<Option<T>, MandateError> {
        self.rest.remove(name).map(|value| read(name, value)).transpose()
    }

    pub(crate) fn need<T>(
        &mut self,
        name: &'static str,
        read: fn(&'static str, Value) -> Result<T, MandateError>,
    ) -> Result<T, MandateError> {
        self.find(name, read)?.ok_or(MandateError::Missing { name })
    }

    pub(crate) fn finish(self) -> Result<(), MandateError> {
        match self.rest.into_keys().next() {
            Some(name) => Err(MandateError::Unknown { name }),
            None => Ok(()),
        }
    }

    pub(crate) fn text(name: &'static str, value: Value) -> Result<String, MandateError> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(MandateError::Type { name, wanted: "a string" }),
        }
    }

    pub(crate) fn names(name: &'static str, value: Value) -> Result<BTreeSet<String>, MandateError> {
        let wanted = MandateError::Type { name, wanted: "an array of strings" };
        let Value::Array(items) = value else { return Err(wanted) };
        items.into_iter().map(|item| Self::text(name, item)).collect::<Result<_, _>>().map_err(|_| wanted)
    }

    pub(crate) fn name_map(name: &'static str, value: Value) -> Result<NameMap, MandateError> {
        let members = object(name, value)?;
        members.into_iter().map(|(tool, list)| Ok((tool, Self::names(name, list)?))).collect()
    }

    pub(crate) fn tools(name: &'static str, value: Value) -> Result<ToolMap, MandateError> {
        let members = object(name, value)?;
        members.into_iter().map(|(tool, map)| Ok((tool, Self::limits(name, map)?))).collect()
    }

    pub(crate) fn limits(name: &'static str, value: Value) -> Result<LimitMap, MandateError> {
        let constraint = |(name, value)| match Constraint::try_from(value) {
            Ok(constraint) => Ok((name, constraint)),
            Err(source) => Err(MandateError::Constraint { name, source }),
        };
        object(name, value)?.into_iter().map(constraint).collect()
    }

    pub(crate) fn binding(name: &'static str, value: Value) -> Result<Binding, MandateError> {
        let mut reader = Self { rest: object(name, value)? };
        let binding = Binding {
            task: reader.find("task", Self::text)?,
            contract: reader.find("contract", Self::text)?,
            session: reader.find("session", Self::text)?,
        };
        reader.finish().map(|()| binding)
    }

    #[expect(clippy::needless_pass_by_value, reason = "all readers have one signature")]
    pub(crate) fn flag(name: &'static str, value: Value) -> Result<bool, MandateError> {
        match value {
            Value::Bool(flag) => Ok(flag),
            _ => Err(MandateError::Type { name, wanted: "true or false" }),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "all readers have one signature")]
    pub(crate) fn integer(name: &'static str, value: Value) -> Result<i64, MandateError> {
        match value {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
        .ok_or(MandateError::Type { name, wanted: "an integer" })
    }

    pub(crate) fn instant(name: &'static str, value: Value) -> Result<Instant, MandateError> {
        Self::integer(name, value).map(Instant)
    }

    pub(crate) fn depth(name: &'static str, value: Value) -> Result<u8, MandateError> {
        let wanted = |_| MandateError::Type { name, wanted: "an integer from 0 to 255" };
        u8::try_from(Self::integer(name, value)?).map_err(wanted)
    }

    pub(crate) fn count(name: &'static str, value: Value) -> Result<u64, MandateError> {
        let wanted = |_| MandateError::Type { name, wanted: "a non-negative integer" };
        u64::try_from(Self::integer(name, value)?).map_err(wanted)
    }
}

fn object(name: &'static str, value: Value) -> Result<Members, MandateError> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(MandateError::Type { name, wanted: "an object" }),
    }
}

impl Serialize for Mandate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::parse(&self.to_canonical_json()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Mandate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
