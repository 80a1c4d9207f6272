//! Patches that nobody means: the engine never panics, and what it leaves is a resource in the normal form.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::tests::object;
use super::*;
use crate::schema::{AGENT, GROUP, USER};

fn path() -> impl Strategy<Value = Value> {
    let pieces = prop::sample::select(vec![
        "emails",
        "members",
        "owners",
        "name",
        ".value",
        "[",
        "]",
        "type eq \"work\"",
        "value eq \"1\"",
        "title",
        "userName",
        "agentUserName",
        ".",
        ":",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "manager",
        "groups",
        "active",
        "[type eq \"x\"]",
        ".primary",
        "id",
        "roles",
        "\"",
        "é",
        "password",
    ]);
    prop_oneof![
        4 => prop::collection::vec(pieces, 1..5).prop_map(|pieces| Value::from(pieces.concat())),
        1 => any::<String>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        Just(json!("True")),
        Just(json!("")),
        "[a-c1-3]{1,2}".prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop::sample::select(vec![
            "value",
            "type",
            "primary",
            "emails",
            "name",
            "givenName",
            "manager",
            "members",
            "display",
            "$ref",
            "owners",
            "emails[type eq \"x\"].value",
            "name.familyName",
            "nope",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(vec!["add", "Replace", "REMOVE", "move"]);
    (op, path(), value()).prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
}

fn is_normal(body: &Map<String, Value>) -> bool {
    body.values().all(|value| match value {
        Value::Null => false,
        Value::Array(entries) => !entries.is_empty() && entries.iter().all(|entry| !entry.is_null()),
        Value::Object(members) => !members.is_empty() && is_normal(members),
        _ => true,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_patch_is_applied_or_refused(operations in prop::collection::vec(operation(), 1..6)) {
        let body = object(json!({"schemas": [PATCH_URN], "Operations": operations}));
        let entries = json!([{"value": "1", "type": "work"}, {"value": "2"}]);
        for (kind, before) in [
            (&USER, json!({"userName": "a", "name": {"givenName": "g"}, "emails": entries})),
            (&GROUP, json!({"displayName": "a", "members": entries})),
            (&AGENT, json!({"agentUserName": "a", "owners": entries})),
        ] {
            let resource = Resource::from_stored(kind, object(before));
            let Ok(patch) = Patch::parse(kind, &body, Unknown::Ignore) else { continue };
            let _ = patch.split_members();
            if let Ok(patched) = patch.apply(&resource) {
                prop_assert!(is_normal(patched.body()), "{:?}", patched);
                // What a patch leaves can be sent back as a PUT.
                let mut sent = patched.body().clone();
                sent.insert("schemas".to_owned(), patched.schemas().into());
                let sent_back = patched.replace(&sent, Unknown::Refuse);
                prop_assert_eq!(sent_back.as_ref(), Ok(&patched));
            }
        }
    }
}

#[test]
fn operations_are_bounded() {
    let of = |n: usize| {
        let operations = vec![json!({"op": "add", "path": "title", "value": "x"}); n];
        Patch::parse(
            &USER,
            &object(json!({"schemas": [PATCH_URN], "Operations": operations})),
            Unknown::Ignore,
        )
    };
    assert!(of(MAX_OPERATIONS).is_ok());
    assert_eq!(of(MAX_OPERATIONS + 1), Err(PatchError::TooMany));
    let members: Map<String, Value> =
        (0..=MAX_OPERATIONS).map(|i| (format!("emails[type eq \"{i}\"].value"), "x".into())).collect();
    let body = json!({"schemas": [PATCH_URN], "Operations": [{"op": "add", "value": members}]});
    assert_eq!(Patch::parse(&USER, &object(body), Unknown::Ignore), Err(PatchError::TooMany));
    let long = json!([{"op": "add", "path": "a".repeat(100_000), "value": "x"}]);
    let body = json!({"schemas": [PATCH_URN], "Operations": long});
    assert!(Patch::parse(&USER, &object(body), Unknown::Ignore).is_err());
}
