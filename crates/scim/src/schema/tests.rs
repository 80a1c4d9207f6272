//! The tables keep their own rules, and the documents say what the tables say.

use serde_json::Value;

use super::*;

fn every() -> impl Iterator<Item = &'static Attribute> {
    RESOURCE_TYPES
        .iter()
        .flat_map(|one| one.attributes())
        .flat_map(|(_, one)| std::iter::once(one).chain(one.sub_attributes))
}

#[test]
fn names_are_plain_so_that_sql_may_carry_them() {
    for one in every() {
        let plain = one.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '$');
        assert!(plain && !one.name.is_empty(), "{}", one.name);
    }
    for schema in RESOURCE_TYPES.iter().flat_map(|one| one.schemas()) {
        assert!(schema.id.chars().all(|c| c.is_ascii_alphanumeric() || ":.".contains(c)), "{}", schema.id);
    }
}

#[test]
fn only_complex_attributes_have_parts_and_parts_are_simple() {
    for one in every() {
        assert_eq!(one.kind == Type::Complex, !one.sub_attributes.is_empty(), "{}", one.name);
        assert!(one.sub_attributes.iter().all(|sub| sub.kind != Type::Complex && !sub.multi_valued));
        assert!(!one.unbounded || (one.by_value && one.multi_valued), "{}", one.name);
    }
}

#[test]
fn names_are_found_in_any_case_and_by_alias() {
    assert_eq!(USER.find_core("USERNAME").unwrap().name, "userName");
    assert_eq!(USER.find_core("ExternalID").unwrap().name, "externalId");
    assert_eq!(AGENT.find_core("name").unwrap().name, "agentUserName");
    assert!(USER.find_core("agentUserName").is_none());
    let enterprise =
        USER.find_extension("URN:IETF:params:scim:schemas:extension:ENTERPRISE:2.0:User").unwrap();
    assert_eq!(enterprise.find("MANAGER").unwrap().value_sub().unwrap().name, "value");
    assert_eq!(ResourceType::find("agent"), Some(&AGENT));
}

#[test]
fn documents_render_every_attribute_with_its_characteristics() {
    let documents = schema_documents("https://id.example/scim/v2");
    let ids: Vec<&str> = documents.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            "urn:ietf:params:scim:schemas:core:2.0:Agent",
            "urn:deputy:scim:schemas:extension:2.0:Agent",
        ]
    );
    let user = schema_document("URN:ietf:params:scim:schemas:core:2.0:user", "https://id.example").unwrap();
    let find = |name: &str| -> Value {
        user["attributes"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone()
    };
    assert_eq!(find("userName")["uniqueness"], "server");
    assert_eq!(find("userName")["caseExact"], false);
    assert_eq!(find("password")["mutability"], "writeOnly");
    assert_eq!(find("password")["returned"], "never");
    assert_eq!(find("emails")["subAttributes"][2]["canonicalValues"][0], "work");
    assert_eq!(find("groups")["subAttributes"][1]["referenceTypes"][0], "Group");
    assert_eq!(
        user["meta"]["location"],
        "https://id.example/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"
    );
    assert!(schema_document("urn:none", "").is_none());
}

#[test]
fn resource_types_name_their_extensions() {
    let documents = resource_type_documents("https://id.example");
    assert_eq!(documents.len(), 3);
    assert_eq!(documents[0]["schemaExtensions"][0]["required"], false);
    assert_eq!(documents[2]["endpoint"], "/Agents");
    assert_eq!(documents[1]["meta"]["location"], "https://id.example/ResourceTypes/Group");
}

#[test]
fn the_provider_says_what_is_true() {
    let config =
        ProviderConfig { documentation: None, default_page: 100, most_page: 500, cursor_seconds: 3600 };
    let document = config.document("https://id.example");
    assert_eq!(document["bulk"]["supported"], false);
    assert_eq!(document["pagination"]["defaultPaginationMethod"], "index");
    assert_eq!(document["filter"]["maxResults"], 500);
    assert!(document.get("documentationUri").is_none());
    let config = ProviderConfig { documentation: Some("https://id.example/docs".to_owned()), ..config };
    assert_eq!(config.document("")["documentationUri"], "https://id.example/docs");
}
