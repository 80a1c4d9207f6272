//! The search document: a resource as its filters compare it.

use serde_json::{Map, Value};

use crate::filter::is_assigned;
use crate::instant::parse_instant;
use crate::path::Path;
use crate::schema::{Attribute, ResourceType, Type};
use crate::text::fold;

/// The same members as in the normal form, but folded unless `caseExact`, booleans as 0 and 1, instants in
/// milliseconds, and without empty strings.
pub(super) fn document(kind: &ResourceType, body: &Map<String, Value>) -> Map<String, Value> {
    let mut document = Map::new();
    for (extension, attribute) in kind.attributes() {
        let path = Path::of(extension, attribute);
        let Some(value) = path.whole(body).and_then(|value| searched(attribute, value)) else { continue };
        let holder = match extension {
            Some(schema) => {
                let holder = document.entry(schema.id).or_insert_with(|| Value::Object(Map::new()));
                let Value::Object(holder) = holder else { continue };
                holder
            }
            None => &mut document,
        };
        holder.insert(attribute.name.to_owned(), value);
    }
    document
}

fn searched(attribute: &Attribute, value: &Value) -> Option<Value> {
    if !is_assigned(value) {
        return None;
    }
    match (attribute.kind, value) {
        (_, Value::Array(entries)) => {
            Some(entries.iter().filter_map(|entry| searched(attribute, entry)).collect())
        }
        (Type::Complex, Value::Object(members)) => {
            let parts = attribute.sub_attributes.iter().filter_map(|sub| {
                let value = searched(sub, members.get(sub.name)?)?;
                Some((sub.name.to_owned(), value))
            });
            Some(Value::Object(parts.collect()))
        }
        (Type::String | Type::Reference, Value::String(text)) if !attribute.case_exact => {
            Some(fold(text).into())
        }
        (Type::Boolean, Value::Bool(value)) => Some(i64::from(*value).into()),
        (Type::DateTime, Value::String(text)) => parse_instant(text).map(Value::from),
        (_, value) => Some(value.clone()),
    }
}
