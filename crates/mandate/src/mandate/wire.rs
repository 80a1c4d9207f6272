//! The mandate as one canonical JSON object, and the strict reading shared by every sealed form.
//!
//! Every member is written, but absent bindings and `uses`; an unknown member is an error, because skipping it
//! could only widen. Instants are integer milliseconds. `decode ∘ encode` is the identity on normal forms.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ArgumentMap, Binding, BoundError, LimitMap, MAX_TEXT, Mandate, NameMap, ToolMap};
use crate::constraint::{Constraint, ConstraintError};
use crate::instant::Instant;
use crate::json::{Members, Number, Value, ValueError};
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
        self.clone().normalized().to_value().to_canonical()
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
        Self::from_value(&Value::parse(text)?)
    }

    fn to_value(&self) -> Value {
        let mut members = authority(self);
        members.insert("scopes".to_owned(), names(self.scopes.iter().map(Scope::as_str)));
        members.insert("audience".to_owned(), names(self.audience.iter().map(String::as_str)));
        members.insert("not_before".to_owned(), instant(self.not_before));
        members.insert("expires_at".to_owned(), instant(self.expires_at));
        Value::Object(members)
    }

    fn from_value(value: &Value) -> Result<Self, MandateError> {
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

/// The members that an `authorization_details` entry shares with a mandate.
pub(crate) fn authority(mandate: &Mandate) -> Members {
    let limits = mandate.limits.iter().map(|(name, c)| (name.clone(), c.to_value())).collect();
    let mut members = Members::from([
        ("tools".to_owned(), tools(&mandate.tools)),
        ("blocked_tools".to_owned(), names(mandate.blocked_tools.iter().map(String::as_str))),
        ("limits".to_owned(), Value::Object(limits)),
        ("declared".to_owned(), name_map(&mandate.declared)),
        ("limit_required".to_owned(), name_map(&mandate.limit_required)),
        ("binding".to_owned(), binding(&mandate.binding)),
        ("max_depth".to_owned(), u32::from(mandate.max_depth).into()),
        ("may_delegate".to_owned(), mandate.may_delegate.into()),
    ]);
    if let Some(uses) = mandate.uses {
        // At most MAX_USES in normal form, so the cast never saturates.
        members.insert("uses".to_owned(), integer(i64::try_from(uses).unwrap_or(i64::MAX)));
    }
    members
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    names.collect()
}

fn name_map(map: &NameMap) -> Value {
    Value::Object(
        map.iter().map(|(tool, list)| (tool.clone(), names(list.iter().map(String::as_str)))).collect(),
    )
}

pub(crate) fn tools(tools: &ToolMap) -> Value {
    let arguments = |map: &ArgumentMap| map.iter().map(|(name, c)| (name.clone(), c.to_value())).collect();
    Value::Object(tools.iter().map(|(tool, map)| (tool.clone(), Value::Object(arguments(map)))).collect())
}

fn binding(binding: &Binding) -> Value {
    let present =
        binding.members().into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    Value::Object(present.collect())
}

/// An integer as JSON; beyond what a double keeps it becomes `null`, which no reader accepts.
fn integer(value: i64) -> Value {
    Number::parse(&value.to_string()).map_or(Value::Null, Value::Number)
}

fn instant(instant: Instant) -> Value {
    integer(instant.0)
}

/// Takes members out of an object one by one, so that what is left over is known to be unknown.
pub(crate) struct Reader<'a> {
    rest: BTreeMap<&'a str, &'a Value>,
}

impl<'a> Reader<'a> {
    pub(crate) fn of(value: &'a Value) -> Result<Self, MandateError> {
        let members = value.as_object().ok_or(MandateError::Shape)?;
        Ok(Self { rest: members.iter().map(|(name, value)| (name.as_str(), value)).collect() })
    }

