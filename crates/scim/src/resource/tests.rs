//! What POST and PUT make of a representation.

use serde_json::{Map, Value, json};

use super::*;
use crate::schema::{AGENT, GROUP, USER};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn create(mut value: Value) -> Result<Resource, RequestError> {
    value["schemas"] = json!([CORE]);
    Resource::create(&USER, &object(value), Unknown::Ignore)
}

fn body(value: Value) -> Value {
    Value::Object(create(value).unwrap().body().clone())
}

#[test]
fn names_are_spelled_as_in_the_schema_and_values_stay_as_sent() {
    let made = body(json!({
        "USERNAME": "Alice@Example.com", "Name": {"GIVENNAME": " Al "}, "active": true, "nickName": "",
        "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user": {"DEPARTMENT": "Tours", "manager": "26"},
    }));
    let expected = json!({
        "userName": "Alice@Example.com", "name": {"givenName": " Al "}, "active": true, "nickName": "",
        (ENTERPRISE): {"department": "Tours", "manager": {"value": "26"}},
    });
    assert_eq!(made, expected);
}

#[test]
fn what_the_client_may_not_set_is_left_out() {
    let made = body(json!({
        "userName": "a", "id": "mine", "meta": {"created": "2010-01-23T04:56:22Z"}, "groups": [{"value": "g"}],
        "password": "t1meMa$heen", "unknown": 1, "emails": [], "roles": [], "title": null, "name": {},
        (ENTERPRISE): {"manager": {"value": "26", "displayName": "made up", "$ref": null}, "costCenter": null},
        "urn:ietf:params:scim:schemas:extension:adscim": {"x": 1},
    }));
    assert_eq!(made, json!({"userName": "a", (ENTERPRISE): {"manager": {"value": "26"}}}));
}

#[test]
fn types_are_strict() {
    for bad in [
        json!({"userName": 1}),
        json!({"userName": "a", "active": "True"}),
        json!({"userName": "a", "emails": {"value": "x"}}),
        json!({"userName": "a", "emails": ["x"]}),
        json!({"userName": "a", "emails": [{"value": true}]}),
        json!({"userName": "a", "name": "x"}),
        json!({"userName": "a", "title": ["x"]}),
        json!({"userName": "a", "password": 7}),
        json!({"userName": "a", "x509Certificates": [{"value": "no base64!"}]}),
        json!({"userName": "a", (ENTERPRISE): "x"}),
    ] {
        let error = create(bad.clone()).unwrap_err();
        assert!(matches!(error, RequestError::WrongType { .. }), "{bad}: {error}");
    }
    assert!(
        create(json!({"userName": "a", "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAwDQ=="}]}))
            .is_ok()
    );
}

#[test]
fn required_attributes_have_a_value() {
    for bad in [json!({}), json!({"userName": null}), json!({"userName": ""})] {
        assert_eq!(create(bad), Err(RequestError::Missing("userName".to_owned())));
    }
    let group =
        object(json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "a",
        "members": [{"display": "nobody"}]}));
    let error = Resource::create(&GROUP, &group, Unknown::Ignore).unwrap_err();
    assert_eq!(error, RequestError::Missing("members.value".to_owned()));
}

#[test]
fn schemas_name_the_type() {
    let create = |schemas: Value| {
        Resource::create(&USER, &object(json!({"schemas": schemas, "userName": "a"})), Unknown::Ignore)
    };
    assert!(create(json!([CORE.to_uppercase()])).is_ok());
    assert!(create(json!([CORE, ENTERPRISE, "urn:unknown"])).is_ok());
    for bad in [json!([]), json!(null), json!(CORE), json!([ENTERPRISE]), json!([CORE, 1])] {
        assert_eq!(create(bad), Err(RequestError::Schemas(CORE)));
    }
}

#[test]
fn an_attribute_stands_once() {
    let error = create(json!({"userName": "a", "username": "b"})).unwrap_err();
    assert_eq!(error, RequestError::Repeated("userName".to_owned()));
    let error = create(json!({"userName": "a", "name": {"givenName": "a", "GivenName": "b"}})).unwrap_err();
    assert_eq!(error, RequestError::Repeated("name.givenName".to_owned()));
    let twice = json!({"userName": "a", (ENTERPRISE): {}, (ENTERPRISE.to_lowercase()): {}});
    assert!(matches!(create(twice), Err(RequestError::Repeated(_))));
}

