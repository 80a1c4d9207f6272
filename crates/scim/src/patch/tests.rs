//! The examples of RFC 7644 section 3.5.2, and the rules around them.

use serde_json::{Map, Value, json};

use super::*;
use crate::message::{ErrorMessage, ScimType};
use crate::schema::{AGENT, GROUP, USER};

pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

pub(super) fn patch(
    kind: &'static ResourceType,
    before: Value,
    operations: Value,
) -> Result<Value, PatchError> {
    let mut body = object(json!({"schemas": [PATCH_URN]}));
    body.insert("Operations".to_owned(), operations);
    let resource = Resource::from_stored(kind, object(before));
    let patched = Patch::parse(kind, &body, Unknown::Ignore)?.apply(&resource)?;
    Ok(Value::Object(patched.body().clone()))
}

pub(super) fn user(before: Value, operations: Value) -> Value {
    patch(&USER, before, operations).unwrap_or_else(|error| panic!("{error}"))
}

fn group(before: Value, operations: Value) -> Value {
    patch(&GROUP, before, operations).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(before: Value, operations: Value) -> ScimType {
    let shown = operations.to_string();
    let error = patch(&USER, before, operations).expect_err(&shown);
    ErrorMessage::from(error).scim_type.unwrap()
}

#[test]
fn rfc_add_members_to_a_group() {
    let babs = json!({"display": "Babs Jensen", "value": "2819c223"});
    let operations = json!([{"op": "add", "path": "members", "value": [babs]}]);
    let after = group(json!({"displayName": "g"}), operations.clone());
    assert_eq!(after, json!({"displayName": "g", "members": [babs]}));
    assert_eq!(group(after.clone(), operations), after);
}

#[test]
fn rfc_add_without_a_path() {
    let operations = json!([{"op": "add", "value": {
        "emails": [{"value": "babs@jensen.org", "type": "home"}], "nickname": "Babs"}}]);
    let after =
        user(json!({"userName": "b", "emails": [{"value": "b@example.com", "type": "work"}]}), operations);
    assert_eq!(after["nickName"], "Babs");
    assert_eq!(after["emails"].as_array().unwrap().len(), 2);
}

#[test]
fn rfc_remove_members() {
    let before = json!({"displayName": "g", "members": [{"value": "1"}, {"value": "2"}]});
    let one = json!([{"op": "remove", "path": "members[value eq \"1\"]"}]);
    assert_eq!(group(before.clone(), one), json!({"displayName": "g", "members": [{"value": "2"}]}));
    let all = json!([{"op": "remove", "path": "members"}]);
    assert_eq!(group(before.clone(), all), json!({"displayName": "g"}));
    let both = json!([{"op": "remove", "path": "members[value eq \"1\"]"},
        {"op": "add", "path": "members", "value": [{"value": "3"}]}]);
    assert_eq!(group(before.clone(), both)["members"], json!([{"value": "2"}, {"value": "3"}]));
    let replaced = json!([{"op": "replace", "path": "members", "value": [{"value": "9"}, {"value": "9"}]}]);
    assert_eq!(group(before, replaced)["members"], json!([{"value": "9"}]));
}

#[test]
fn rfc_remove_entries_by_a_filter() {
    let before = json!({"userName": "b", "emails": [{"value": "a@example.com", "type": "work"},
        {"value": "b@example.org", "type": "work"}, {"value": "c@example.com", "type": "home"}]});
    let operations =
        json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \"example.com\"]"}]);
    assert_eq!(user(before, operations)["emails"].as_array().unwrap().len(), 2);
}

#[test]
fn rfc_replace_an_address_and_its_parts() {
    let before = json!({"userName": "b", "addresses": [{"type": "work", "locality": "x", "country": "US"}, {"type": "home"}]});
    let whole = json!([{"op": "replace", "path": "addresses[type eq \"work\"]",
        "value": {"type": "work", "streetAddress": "911 Universal City Plaza", "locality": "Hollywood"}}]);
    assert_eq!(
        user(before.clone(), whole)["addresses"][0],
        json!({"type": "work", "streetAddress": "911 Universal City Plaza", "locality": "Hollywood"})
    );
    let part = json!([{"op": "replace", "path": "addresses[type eq \"work\"].streetAddress", "value": "1010 Broadway Ave"}]);
    assert_eq!(user(before, part)["addresses"][0]["streetAddress"], "1010 Broadway Ave");
}

