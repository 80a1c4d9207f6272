//! Which attributes an answer has (RFC 7644 section 3.9, RFC 7643 section 7 `returned`).
//!
//! `id` and `schemas` are always there, what is never returned never is. Names that no schema has select nothing.

use serde_json::{Map, Value};

use super::{ListQuery, QueryError};
use crate::filter::is_assigned;
use crate::path::Path;
use crate::resource::{Resource, schemas_of};
use crate::schema::{Attribute, ResourceType, Returned, Schema};

/// A choice of attributes of one resource type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    /// What is asked for; none for the default set.
    only: Option<Vec<Name>>,
    excluded: Vec<Name>,
}

/// A name of `attributes` or `excludedAttributes`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    /// Everything of an extension.
    Extension(&'static str),
    Path(Path),
}

impl Projection {
    /// The choice of a list, or of any answer that takes the same parameters.
    #[must_use]
    pub fn new(query: &ListQuery, resource: &ResourceType) -> Self {
        let names = |texts: &[String]| texts.iter().filter_map(|text| name(text, resource)).collect();
        Self {
            only: (!query.attributes.is_empty()).then(|| names(&query.attributes)),
            excluded: names(&query.excluded),
        }
    }

    /// Reads the two parameters from a query string, for requests that are no lists.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn from_query(text: &str, resource: &ResourceType) -> Result<Self, QueryError> {
        ListQuery::from_query(text).map(|query| Self::new(&query, resource))
    }

    /// Whether a PATCH with these parameters is answered with the resource and not with 204 (RFC 7644 section
    /// 3.5.2).
    #[must_use]
    pub const fn is_asked(&self) -> bool {
        self.only.is_some()
    }

    /// Whether a PATCH is answered with the resource: one whose members may be many thousand only when it is asked
    /// for, else with 204.
    #[must_use]
    pub fn shows_patched(&self, resource: &ResourceType) -> bool {
        self.is_asked() || !resource.attributes().any(|(_, attribute)| attribute.unbounded)
    }

    /// Whether the answer has anything of a core attribute: `members` need not be loaded when it does not.
    #[must_use]
    pub fn wants(&self, attribute: &str, resource: &ResourceType) -> bool {
        let attribute = resource.find_core(attribute);
        attribute.is_some_and(|attribute| self.whole(None, attribute) || self.parts(None, attribute))
    }

    /// The answer for a resource, with `schemas` of what is in it.
    #[must_use]
    pub fn apply(&self, resource: &Resource) -> Value {
        let kind = resource.kind();
        let mut answer = Map::new();
        for (extension, attribute) in kind.attributes() {
            let path = Path::of(extension, attribute);
            let Some(value) = path.whole(resource.body()) else { continue };
            let Some(value) = self.chosen(extension, attribute, value) else { continue };
            let name = attribute.name.to_owned();
            match extension {
                Some(schema) => {
                    let holder = answer.entry(schema.id).or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(holder) = holder {
                        holder.insert(name, value);
                    }
                }
                None => {
                    answer.insert(name, value);
                }
            }
        }
        let schemas = schemas_of(kind, &answer);
        answer.insert("schemas".to_owned(), schemas.into());
        Value::Object(answer)
    }

    fn chosen(&self, extension: Option<&Schema>, attribute: &Attribute, value: &Value) -> Option<Value> {
        if attribute.returned == Returned::Never {
            return None;
        }
        let whole = self.whole(extension, attribute);
        if !whole && !self.parts(extension, attribute) {
            return None;
        }
        let value = match value {
            Value::Array(entries) => Value::Array(
                entries.iter().filter_map(|entry| self.entry(extension, attribute, entry, whole)).collect(),
            ),
            value => self.entry(extension, attribute, value, whole)?,
        };
        is_kept(&value).then_some(value)
    }

    fn entry(
        &self,
        extension: Option<&Schema>,
        attribute: &Attribute,
        value: &Value,
        whole: bool,
    ) -> Option<Value> {
        let Value::Object(members) = value else { return Some(value.clone()) };
        let kept = members.iter().filter(|(name, _)| {
            let Some(sub) = attribute.find_sub(name) else { return false };
            let named = |names: &[Name]| names.iter().any(|one| one.is(extension, attribute, Some(sub)));
            match sub.returned {
                Returned::Always => true,
                Returned::Never => false,
                _ => {
                    let asked = self.only.as_deref().is_some_and(named);
                    (whole && sub.returned == Returned::Default || asked) && !named(&self.excluded)
                }
            }
        });
        let kept: Map<String, Value> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        (!kept.is_empty()).then_some(Value::Object(kept))
    }

    /// Whether the attribute is chosen with everything in it.
    fn whole(&self, extension: Option<&Schema>, attribute: &Attribute) -> bool {
        let named = |names: &[Name]| names.iter().any(|one| one.is(extension, attribute, None));
        match (attribute.returned, &self.only) {
            (Returned::Always, _) => true,
            (Returned::Never, _) => false,
            _ if named(&self.excluded) => false,
            (_, Some(only)) => named(only),
            (returned, None) => returned == Returned::Default,
        }
    }

    /// Whether parts of the attribute are asked for by name.
    fn parts(&self, extension: Option<&Schema>, attribute: &Attribute) -> bool {
        let part = |one: &Name| matches!(one, Name::Path(path) if path.sub.is_some() && one.of(extension, attribute));
        let excluded = self.excluded.iter().any(|one| one.is(extension, attribute, None));
        !excluded && self.only.iter().flatten().any(part)
    }
}

impl Name {
    fn of(&self, extension: Option<&Schema>, attribute: &Attribute) -> bool {
        match self {
            Self::Extension(urn) => extension.is_some_and(|schema| schema.id == *urn),
            Self::Path(path) => {
                path.attribute.name == attribute.name
                    && path.extension.map(|schema| schema.id) == extension.map(|schema| schema.id)
            }
        }
    }

    /// Whether it names just this: an attribute with everything in it, or one part.
    fn is(&self, extension: Option<&Schema>, attribute: &Attribute, sub: Option<&Attribute>) -> bool {
        let part = match self {
            Self::Extension(_) => sub.is_none(),
            Self::Path(path) => path.sub.map(|sub| sub.name) == sub.map(|sub| sub.name),
        };
        part && self.of(extension, attribute)
    }
}

fn name(text: &str, resource: &ResourceType) -> Option<Name> {
    match resource.find_extension(text) {
        Some(schema) => Some(Name::Extension(schema.id)),
        None => Path::parse(text, resource).ok().map(Name::Path),
    }
}

/// Empty strings are returned as they were sent; empty arrays are not.
fn is_kept(value: &Value) -> bool {
    is_assigned(value) || value.is_string()
}