#[test]
fn unknown_attributes_can_be_refused() {
    let refused = |value: Value| Resource::create(&USER, &object(value), Unknown::Refuse);
    for bad in [
        json!({"schemas": [CORE], "userName": "a", "x": 1}),
        json!({"schemas": [CORE], "userName": "a", "name": {"x": 1}}),
        json!({"schemas": [CORE], "userName": "a", (ENTERPRISE): {"x": 1}}),
    ] {
        assert_eq!(refused(bad), Err(RequestError::Unknown("x".to_owned())));
    }
    assert!(refused(json!({"schemas": [CORE], "userName": "a", "id": "read-only is known"})).is_ok());
}

#[test]
fn entries_stand_once_and_one_is_primary() {
    let made = body(json!({"userName": "a", "emails": [
        {"value": "A@x", "type": "work"}, {"value": "a@X", "type": "WORK", "primary": true}, {"value": "a@x"}, null,
    ]}));
    assert_eq!(made["emails"], json!([{"value": "a@X", "type": "WORK", "primary": true}, {"value": "a@x"}]));
    let two = json!({"userName": "a", "emails": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]});
    assert_eq!(create(two), Err(RequestError::TwoPrimaries("emails".to_owned())));
    let many: Vec<Value> = (0..=MAX_ENTRIES).map(|i| json!({"value": i.to_string()})).collect();
    assert_eq!(
        create(json!({"userName": "a", "emails": many})),
        Err(RequestError::TooMany("emails".to_owned()))
    );
}

#[test]
fn put_replaces_what_the_client_sets_and_keeps_what_the_server_set() {
    let mut old = create(json!({"userName": "a", "title": "t", "externalId": "e"})).unwrap();
    old.set_id("7");
    old.put(&Path::parse("groups", &USER).unwrap(), json!([{"value": "g"}]));
    let sent = object(json!({"schemas": [CORE], "id": "8", "userName": "A2", "active": false, "groups": []}));
    let new = old.replace(&sent, Unknown::Ignore).unwrap();
    let expected = json!({"id": "7", "userName": "A2", "active": false, "groups": [{"value": "g"}]});
    assert_eq!(Value::Object(new.body().clone()), expected);
    let nameless = object(json!({"schemas": [CORE]}));
    assert_eq!(old.replace(&nameless, Unknown::Ignore), Err(RequestError::Missing("userName".to_owned())));
}

#[test]
fn what_is_set_once_stays() {
    const AGENT_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Agent";
    let make = |value: Value| Resource::create(&AGENT, &object(value), Unknown::Ignore);
    let old =
        make(json!({"schemas": [AGENT_URN], "name": "crm", "owners": [{"value": "u", "type": "User"}]}))
            .unwrap();
    assert_eq!(old.text("agentUserName"), Some("crm"));
    let put = |value: Value| old.replace(&object(value), Unknown::Ignore);
    let same = put(json!({"schemas": [AGENT_URN], "agentUserName": "CRM", "displayName": "d"})).unwrap();
    assert_eq!((same.text("agentUserName"), same.text("displayName")), (Some("crm"), Some("d")));
    assert!(same.body().get("owners").is_none());
    let other = put(json!({"schemas": [AGENT_URN], "agentUserName": "other"}));
    assert_eq!(other, Err(RequestError::ImmutableChanged("agentUserName".to_owned())));
    let both = make(json!({"schemas": [AGENT_URN], "name": "a", "agentUserName": "b"}));
    assert_eq!(both, Err(RequestError::Repeated("agentUserName".to_owned())));
}

#[test]
fn the_search_document_is_folded_and_typed() {
    let mut made = create(json!({"userName": "Ä", "externalId": "E", "active": false, "nickName": "",
        "emails": [{"value": "A@X", "primary": true}, {"value": ""}], (ENTERPRISE): {"division": "X"}}))
    .unwrap();
    made.set_meta(&Meta { created: 5, last_modified: 7, version: "W/\"1\"", base: "https://x/v2", id: "1" });
    assert_eq!(made.body()["meta"]["location"], "https://x/v2/Users/1");
    let expected = json!({"userName": "ä", "externalId": "E", "active": 0,
        "emails": [{"value": "a@x", "primary": 1}], (ENTERPRISE): {"division": "x"},
        "meta": {"resourceType": "User", "created": 5, "lastModified": 7, "version": "W/\"1\"",
            "location": "https://x/v2/Users/1"}});
    assert_eq!(Value::Object(made.search_document()), expected);
}

#[test]
fn members_are_taken_out() {
    let sent = object(json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "a",
        "members": [{"value": "1", "$ref": null}, {"value": "1", "display": "One"}]}));
    let mut group = Resource::create(&GROUP, &sent, Unknown::Ignore).unwrap();
    assert_eq!(group.take_members(), Some(vec![json!({"value": "1", "display": "One"})]));
    assert_eq!(group.take_members(), None);
    assert_eq!(Value::Object(group.body().clone()), json!({"displayName": "a"}));
}