    pub(crate) fn find<T>(
        &mut self,
        name: &'static str,
        read: fn(&'static str, &'a Value) -> Result<T, MandateError>,
    ) -> Result<Option<T>, MandateError> {
        self.rest.remove(name).map(|value| read(name, value)).transpose()
    }

    pub(crate) fn need<T>(
        &mut self,
        name: &'static str,
        read: fn(&'static str, &'a Value) -> Result<T, MandateError>,
    ) -> Result<T, MandateError> {
        self.find(name, read)?.ok_or(MandateError::Missing { name })
    }

    pub(crate) fn finish(self) -> Result<(), MandateError> {
        match self.rest.into_keys().next() {
            Some(name) => Err(MandateError::Unknown { name: name.to_owned() }),
            None => Ok(()),
        }
    }

    pub(crate) fn text(name: &'static str, value: &Value) -> Result<String, MandateError> {
        value.as_str().map(str::to_owned).ok_or(MandateError::Type { name, wanted: "a string" })
    }

    pub(crate) fn names(name: &'static str, value: &Value) -> Result<BTreeSet<String>, MandateError> {
        let wanted = MandateError::Type { name, wanted: "an array of strings" };
        let Value::Array(items) = value else { return Err(wanted) };
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>().ok_or(wanted)
    }

    pub(crate) fn name_map(name: &'static str, value: &Value) -> Result<NameMap, MandateError> {
        let members = object(name, value)?;
        members.iter().map(|(tool, list)| Ok((tool.clone(), Self::names(name, list)?))).collect()
    }

    pub(crate) fn tools(name: &'static str, value: &Value) -> Result<ToolMap, MandateError> {
        let members = object(name, value)?;
        members.iter().map(|(tool, map)| Ok((tool.clone(), Self::limits(name, map)?))).collect()
    }

    pub(crate) fn limits(name: &'static str, value: &Value) -> Result<LimitMap, MandateError> {
        let constraint = |(name, value): (&String, &Value)| match Constraint::from_value(value) {
            Ok(constraint) => Ok((name.clone(), constraint)),
            Err(source) => Err(MandateError::Constraint { name: name.clone(), source }),
        };
        object(name, value)?.iter().map(constraint).collect()
    }

    pub(crate) fn binding(name: &'static str, value: &'a Value) -> Result<Binding, MandateError> {
        object(name, value)?;
        let mut reader = Self::of(value)?;
        let binding = Binding {
            task: reader.find("task", Self::text)?,
            contract: reader.find("contract", Self::text)?,
            session: reader.find("session", Self::text)?,
        };
        reader.finish().map(|()| binding)
    }

    pub(crate) fn flag(name: &'static str, value: &Value) -> Result<bool, MandateError> {
        match value {
            Value::Bool(flag) => Ok(*flag),
            _ => Err(MandateError::Type { name, wanted: "true or false" }),
        }
    }

    pub(crate) fn integer(name: &'static str, value: &Value) -> Result<i64, MandateError> {
        match value {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
        .ok_or(MandateError::Type { name, wanted: "an integer" })
    }

    pub(crate) fn instant(name: &'static str, value: &Value) -> Result<Instant, MandateError> {
        Self::integer(name, value).map(Instant)
    }

    pub(crate) fn depth(name: &'static str, value: &Value) -> Result<u8, MandateError> {
        let wanted = |_| MandateError::Type { name, wanted: "an integer from 0 to 255" };
        u8::try_from(Self::integer(name, value)?).map_err(wanted)
    }

    pub(crate) fn count(name: &'static str, value: &Value) -> Result<u64, MandateError> {
        let wanted = |_| MandateError::Type { name, wanted: "a non-negative integer" };
        u64::try_from(Self::integer(name, value)?).map_err(wanted)
    }
}

fn object<'a>(name: &'static str, value: &'a Value) -> Result<&'a Members, MandateError> {
    value.as_object().ok_or(MandateError::Type { name, wanted: "an object" })
}

impl Serialize for Mandate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.clone().normalized().to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Mandate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
