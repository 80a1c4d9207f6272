//! From a client's JSON to the normal form.

use serde_json::{Map, Value};

use super::{MAX_ENTRIES, RequestError, Seen, Unknown, prune, settle, unique};
use crate::filter::{boolean_word, is_assigned};
use crate::instant::parse_instant;
use crate::path::Path;
use crate::schema::{Attribute, ResourceType, Returned, Schema, Type};
use crate::text::shown;

/// How strictly a value is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leniency {
    /// As the schema says. Only a complex value with a `value` may be given as that value alone.
    Body,
    /// As Microsoft Entra ID patches: `"True"`, one value for an array, an array of one for a value.
    Patch,
}

/// The normal form of a POST's or PUT's body, without what the client may not set.
pub(super) fn request(
    kind: &'static ResourceType,
    body: &Map<String, Value>,
    unknown: Unknown,
) -> Result<Map<String, Value>, RequestError> {
    let mut normal = Map::new();
    let mut seen = Seen::new();
    let mut schemas = None;
    for (name, value) in body {
        if name.eq_ignore_ascii_case("schemas") {
            schemas = Some(value);
        } else if let Some(schema) = kind.find_extension(name) {
            let part = extension(schema, value, unknown, &mut seen)?;
            let twice = normal.insert(schema.id.to_owned(), Value::Object(part)).is_some();
            if twice {
                return Err(RequestError::Repeated(schema.id.to_owned()));
            }
        } else if let Some(attribute) = kind.find_core(name) {
            take(Path::of(None, attribute), value, unknown, &mut seen, &mut normal)?;
        } else if unknown == Unknown::Refuse {
            return Err(RequestError::Unknown(shown(name)));
        }
    }
    let named = |value: &Value| value.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(kind.schema.id));
    let all = schemas.and_then(Value::as_array).filter(|all| all.iter().all(Value::is_string));
    if !all.is_some_and(|all| all.iter().any(named)) {
        return Err(RequestError::Schemas(kind.schema.id));
    }
    prune(&mut normal);
    Ok(normal)
}

fn extension(
    schema: &'static Schema,
    value: &Value,
    unknown: Unknown,
    seen: &mut Seen,
) -> Result<Map<String, Value>, RequestError> {
    let mut normal = Map::new();
    let members = match value {
        Value::Null => return Ok(normal),
        Value::Object(members) => members,
        _ => return Err(wrong(schema.id, Type::Complex)),
    };
    for (name, value) in members {
        match schema.find(name) {
            Some(attribute) => {
                take(Path::of(Some(schema), attribute), value, unknown, seen, &mut normal)?;
            }
            None if unknown == Unknown::Refuse => return Err(RequestError::Unknown(shown(name))),
            None => {}
        }
    }
    Ok(normal)
}

fn take(
    path: Path,
    value: &Value,
    unknown: Unknown,
    seen: &mut Seen,
    into: &mut Map<String, Value>,
) -> Result<(), RequestError> {
    let attribute = path.attribute;
    if !seen.insert((path.extension.map(|schema| schema.id), attribute.name)) {
        return Err(RequestError::Repeated(path.to_string()));
    }
    if !attribute.is_writable() {
        return Ok(());
    }
    let value = attribute_value(attribute, value, Leniency::Body, unknown)?;
    if let Some(value) = value.filter(|_| attribute.returned != Returned::Never) {
        into.insert(attribute.name.to_owned(), value);
    }
    Ok(())
}

/// The normal form of a whole attribute's value; `None` when it is unassigned.
pub(crate) fn attribute_value(
    attribute: &Attribute,
    value: &Value,
    leniency: Leniency,
    unknown: Unknown,
) -> Result<Option<Value>, RequestError> {
    if !attribute.multi_valued {
        return single_value(attribute, value, leniency, unknown);
    }
    let entries = match value {
        Value::Null => return Ok(None),
        Value::Array(entries) => entries.as_slice(),
        one if leniency == Leniency::Patch => std::slice::from_ref(one),
        _ => return Err(RequestError::WrongType { name: attribute.name.to_owned(), expected: "array" }),
    };
    if entries.len() > MAX_ENTRIES && !attribute.unbounded {
        return Err(RequestError::TooMany(attribute.name.to_owned()));
    }
    let mut normal = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(entry) = single_value(attribute, entry, leniency, unknown)? else { continue };
        if attribute.by_value && !entry.get("value").is_some_and(is_assigned) {
            return Err(RequestError::Missing(format!("{}.value", attribute.name)));
        }
        normal.push(entry);
    }
    let mut normal = unique(attribute, normal);
    settle(attribute, &mut normal, None)?;
    Ok((!normal.is_empty()).then_some(Value::Array(normal)))
}

