//! The wire form: `{"constraint_type": …, members}`, read strictly, written without defaults.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Constraint, Path, PathError, Range};
use crate::json::{Kind, Members, Number, Value, ValueError};

/// Why a value is not a constraint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConstraintError {
    /// Not JSON that this crate accepts.
    #[error(transparent)]
    Json(#[from] ValueError),
    /// Not an object with a string `constraint_type`.
    #[error("a constraint is an object with a string member `constraint_type`")]
    Shape,
    /// A member that the type does not have.
    #[error("`{kind}` has no member `{name}`")]
    Member {
        /// The constraint's type.
        kind: String,
        /// The member's name.
        name: String,
    },
    /// A member that is missing or of the wrong type.
    #[error("`{kind}` needs {wanted} in `{name}`")]
    Value {
        /// The constraint's type.
        kind: String,
        /// The member's name.
        name: &'static str,
        /// What belongs there.
        wanted: &'static str,
    },
    /// A root that no argument could match.
    #[error("bad `root`: {0}")]
    Root(PathError),
}

impl Constraint {
    /// Reads a constraint. An unknown type is kept as [`Constraint::Unknown`]; an unknown member of a known
    /// type is an error.
    ///
    /// # Errors
    /// [`ConstraintError`] names the type and the member.
    pub fn from_value(value: &Value) -> Result<Self, ConstraintError> {
        let members = value.as_object().ok_or(ConstraintError::Shape)?;
        let kind = members.get("constraint_type").and_then(Value::as_str).ok_or(ConstraintError::Shape)?;
        let reader = Reader { kind, members };
        match kind {
            "exact" => reader.only(&["value"], |r| Ok(Self::Exact(r.scalar("value")?))),
            "range" => reader.only(&["min", "max", "min_inclusive", "max_inclusive"], |r| {
                Ok(Self::Range(Range {
                    min: r.number("min")?,
                    max: r.number("max")?,
                    min_inclusive: r.flag("min_inclusive")?,
                    max_inclusive: r.flag("max_inclusive")?,
                }))
            }),
            "one_of" => reader.only(&["values"], |r| Ok(Self::OneOf(r.array("values")?.to_vec()))),
            "not_one_of" => reader.only(&["excluded"], |r| Ok(Self::NotOneOf(r.scalars("excluded")?))),
            "contains" => reader.only(&["required"], |r| Ok(Self::Contains(r.some("required")?.to_vec()))),
            "subset" => reader.only(&["allowed"], |r| Ok(Self::Subset(r.array("allowed")?.to_vec()))),
            "wildcard" => reader.only(&[], |_| Ok(Self::Wildcard)),
            "all" => reader.only(&["constraints"], |r| Ok(Self::All(r.clauses()?))),
            "any" => reader.only(&["constraints"], |r| Ok(Self::Any(r.clauses()?))),
            "path_containment" => reader.only(&["root"], |r| {
                let root =
                    r.get("root").and_then(Value::as_str).ok_or_else(|| r.bad("root", "an absolute path"))?;
                Path::parse(root).map(Self::PathContainment).map_err(ConstraintError::Root)
            }),
            _ => Ok(Self::Unknown(value.clone())),
        }
    }

    /// The wire form as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let (kind, member) = match self {
            Self::Unknown(value) => return value.clone(),
            Self::Range(range) => return range.to_value(),
            Self::Wildcard => ("wildcard", None),
            Self::Exact(value) => ("exact", Some(("value", value.clone()))),
            Self::OneOf(values) => ("one_of", Some(("values", Value::Array(values.clone())))),
            Self::NotOneOf(values) => ("not_one_of", Some(("excluded", Value::Array(values.clone())))),
            Self::Contains(values) => ("contains", Some(("required", Value::Array(values.clone())))),
            Self::Subset(values) => ("subset", Some(("allowed", Value::Array(values.clone())))),
            Self::All(clauses) => {
                ("all", Some(("constraints", clauses.iter().map(Self::to_value).collect())))
            }
            Self::Any(clauses) => {
                ("any", Some(("constraints", clauses.iter().map(Self::to_value).collect())))
            }
            Self::PathContainment(root) => ("path_containment", Some(("root", root.to_string().into()))),
        };
        object(kind, member)
    }
}

impl Range {
    fn to_value(self) -> Value {
        let bounds = [("min", self.min), ("max", self.max)];
        let flags = [("min_inclusive", self.min_inclusive), ("max_inclusive", self.max_inclusive)];
        let bounds = bounds.into_iter().filter_map(|(name, bound)| Some((name, Value::Number(bound?))));
        let flags = flags.into_iter().filter(|(_, flag)| !flag).map(|(name, flag)| (name, Value::Bool(flag)));
        object("range", bounds.chain(flags))
    }
}

fn object<'a>(kind: &str, members: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let mut object = Members::from([("constraint_type".to_owned(), kind.into())]);
    object.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(object)
}

struct Reader<'a> {
    kind: &'a str,
    members: &'a Members,
}

impl<'a> Reader<'a> {
    fn only(
        &self,
        known: &[&str],
        read: impl FnOnce(&Self) -> Result<Constraint, ConstraintError>,
    ) -> Result<Constraint, ConstraintError> {
        let stranger =
            self.members.keys().find(|name| *name != "constraint_type" && !known.contains(&name.as_str()));
        match stranger {
            Some(name) => Err(ConstraintError::Member { kind: self.kind.to_owned(), name: name.clone() }),
            None => read(self),
        }
    }

    fn bad(&self, name: &'static str, wanted: &'static str) -> ConstraintError {
        ConstraintError::Value { kind: self.kind.to_owned(), name, wanted }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name)
    }

    fn scalar(&self, name: &'static str) -> Result<Value, ConstraintError> {
        self.get(name).filter(|v| v.is_scalar()).cloned().ok_or_else(|| self.bad(name, "a scalar"))
    }

    fn number(&self, name: &'static str) -> Result<Option<Number>, ConstraintError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(*number)),
            Some(_) => Err(self.bad(name, "a number")),
        }
    }

    fn flag(&self, name: &'static str) -> Result<bool, ConstraintError> {
        match self.get(name) {
            None => Ok(true),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.bad(name, "true or false")),
        }
    }

    fn array(&self, name: &'static str) -> Result<&'a [Value], ConstraintError> {
        match self.get(name) {
            Some(Value::Array(items)) => Ok(items),
            _ => Err(self.bad(name, "an array")),
        }
    }

    fn some(&self, name: &'static str) -> Result<&'a [Value], ConstraintError> {
        self.array(name)
            .ok()
            .filter(|items| !items.is_empty())
            .ok_or_else(|| self.bad(name, "a non-empty array"))
    }

    fn scalars(&self, name: &'static str) -> Result<Vec<Value>, ConstraintError> {
        let items = self.some(name)?;
        let kind = items.first().map_or(Kind::Null, Value::kind);
        if items.iter().all(|item| item.is_scalar() && item.kind() == kind) {
            Ok(items.to_vec())
        } else {
            Err(self.bad(name, "scalars of one type"))
        }
    }

    fn clauses(&self) -> Result<Vec<Constraint>, ConstraintError> {
        self.some("constraints")?.iter().map(Constraint::from_value).collect()
    }
}

impl Serialize for Constraint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Constraint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
