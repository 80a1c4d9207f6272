//! The law of the delta: on any group it leaves the members that the whole patch leaves.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tests::object;
use super::*;
use crate::schema::GROUP;

fn ids() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0_u8..8, 0..5)
}

fn sent(ids: &[u8]) -> Value {
    ids.iter().map(|id| json!({"value": id.to_string(), "$ref": null})).collect()
}

fn operation() -> impl Strategy<Value = Value> {
    let filter = |ids: Vec<u8>| {
        let terms: Vec<String> = ids.iter().map(|id| format!("value eq \"{id}\"")).collect();
        json!({"op": "remove", "path": format!("members[{}]", terms.join(" or "))})
    };
    prop_oneof![
        ids().prop_map(|ids| json!({"op": "Add", "path": "members", "value": sent(&ids)})),
        ids().prop_map(|ids| json!({"op": "remove", "path": "members", "value": sent(&ids)})),
        ids().prop_map(|ids| json!({"op": "replace", "path": "members", "value": sent(&ids)})),
        ids()
            .prop_map(|ids| json!({"op": "replace", "value": {"members": sent(&ids), "displayName": "new"}})),
        prop::collection::vec(0_u8..8, 1..4).prop_map(filter),
        Just(json!({"op": "remove", "path": "members"})),
        Just(json!({"op": "replace", "path": "members", "value": null})),
        Just(json!({"op": "add", "path": "members", "value": null})),
        Just(json!({"op": "replace", "path": "displayName", "value": "other"})),
        Just(json!({"op": "add", "path": "externalId", "value": "e"})),
    ]
}

fn members(resource: &Resource) -> BTreeSet<String> {
    let members = resource.body().get("members").and_then(Value::as_array).cloned().unwrap_or_default();
    members.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn the_delta_and_the_whole_agree(before in ids(), operations in prop::collection::vec(operation(), 1..6)) {
        let body = object(json!({"schemas": [PATCH_URN], "Operations": operations}));
        let patch = Patch::parse(&GROUP, &body, Unknown::Ignore).unwrap();
        let group = Resource::from_stored(&GROUP, object(json!({"displayName": "g", "members": sent(&before)})));
        let mut whole = patch.apply(&group).unwrap();

        let split = patch.split_members().unwrap().unwrap();
        let mut bare = group.clone();
        bare.take_members();
        let rest = split.rest.apply(&bare).unwrap();
        prop_assert_eq!(split.members.apply(&members(&group)), members(&whole));
        whole.take_members();
        prop_assert_eq!(rest, whole);
    }
}

#[test]
fn what_depends_on_more_than_ids_has_no_delta() {
    let split = |operation: Value| {
        let body = object(json!({"schemas": [PATCH_URN], "Operations": [operation]}));
        Patch::parse(&GROUP, &body, Unknown::Ignore).unwrap().split_members().unwrap()
    };
    assert!(split(json!({"op": "remove", "path": "members[type eq \"Group\"]"})).is_none());
    assert!(split(json!({"op": "remove", "path": "members[value ne \"1\"]"})).is_none());
    assert!(
        split(json!({"op": "replace", "path": "members[value eq \"1\"].display", "value": "x"})).is_none()
    );
    let known = split(json!({"op": "replace", "path": "displayName", "value": "x"})).unwrap();
    assert!(known.members.is_empty() && !known.rest.is_empty());
    let known = split(json!({"op": "remove", "path": "members[value eq \"1\"]"})).unwrap();
    assert_eq!(known.members.remove.len(), 1);
    assert!(known.rest.is_empty());
}
