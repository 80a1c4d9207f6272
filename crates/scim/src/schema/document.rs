//! `/Schemas` and `/ResourceTypes` (RFC 7643 sections 6 and 7, RFC 7644 section 4), rendered from the tables.

use serde_json::{Map, Value, json};

use super::{Attribute, RESOURCE_TYPES, ResourceType, Schema, Type};

/// The URN of a schema document.
pub const SCHEMA_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// The URN of a resource type document.
pub const RESOURCE_TYPE_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

/// Every schema document; `base` is the service's base URL, without a slash at its end.
#[must_use]
pub fn schema_documents(base: &str) -> Vec<Value> {
    RESOURCE_TYPES.iter().flat_map(|one| one.schemas()).map(|schema| render(schema, base)).collect()
}

/// The document of one schema by its URN, in any case.
#[must_use]
pub fn schema_document(urn: &str, base: &str) -> Option<Value> {
    let mut schemas = RESOURCE_TYPES.iter().flat_map(|one| one.schemas());
    schemas.find(|schema| schema.id.eq_ignore_ascii_case(urn)).map(|schema| render(schema, base))
}

/// Every resource type document.
#[must_use]
pub fn resource_type_documents(base: &str) -> Vec<Value> {
    RESOURCE_TYPES.iter().map(|one| resource_type_document(one, base)).collect()
}

/// The document of one resource type.
#[must_use]
pub fn resource_type_document(one: &ResourceType, base: &str) -> Value {
    let extensions: Vec<Value> =
        one.extensions.iter().map(|schema| json!({"schema": schema.id, "required": false})).collect();
    json!({
        "schemas": [RESOURCE_TYPE_URN],
        "id": one.name,
        "name": one.name,
        "description": one.description,
        "endpoint": one.endpoint,
        "schema": one.schema.id,
        "schemaExtensions": extensions,
        "meta": {"resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", one.name)},
    })
}

fn render(schema: &Schema, base: &str) -> Value {
    json!({
        "schemas": [SCHEMA_URN],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": schema.attributes.iter().map(attribute).collect::<Vec<Value>>(),
        "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.id)},
    })
}

fn attribute(one: &Attribute) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("name", one.name.into());
    put("type", one.kind.as_str().into());
    put("multiValued", one.multi_valued.into());
    put("description", one.description.into());
    put("required", one.required.into());
    put("mutability", one.mutability.as_str().into());
    put("returned", one.returned.as_str().into());
    // What only text has: case, uniqueness, suggestions.
    if one.kind == Type::Complex {
        put("subAttributes", one.sub_attributes.iter().map(attribute).collect());
    } else {
        put("caseExact", one.case_exact.into());
        put("uniqueness", one.uniqueness.as_str().into());
    }
    if !one.canonical_values.is_empty() {
        put("canonicalValues", one.canonical_values.into());
    }
    if !one.reference_types.is_empty() {
        put("referenceTypes", one.reference_types.into());
    }
    Value::Object(members)
}