#[test]
fn rfc_replace_without_a_path() {
    let before = json!({"userName": "b", "emails": [{"value": "old"}], "nickName": "x"});
    let operations = json!([{"op": "replace", "value": {
        "emails": [{"value": "bjensen@example.com", "type": "work", "primary": true}, {"value": "babs@jensen.org"}],
        "nickname": "Babs"}}]);
    let after = user(before, operations);
    assert_eq!((after["emails"].as_array().unwrap().len(), &after["nickName"]), (2, &json!("Babs")));
}

#[test]
fn a_complex_value_keeps_what_is_not_named() {
    let before = json!({"userName": "b", "name": {"givenName": "B", "familyName": "J"}});
    let after = user(
        before.clone(),
        json!([{"op": "replace", "path": "name", "value": {"givenName": "Babs", "familyName": null}}]),
    );
    assert_eq!(after["name"], json!({"givenName": "Babs"}));
    let after = user(before.clone(), json!([{"op": "add", "path": "name.middleName", "value": "M"}]));
    assert_eq!(after["name"], json!({"givenName": "B", "familyName": "J", "middleName": "M"}));
    let after = user(
        before.clone(),
        json!([{"op": "remove", "path": "name.givenName"}, {"op": "remove", "path": "NAME.familyName"}]),
    );
    assert_eq!(after, json!({"userName": "b"}));
    assert_eq!(user(before.clone(), json!([{"op": "add", "path": "title", "value": null}])), before);
}

#[test]
fn another_manager_is_not_described_by_the_old_one() {
    let before = json!({"userName": "b", (ENTERPRISE): {"manager": {"value": "1", "$ref": "../Users/1", "displayName": "One"}}});
    let after = user(
        before.clone(),
        json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": {"value": "2"}}]),
    );
    assert_eq!(after[ENTERPRISE], json!({"manager": {"value": "2"}}));
    let after = user(before.clone(), json!([{"op": "replace", "path": "manager.value", "value": "1"}]));
    assert_eq!(after, before);
}

