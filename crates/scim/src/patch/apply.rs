//! One operation on a resource's body.

use serde_json::{Map, Value};

use super::entries;
use super::target::Target;
use super::{Operation, PatchFault, Verb};
use crate::filter::is_assigned;
use crate::path::Path;
use crate::resource::{Leniency, Unknown, attribute_value, object_value};
use crate::schema::{Attribute, Mutability, Returned, Type};
use crate::text::fold;

pub(super) fn apply(
    operation: &Operation,
    body: &mut Map<String, Value>,
    unknown: Unknown,
) -> Result<(), PatchFault> {
    let Operation { verb, target, value, .. } = operation;
    let path = match target {
        Target::Extension(schema) => {
            body.remove(schema.id);
            return Ok(());
        }
        Target::Attribute(path) | Target::Entries { path, .. } => *path,
    };
    let attribute = path.attribute;
    if attribute.required && *verb == Verb::Remove && path.sub.is_none() {
        return Err(PatchFault::Required(path.to_string()));
    }
    let old = take(&path, body);
    let value = value.as_ref();
    let new = match target {
        Target::Entries { filter, sub, .. } => {
            let change = entries::Change { attribute, verb: *verb, value, unknown };
            change.matching(old, filter, *sub)?
        }
        _ if attribute.multi_valued => {
            let change = entries::Change { attribute, verb: *verb, value, unknown };
            change.all(old, path.sub)?
        }
        _ => single(&path, old, *verb, value, unknown)?,
    };
    if let Some(new) = new.filter(|_| attribute.returned != Returned::Never) {
        put(&path, new, body);
    }
    Ok(())
}

/// Takes the attribute's value out of the body, so that it can be changed without being copied.
fn take(path: &Path, body: &mut Map<String, Value>) -> Option<Value> {
    let Some(schema) = path.extension else { return body.remove(path.attribute.name) };
    let holder = body.get_mut(schema.id)?.as_object_mut()?;
    let value = holder.remove(path.attribute.name);
    if holder.is_empty() {
        body.remove(schema.id);
    }
    value
}

fn put(path: &Path, value: Value, body: &mut Map<String, Value>) {
    let name = path.attribute.name.to_owned();
    let Some(schema) = path.extension else {
        body.insert(name, value);
        return;
    };
    let holder = body.entry(schema.id).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(holder) = holder {
        holder.insert(name, value);
    }
}

/// The new value of a single-valued attribute.
fn single(
    path: &Path,
    old: Option<Value>,
    verb: Verb,
    value: Option<&Value>,
    unknown: Unknown,
) -> Result<Option<Value>, PatchFault> {
    let attribute = path.attribute;
    let value = value.filter(|_| verb != Verb::Remove);
    if verb == Verb::Add && value.is_none() {
        return Ok(old);
    }
    let new = match (path.sub, attribute.kind) {
        (Some(sub), _) => {
            let part = attribute_or_none(sub, value, unknown)?;
            let part = part.map(|part| (sub.name.to_owned(), part));
            let gone = if part.is_none() { vec![sub.name] } else { Vec::new() };
            joined(attribute, old.clone(), Map::from_iter(part), &gone)
        }
        (None, Type::Complex) => complex(attribute, old.clone(), value, unknown)?,
        (None, _) => attribute_or_none(attribute, value, unknown)?,
    };
    verify_immutable(attribute, old.as_ref(), new.as_ref())?;
    Ok(new)
}

fn attribute_or_none(
    attribute: &Attribute,
    value: Option<&Value>,
    unknown: Unknown,
) -> Result<Option<Value>, PatchFault> {
    let Some(value) = value else { return Ok(None) };
    Ok(attribute_value(attribute, value, Leniency::Patch, unknown)?)
}

/// A complex value: the parts that are named are set, those that are null are removed, the others stay.
fn complex(
    attribute: &Attribute,
    old: Option<Value>,
    value: Option<&Value>,
    unknown: Unknown,
) -> Result<Option<Value>, PatchFault> {
    let value = match value {
        Some(Value::Array(one)) if one.len() == 1 => one.first(),
        value => value,
    };
    match value {
        Some(Value::Object(members)) => {
            let parts = object_value(attribute, members, Leniency::Patch, unknown)?;
            let nulls = members.iter().filter(|(_, value)| value.is_null());
            let gone: Vec<&str> =
                nulls.filter_map(|(name, _)| attribute.find_sub(name)).map(|sub| sub.name).collect();
            Ok(joined(attribute, old, parts, &gone))
        }
        value => match attribute_or_none(attribute, value, unknown)? {
            Some(Value::Object(parts)) => Ok(joined(attribute, old, parts, &[])),
            _ => Ok(None),
        },
    }
}

/// The old object with new parts. Another `value` is another thing, of which the old parts say nothing.
fn joined(
    attribute: &Attribute,
    old: Option<Value>,
    parts: Map<String, Value>,
    gone: &[&str],
) -> Option<Value> {
    let mut object = match old {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let is_other = attribute.value_sub().is_some_and(|sub| {
        let new = parts.get(sub.name);
        gone.contains(&sub.name) || (new.is_some() && new != object.get(sub.name))
    });
    if is_other {
        object.clear();
    }
    object.extend(parts);
    object.retain(|name, _| !gone.contains(&name.as_str()));
    let object = Value::Object(object);
    is_assigned(&object).then_some(object)
}

pub(super) fn verify_immutable(
    attribute: &Attribute,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Result<(), PatchFault> {
    let Some(old) = old.filter(|_| attribute.mutability == Mutability::Immutable) else { return Ok(()) };
    let same = match (old, new) {
        (Value::String(old), Some(Value::String(new))) if !attribute.case_exact => fold(old) == fold(new),
        (old, new) => Some(old) == new,
    };
    if same { Ok(()) } else { Err(PatchFault::Immutable(attribute.name.to_owned())) }
}
