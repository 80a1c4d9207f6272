//! The wire form: `{"constraint_type": …, members}`, read strictly, written without defaults.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Constraint, Path, PathError, Range};
use crate::json::{Kind, Members, Number, Value, ValueError};

/// The member that names the type.
const TYPE: &str = "constraint_type";

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
        Self::try_from(value.clone())
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

impl TryFrom<Value> for Constraint {
    type Error = ConstraintError;

    /// As [`Constraint::from_value`], keeping the value's parts.
    fn try_from(value: Value) -> Result<Self, ConstraintError> {
        let Value::Object(mut members) = value else { return Err(ConstraintError::Shape) };
        let Some(Value::String(kind)) = members.remove(TYPE) else { return Err(ConstraintError::Shape) };
        let mut reader = Reader { kind: &kind, members };
        let constraint = match kind.as_str() {
            "exact" => Self::Exact(reader.scalar("value")?),
            "range" => Self::Range(Range {
                min: reader.number("min")?,
                max: reader.number("max")?,
                min_inclusive: reader.flag("min_inclusive")?,
                max_inclusive: reader.flag("max_inclusive")?,
            }),
            "one_of" => Self::OneOf(reader.array("values")?),
            "not_one_of" => Self::NotOneOf(reader.scalars("excluded")?),
            "contains" => Self::Contains(reader.some("required")?),
            "subset" => Self::Subset(reader.array("allowed")?),
            "wildcard" => Self::Wildcard,
            "all" => Self::All(reader.clauses()?),
            "any" => Self::Any(reader.clauses()?),
            "path_containment" => Self::PathContainment(reader.root()?),
            _ => {
                let mut members = reader.members;
                members.insert(TYPE.to_owned(), Value::String(kind));
                return Ok(Self::Unknown(Value::Object(members)));
            }
        };
        reader.finish(constraint)
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
    let mut object = Members::from([(TYPE.to_owned(), kind.into())]);
    object.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(object)
}

/// Takes members out one by one, so that what is left over is known to be unknown.
struct Reader<'a> {
    kind: &'a str,
    members: Members,
}

impl Reader<'_> {
    fn finish(self, constraint: Constraint) -> Result<Constraint, ConstraintError> {
        match self.members.into_keys().next() {
            Some(name) => Err(ConstraintError::Member { kind: self.kind.to_owned(), name }),
            None => Ok(constraint),
        }
    }

    fn bad<T>(&self, name: &'static str, wanted: &'static str) -> Result<T, ConstraintError> {
        Err(ConstraintError::Value { kind: self.kind.to_owned(), name, wanted })
    }

    fn scalar(&mut self, name: &'static str) -> Result<Value, ConstraintError> {
        match self.members.remove(name) {
            Some(value) if value.is_scalar() => Ok(value),
            _ => self.bad(name, "a scalar"),
        }
    }

    fn number(&mut self, name: &'static str) -> Result<Option<Number>, ConstraintError> {
        match self.members.remove(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(_) => self.bad(name, "a number"),
        }
    }

    fn flag(&mut self, name: &'static str) -> Result<bool, ConstraintError> {
        match self.members.remove(name) {
            None => Ok(true),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => self.bad(name, "true or false"),
        }
    }

    fn array(&mut self, name: &'static str) -> Result<Vec<Value>, ConstraintError> {
        match self.members.remove(name) {
            Some(Value::Array(items)) => Ok(items),
            _ => self.bad(name, "an array"),
        }
    }

    fn some(&mut self, name: &'static str) -> Result<Vec<Value>, ConstraintError> {
        match self.members.remove(name) {
            Some(Value::Array(items)) if !items.is_empty() => Ok(items),
            _ => self.bad(name, "a non-empty array"),
        }
    }

    fn scalars(&mut self, name: &'static str) -> Result<Vec<Value>, ConstraintError> {
        let items = self.some(name)?;
        let kind = items.first().map_or(Kind::Null, Value::kind);
        if items.iter().all(|item| item.is_scalar() && item.kind() == kind) {
            Ok(items)
        } else {
            self.bad(name, "scalars of one type")
        }
    }

    fn clauses(&mut self) -> Result<Vec<Constraint>, ConstraintError> {
        self.some("constraints")?.into_iter().map(Constraint::try_from).collect()
    }

    fn root(&mut self) -> Result<Path, ConstraintError> {
        match self.members.remove("root") {
            Some(Value::String(text)) => Path::parse(&text).map_err(ConstraintError::Root),
            _ => self.bad("root", "an absolute path"),
        }
    }
}

impl Serialize for Constraint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Constraint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