/// One value: of a single-valued attribute, or an entry of a multi-valued one.
fn single_value(
    attribute: &Attribute,
    value: &Value,
    leniency: Leniency,
    unknown: Unknown,
) -> Result<Option<Value>, RequestError> {
    match (attribute.kind, value) {
        (_, Value::Null) => Ok(None),
        // Entra adds a manager as an array of one.
        (_, Value::Array(one)) if leniency == Leniency::Patch && !attribute.multi_valued => {
            match one.as_slice() {
                [] => Ok(None),
                [Value::Array(_)] => Err(wrong(attribute.name, attribute.kind)),
                [one] => single_value(attribute, one, leniency, unknown),
                _ => Err(wrong(attribute.name, attribute.kind)),
            }
        }
        (Type::Complex, Value::Object(members)) => {
            let object = object_value(attribute, members, leniency, unknown)?;
            let object = Value::Object(object);
            Ok(is_assigned(&object).then_some(object))
        }
        (Type::Complex, Value::String(text)) if leniency == Leniency::Patch || !attribute.multi_valued => {
            let part = attribute.value_sub().ok_or_else(|| wrong(attribute.name, Type::Complex))?;
            let members = Map::from_iter([(part.name.to_owned(), text.as_str().into())]);
            Ok((!text.is_empty()).then_some(Value::Object(members)))
        }
        (kind, value) => plain(kind, value, leniency).map(Some).ok_or_else(|| wrong(attribute.name, kind)),
    }
}

/// The parts of a complex value that the client may set; unassigned parts are left out.
pub(crate) fn object_value(
    attribute: &Attribute,
    members: &Map<String, Value>,
    leniency: Leniency,
    unknown: Unknown,
) -> Result<Map<String, Value>, RequestError> {
    let mut normal = Map::new();
    let mut seen = Seen::new();
    for (name, value) in members {
        let Some(sub) = attribute.find_sub(name) else {
            if unknown == Unknown::Refuse {
                return Err(RequestError::Unknown(shown(name)));
            }
            continue;
        };
        if !seen.insert((None, sub.name)) {
            return Err(RequestError::Repeated(format!("{}.{}", attribute.name, sub.name)));
        }
        if let Some(value) = single_value(sub, value, leniency, unknown)?
            && sub.is_writable()
        {
            normal.insert(sub.name.to_owned(), value);
        }
    }
    Ok(normal)
}

fn plain(kind: Type, value: &Value, leniency: Leniency) -> Option<Value> {
    let fits = match (kind, value) {
        (Type::String | Type::Reference, Value::String(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Decimal, Value::Number(_)) => true,
        (Type::Boolean, Value::String(text)) if leniency == Leniency::Patch => {
            return boolean_word(text).map(Value::Bool);
        }
        (Type::Integer, Value::Number(number)) => number.is_i64(),
        (Type::DateTime, Value::String(text)) => parse_instant(text).is_some(),
        (Type::Binary, Value::String(text)) => is_base64(text),
        _ => false,
    };
    fits.then(|| value.clone())
}

/// Base64 of either alphabet (RFC 4648 sections 4 and 5), padding optional.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let alphabet = digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte));
    alphabet && digits.len() % 4 != 1 && (padding == 0 || (padding <= 2 && text.len().is_multiple_of(4)))
}

fn wrong(name: &str, kind: Type) -> RequestError {
    RequestError::WrongType { name: name.to_owned(), expected: kind.as_str() }
}
