//! A resource in the normal form, which is what everything else in this crate works on.
//!
//! The invariant of a [`Resource`]: names are spelled as in the tables, values have their types, an extension's
//! attributes stand under its URN, nothing is null or an empty array or object, no entry stands twice, at most one
//! entry is primary, and nothing that is never returned is in it: a password is looked at and forgotten.

mod entries;
mod error;
mod meta;
mod normal;
mod search;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub use error::RequestError;
pub use meta::Meta;

pub(crate) use entries::{identity, merge, settle, unique};
pub(crate) use normal::{Leniency, attribute_value, object_value};

use crate::filter::is_assigned;
use crate::path::Path;
use crate::schema::{Mutability, ResourceType};
use crate::text::fold;

/// Most entries of a multi-valued attribute, members of a group apart.
pub const MAX_ENTRIES: usize = 1_000;

/// What is done with attributes that the schemas do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unknown {
    /// They are left out, as RFC 7644 section 3.3 lets a server do and real clients need.
    #[default]
    Ignore,
    /// They are an error.
    Refuse,
}

/// A resource in the normal form.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    kind: &'static ResourceType,
    body: Map<String, Value>,
}

impl Resource {
    /// The resource that a POST asks for (RFC 7644 section 3.3): what the client may not set is left out.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn create(
        kind: &'static ResourceType,
        body: &Map<String, Value>,
        unknown: Unknown,
    ) -> Result<Self, RequestError> {
        let body = normal::request(kind, body, unknown)?;
        let resource = Self { kind, body };
        resource.verify_required()?;
        Ok(resource)
    }

    /// This resource as a PUT leaves it (RFC 7644 section 3.5.1): what the server set stays, what was set once must
    /// be the same, everything else is replaced, and gone where the client does not name it.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn replace(&self, body: &Map<String, Value>, unknown: Unknown) -> Result<Self, RequestError> {
        let mut replaced = Self { kind: self.kind, body: normal::request(self.kind, body, unknown)? };
        for (extension, attribute) in self.kind.attributes() {
            let path = Path::of(extension, attribute);
            let Some(old) = path.whole(&self.body) else { continue };
            match attribute.mutability {
                Mutability::ReadOnly => replaced.put(&path, old.clone()),
                Mutability::Immutable => {
                    let new = path.whole(&replaced.body);
                    if new.is_some_and(|new| !same(old, new, attribute.case_exact)) {
                        return Err(RequestError::ImmutableChanged(path.to_string()));
                    }
                    replaced.put(&path, old.clone());
                }
                Mutability::ReadWrite | Mutability::WriteOnly => {}
            }
        }
        replaced.verify_required()?;
        Ok(replaced)
    }

    /// A resource that the caller kept or put together, already in the normal form but for what is unassigned.
    #[must_use]
    pub fn from_stored(kind: &'static ResourceType, mut body: Map<String, Value>) -> Self {
        body.remove("schemas");
        prune(&mut body);
        Self { kind, body }
    }

    /// Its resource type.
    #[must_use]
    pub const fn kind(&self) -> &'static ResourceType {
        self.kind
    }

    /// Its attributes, to be stored; `schemas` is not among them, since it follows from the rest.
    #[must_use]
    pub const fn body(&self) -> &Map<String, Value> {
        &self.body
    }

    /// The URNs of the schemas that it uses.
    #[must_use]
    pub fn schemas(&self) -> Vec<&'static str> {
        schemas_of(self.kind, &self.body)
    }

    /// Every single value at a path.
    #[must_use]
    pub fn values(&self, path: &Path) -> Vec<&Value> {
        path.values(&self.body)
    }

    /// The text of a core attribute, such as `userName` or `id`.
    #[must_use]
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.body.get(attribute)?.as_str()
    }

    /// The boolean of a core attribute, such as `active`.
    #[must_use]
    pub fn flag(&self, attribute: &str) -> Option<bool> {
        self.body.get(attribute)?.as_bool()
    }

    /// Sets what the server decides (`id`, `meta`, `groups`, …); unassigned removes it.
    pub fn put(&mut self, path: &Path, value: Value) {
        let holder = match path.extension {
            Some(schema) => {
                let entry = self.body.entry(schema.id).or_insert_with(|| Value::Object(Map::new()));
                let Value::Object(holder) = entry else { return };
                holder
            }
            None => &mut self.body,
        };
        if is_assigned(&value) {
            holder.insert(path.attribute.name.to_owned(), value);
        } else {
            holder.remove(path.attribute.name);
        }
        prune(&mut self.body);
    }

    /// Sets the server's id.
    pub fn set_id(&mut self, id: &str) {
        self.body.insert("id".to_owned(), id.into());
    }

    /// Sets `meta`.
    pub fn set_meta(&mut self, meta: &Meta<'_>) {
        self.body.insert("meta".to_owned(), meta.value(self.kind));
    }

    /// Takes the entries that are kept apart (the members of a group) out of the resource; none when the client
    /// named none.
    pub fn take_members(&mut self) -> Option<Vec<Value>> {
        let (_, attribute) = self.kind.attributes().find(|(_, attribute)| attribute.unbounded)?;
        match self.body.remove(attribute.name)? {
            Value::Array(members) => Some(members),
            _ => None,
        }
    }

    /// What the filter's SQL searches: folded text, numbers for booleans and instants, nothing unassigned.
    #[must_use]
    pub fn search_document(&self) -> Map<String, Value> {
        search::document(self.kind, &self.body)
    }

    pub(crate) const fn with_body(kind: &'static ResourceType, body: Map<String, Value>) -> Self {
        Self { kind, body }
    }

    /// Every required attribute has a value.
    pub(crate) fn verify_required(&self) -> Result<(), RequestError> {
        for (extension, attribute) in self.kind.attributes().filter(|(_, attribute)| attribute.required) {
            let path = Path::of(extension, attribute);
            if !path.whole(&self.body).is_some_and(is_assigned) {
                return Err(RequestError::Missing(path.to_string()));
            }
        }
        Ok(())
    }
}

/// The core schema, and the extensions that have an attribute.
pub(crate) fn schemas_of(kind: &ResourceType, body: &Map<String, Value>) -> Vec<&'static str> {
    let used = kind.extensions.iter().filter(|schema| body.contains_key(schema.id));
    std::iter::once(kind.schema.id).chain(used.map(|schema| schema.id)).collect()
}

/// Removes what is null or empty, extensions without attributes included. An empty string stays as it was sent.
pub(crate) fn prune(body: &mut Map<String, Value>) {
    let kept = |value: &Value| match value {
        Value::Null => false,
        Value::Array(entries) => !entries.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    for value in body.values_mut() {
        if let Value::Object(members) = value {
            members.retain(|_, value| kept(value));
        }
    }
    body.retain(|_, value| kept(value));
}

fn same(old: &Value, new: &Value, exact: bool) -> bool {
    match (old, new) {
        (Value::String(old), Value::String(new)) if !exact => fold(old) == fold(new),
        _ => old == new,
    }
}

/// Names that were seen, to find one that stands twice in different case.
type Seen = BTreeSet<(Option<&'static str>, &'static str)>;

#[cfg(test)]
mod tests;