#[test]
fn a_new_primary_demotes_the_others() {
    let before =
        json!({"userName": "b", "emails": [{"value": "1", "primary": true}, {"value": "2", "type": "work"}]});
    let primaries = |operations: Value| -> Vec<String> {
        let after = user(before.clone(), operations);
        let primary = |one: &&Value| one["primary"] == true;
        after["emails"]
            .as_array()
            .unwrap()
            .iter()
            .filter(primary)
            .map(|one| one["value"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        primaries(json!([{"op": "add", "path": "emails", "value": [{"value": "3", "primary": true}]}])),
        ["3"]
    );
    assert_eq!(
        primaries(json!([{"op": "replace", "path": "emails[value eq \"2\"].primary", "value": true}])),
        ["2"]
    );
    assert_eq!(
        primaries(json!([{"op": "add", "path": "emails[type eq \"work\"]", "value": {"primary": true}}])),
        ["2"]
    );
    assert_eq!(primaries(json!([{"op": "add", "path": "emails", "value": [{"value": "4"}]}])), ["1"]);
    let two = json!([{"op": "add", "path": "emails", "value": [{"value": "3", "primary": true}, {"value": "4", "primary": true}]}]);
    assert_eq!(refusal(before.clone(), two), ScimType::InvalidValue);
    let both = json!([{"op": "replace", "path": "emails.primary", "value": true}]);
    assert_eq!(refusal(before.clone(), both), ScimType::InvalidValue);
}

#[test]
fn refusals_have_their_keyword() {
    let b = || json!({"userName": "b", "id": "7", "emails": [{"value": "x", "type": "work"}]});
    for (operation, expected) in [
        (json!({"op": "remove"}), ScimType::NoTarget),
        (
            json!({"op": "replace", "path": "emails[value eq \"nobody\"].type", "value": "x"}),
            ScimType::NoTarget,
        ),
        (json!({"op": "replace", "path": "ims.value", "value": "x"}), ScimType::NoTarget),
        (json!({"op": "replace", "path": "nope", "value": "x"}), ScimType::InvalidPath),
        (json!({"op": "replace", "path": "emails[type eq", "value": "x"}), ScimType::InvalidPath),
        (json!({"op": "replace", "path": "name[givenName eq \"x\"]", "value": "x"}), ScimType::InvalidPath),
        (
            json!({"op": "replace", "path": "emails[type eq \"x\"] or title", "value": "x"}),
            ScimType::InvalidPath,
        ),
        (json!({"op": "replace", "path": "id", "value": "x"}), ScimType::Mutability),
        (json!({"op": "add", "path": "groups", "value": [{"value": "x"}]}), ScimType::Mutability),
        (json!({"op": "add", "path": "meta.created", "value": "x"}), ScimType::Mutability),
        (json!({"op": "replace", "path": "manager.displayName", "value": "x"}), ScimType::Mutability),
        (json!({"op": "remove", "path": "userName"}), ScimType::Mutability),
        (json!({"op": "replace", "path": "userName", "value": null}), ScimType::InvalidValue),
        (json!({"op": "replace", "path": "title", "value": 7}), ScimType::InvalidValue),
        (json!({"op": "replace", "path": "title"}), ScimType::InvalidValue),
        (json!({"op": "replace", "value": "x"}), ScimType::InvalidSyntax),
        (json!({"op": "move", "path": "title", "value": "x"}), ScimType::InvalidSyntax),
        (json!({"path": "title", "value": "x"}), ScimType::InvalidSyntax),
        (json!({"op": "add", "path": 1, "value": "x"}), ScimType::InvalidSyntax),
        (json!({"op": "add", "OP": "add", "path": "title", "value": "x"}), ScimType::InvalidSyntax),
        (json!("add"), ScimType::InvalidSyntax),
    ] {
        assert_eq!(refusal(b(), json!([operation])), expected, "{operation}");
    }
    for body in [
        json!({}),
        json!({"schemas": [PATCH_URN]}),
        json!({"schemas": [PATCH_URN], "Operations": []}),
        json!({"Operations": [{"op": "add", "path": "title", "value": "x"}]}),
    ] {
        let error = Patch::parse(&USER, &object(body), Unknown::Ignore).unwrap_err();
        assert_eq!(error.scim_type(), ScimType::InvalidSyntax);
    }
}

#[test]
fn it_is_all_or_nothing_and_says_which_operation_failed() {
    let operations =
        json!([{"op": "replace", "path": "title", "value": "new"}, {"op": "remove", "path": "userName"}]);
    let error = patch(&USER, json!({"userName": "b", "title": "old"}), operations).unwrap_err();
    assert_eq!(error.to_string(), "operation 2: `userName` is required and cannot be removed");
}

#[test]
fn a_name_that_is_set_once_can_be_set_again_to_the_same() {
    let before = json!({"agentUserName": "crm"});
    let set = |value: &str| {
        patch(&AGENT, before.clone(), json!([{"op": "replace", "path": "name", "value": value}]))
    };
    assert_eq!(set("crm").unwrap(), before);
    assert_eq!(set("other").unwrap_err().scim_type(), ScimType::Mutability);
    let lifecycle = json!([{"op": "replace", "path": "urn:deputy:scim:schemas:extension:2.0:Agent:lifecycle", "value": "x"}]);
    assert_eq!(patch(&AGENT, before.clone(), lifecycle).unwrap_err().scim_type(), ScimType::Mutability);
    let owner = json!({"agentUserName": "crm", "owners": [{"value": "1", "type": "User"}]});
    let change = json!([{"op": "replace", "path": "owners[value eq \"1\"].value", "value": "2"}]);
    assert_eq!(patch(&AGENT, owner.clone(), change).unwrap_err().scim_type(), ScimType::Mutability);
    let added = json!([{"op": "add", "path": "owners", "value": [{"value": "2", "type": "Group"}]}]);
    assert_eq!(patch(&AGENT, owner, added).unwrap()["owners"].as_array().unwrap().len(), 2);
}

#[test]
fn a_password_is_taken_and_forgotten() {
    let before = json!({"userName": "b"});
    let set =
        |value: Value| patch(&USER, before.clone(), json!([{"op": "replace", "value": {"password": value}}]));
    assert_eq!(set(json!("t1meMa$heen")).unwrap(), before);
    assert_eq!(set(json!(7)).unwrap_err().scim_type(), ScimType::InvalidValue);
}
