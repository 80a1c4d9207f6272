//! The patches of Okta and Microsoft Entra ID.

use serde_json::json;

use super::tests::{ENTERPRISE, patch, user};
use crate::message::ScimType;
use crate::schema::{GROUP, USER};

#[test]
fn okta_deactivates_without_a_path() {
    let after = user(
        json!({"userName": "b", "active": true}),
        json!([{"op": "replace", "value": {"active": false}}]),
    );
    assert_eq!(after, json!({"userName": "b", "active": false}));
}

#[test]
fn okta_renames_a_group_and_keeps_its_members() {
    let before = json!({"id": "7", "displayName": "old", "members": [{"value": "1"}]});
    let after = patch(&GROUP, before, json!([{"op": "replace", "value": {"id": "8", "displayName": "new"}}]))
        .unwrap();
    assert_eq!(after, json!({"id": "7", "displayName": "new", "members": [{"value": "1"}]}));
}

#[test]
fn entra_capitalises_and_sends_booleans_as_text() {
    let before = json!({"userName": "b", "active": true, "roles": [{"value": "old", "primary": true}]});
    let after = user(
        before,
        json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Add", "path": "displayName", "value": "B"},
            {"op": "replace", "path": "roles[primary eq \"True\"].value", "value": "new"},
            {"op": "Remove", "path": "title"},
        ]),
    );
    assert_eq!(
        after,
        json!({"userName": "b", "active": false, "displayName": "B", "roles": [{"value": "new", "primary": true}]})
    );
}

#[test]
fn entra_makes_an_entry_by_its_type() {
    let after = user(
        json!({"userName": "b"}),
        json!([
            {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "b@example.com"},
            {"op": "Replace", "path": "addresses[type eq \"work\"].locality", "value": "Hollywood"},
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "c@example.com"},
        ]),
    );
    assert_eq!(after["emails"], json!([{"type": "work", "value": "c@example.com"}]));
    assert_eq!(after["addresses"], json!([{"type": "work", "locality": "Hollywood"}]));
    for path in [
        "roles[primary eq \"True\"].value",
        "emails[type eq \"a\" and value eq \"b\"].value",
        "emails[type sw \"w\"].value",
    ] {
        let error =
            patch(&USER, json!({"userName": "b"}), json!([{"op": "Add", "path": path, "value": "x"}]));
        assert_eq!(error.unwrap_err().scim_type(), ScimType::NoTarget, "{path}");
    }
}

#[test]
fn entra_paths_have_urns_of_core_and_extension() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let after = user(
        json!({"userName": "b"}),
        json!([
            {"op": "Add", "path": format!("{core}:title"), "value": "T"},
            {"op": "Add", "path": format!("{core}:emails[type eq \"work\"].value"), "value": "x"},
            {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "D"},
        ]),
    );
    assert_eq!(
        after,
        json!({"userName": "b", "title": "T", "emails": [{"type": "work", "value": "x"}], (ENTERPRISE): {"department": "D"}})
    );
}

#[test]
fn entra_keys_are_paths() {
    let after = user(
        json!({"userName": "b"}),
        json!([{"op": "Add", "value": {
            "name.givenName": "G", "name.familyName": "F", "emails[type eq \"work\"].value": "w@x",
            (format!("{ENTERPRISE}:employeeNumber")): "701984", (ENTERPRISE): {"division": "V"},
            "urn:unknown:2.0:User": {"x": 1}, "unknown": 2, "active": "True", "schemas": [], "meta": {},
        }}]),
    );
    let expected = json!({"userName": "b", "name": {"givenName": "G", "familyName": "F"}, "active": true,
        "emails": [{"type": "work", "value": "w@x"}], (ENTERPRISE): {"employeeNumber": "701984", "division": "V"}});
    assert_eq!(after, expected);
}

#[test]
fn entra_sets_a_manager_in_every_form() {
    let path = format!("{ENTERPRISE}:manager");
    for value in
        [json!("26"), json!({"value": "26"}), json!([{"value": "26"}]), json!({"value": "26", "$ref": null})]
    {
        let after = user(json!({"userName": "b"}), json!([{"op": "Add", "path": path, "value": value}]));
        assert_eq!(after[ENTERPRISE], json!({"manager": {"value": "26"}}), "{value}");
    }
    let before = json!({"userName": "b", (ENTERPRISE): {"manager": {"value": "26"}}});
    for operation in [
        json!({"op": "Replace", "path": path, "value": ""}),
        json!({"op": "Replace", "path": path, "value": {"value": ""}}),
        json!({"op": "Replace", "path": path, "value": null}),
        json!({"op": "Remove", "path": path}),
        json!({"op": "Remove", "path": format!("{path}.value")}),
        json!({"op": "Remove", "path": ENTERPRISE}),
    ] {
        assert_eq!(user(before.clone(), json!([operation])), json!({"userName": "b"}), "{operation}");
    }
}

#[test]
fn entra_removes_the_members_that_it_names_and_no_others() {
    let before = json!({"displayName": "g", "members": [{"value": "1"}, {"value": "2"}, {"value": "3"}]});
    let left = |operation: serde_json::Value| -> Vec<String> {
        let after = patch(&GROUP, before.clone(), json!([operation])).unwrap();
        let members = after["members"].as_array().cloned().unwrap_or_default();
        members.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        left(json!({"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "2"}]})),
        ["1", "3"]
    );
    assert_eq!(left(json!({"op": "Remove", "path": "members", "value": [{"value": "9"}]})), ["1", "2", "3"]);
    assert_eq!(left(json!({"op": "Remove", "path": "members", "value": []})), ["1", "2", "3"]);
    assert_eq!(left(json!({"op": "Remove", "path": "members", "value": "3"})), ["1", "2"]);
    assert_eq!(left(json!({"op": "Remove", "path": "members[value eq \"9\"]"})), ["1", "2", "3"]);
    assert_eq!(
        left(
            json!({"op": "Add", "name": "addMember", "path": "members", "value": [{"$ref": null, "value": "1"}, {"value": "4"}]})
        ),
        ["1", "2", "3", "4"]
    );
}

#[test]
fn entra_removes_one_role_of_many() {
    let before =
        json!({"userName": "b", "roles": [{"value": "A", "type": "x"}, {"value": "B", "type": "x"}]});
    let after = user(before.clone(), json!([{"op": "Remove", "path": "roles", "value": [{"value": "a"}]}]));
    assert_eq!(after["roles"], json!([{"value": "B", "type": "x"}]));
    let after = user(before, json!([{"op": "Remove", "path": "roles[value eq \"b\"].value"}]));
    assert_eq!(after["roles"], json!([{"value": "A", "type": "x"}]));
}
