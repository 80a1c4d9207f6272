//! What Microsoft Entra ID sends, in its order and its words.

use deputy_tests::on_both_databases;
use serde_json::{Value, json};

use super::{ENTERPRISE, GROUP, USER, encoded, found, listed, made, members_of, patch, sorted, tidy};

/// What the default attribute mapping posts.
fn mapped(name: &str) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": format!("{name}-external"),
        "userName": name,
        "active": true,
        "addresses": [{"primary": false, "type": "work", "country": "NL", "locality": null, "formatted": null}],
        "displayName": "Adele Vance",
        "emails": [{"primary": true, "type": "work", "value": format!("{name}@entra.example")}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "Adele Vance", "familyName": "Vance", "givenName": "Adele"},
        "roles": [],
        "title": null,
        ENTERPRISE: {"department": "Retail", "employeeNumber": null, "manager": null},
    })
}

on_both_databases!(people_are_matched_as_entra_matches_them, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let probe = r#"userName eq "3b2a4f6e-7a61-4b7e-b0b1-9d8f3f0a9d11""#;
    assert!(found(&service, "/Users", probe, "id").await.is_empty(), "the connection test");
    let created = tidy(service.post("/Users", mapped("adele")).await.is(201));
    assert_eq!((&created["externalId"], &created["active"]), (&json!("adele-external"), &json!(true)));
    assert_eq!(created["addresses"], json!([{"primary": false, "type": "work", "country": "NL"}]));
    let id = created.text_of("id");
    for (filter, hit) in [
        (r#"userName eq "ADELE""#, true),
        (r#"externalId eq "adele-external""#, true),
        (r#"externalId eq "ADELE-external""#, false),
        (r#"emails[type eq "work"].value eq "Adele@entra.example""#, true),
        (r#"emails[type eq "home"].value eq "adele@entra.example""#, false),
    ] {
        assert_eq!(found(&service, "/Users", filter, "id").await.len(), usize::from(hit), "{filter}");
    }
    let plus = listed(&service, "/Users?filter=externalId+eq+%22adele-external%22").await;
    assert_eq!(plus["Resources"][0]["id"], json!(id));

    let boss = made(&service, "/Users", mapped("boss")).await;
    let asked = |manager: &str| {
        let filter = encoded(&format!(r#"id eq "{id}" and manager eq "{manager}""#));
        format!("/Users?filter={filter}&attributes=id")
    };
    assert_eq!(listed(&service, &asked(&boss)).await["totalResults"], 0);
    for value in [json!(boss), json!({"value": boss}), json!([{"value": boss}])] {
        let path = format!("{ENTERPRISE}:manager");
        let set = patch(json!([{"op": "Add", "path": path, "value": value}]));
        let patched = tidy(service.patch(&format!("/Users/{id}"), set).await.is(200));
        assert_eq!(patched[ENTERPRISE]["manager"]["value"], json!(boss), "{value}");
        let hit = listed(&service, &asked(&boss)).await;
        assert_eq!(hit["Resources"], json!([{"schemas": hit["Resources"][0]["schemas"], "id": id}]));
        let clear = patch(json!([{"op": "Replace", "path": path, "value": ""}]));
        let cleared = tidy(service.patch(&format!("/Users/{id}"), clear).await.is(200));
        assert!(cleared[ENTERPRISE].get("manager").is_none(), "{}", cleared.text);
        assert_eq!(listed(&service, &asked(&boss)).await["totalResults"], 0);
    }
});

on_both_databases!(people_are_patched_as_entra_patches_them, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let id = made(&service, "/Users", mapped("adele")).await;
    let path = format!("/Users/{id}");
    let change = patch(json!([
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "new@entra.example"},
        {"op": "Add", "path": "emails[type eq \"home\"].value", "value": "home@entra.example"},
        {"op": "Replace", "path": "name.familyName", "value": "Van Ce"},
        {"op": "Add", "path": "addresses[type eq \"work\"].locality", "value": "Amsterdam"},
        {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+31 6 1234"},
        {"op": "Replace", "path": format!("{USER}:displayName"), "value": "Adele V"},
        {"op": "Add", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "701984"},
        {"op": "Add", "path": "roles", "value": [{"value": "Reader", "primary": "True"}]},
    ]));
    let patched = tidy(service.patch(&path, change).await.is(200));
    assert_eq!(
        patched["emails"],
        json!([
            {"primary": true, "type": "work", "value": "new@entra.example"},
            {"type": "home", "value": "home@entra.example"},
        ])
    );
    assert_eq!(patched["name"]["familyName"], "Van Ce");
    assert_eq!(patched["addresses"][0]["locality"], "Amsterdam");
    assert_eq!(patched["phoneNumbers"], json!([{"type": "mobile", "value": "+31 6 1234"}]));
    assert_eq!(
        (&patched["displayName"], &patched[ENTERPRISE]["employeeNumber"]),
        (&json!("Adele V"), &json!("701984"))
    );
    assert_eq!(patched["roles"], json!([{"value": "Reader", "primary": true}]));

    // Dotted keys without a path are expanded.
    let change = patch(json!([{"op": "replace", "value": {
        "name.givenName": "Ada", "displayName": "Ada V", "active": "False",
        format!("{ENTERPRISE}:employeeNumber"): "8",
        "emails[type eq \"work\"].value": "third@entra.example",
    }}]));
    let patched = tidy(service.patch(&path, change).await.is(200));
    assert_eq!(
        patched["name"],
        json!({"formatted": "Adele Vance", "familyName": "Van Ce", "givenName": "Ada"})
    );
    assert_eq!((&patched["active"], &patched[ENTERPRISE]["employeeNumber"]), (&json!(false), &json!("8")));
    assert_eq!(patched["emails"][0]["value"], "third@entra.example");
    assert!(!patched.text.contains("name.givenName"), "{}", patched.text);

    let change = patch(json!([
        {"op": "Replace", "path": "active", "value": "True"},
        {"op": "Remove", "path": "roles[primary eq \"True\"]"},
        {"op": "Remove", "path": format!("{ENTERPRISE}:employeeNumber")},
    ]));
    let patched = tidy(service.patch(&path, change).await.is(200));
    assert_eq!(patched["active"], true);
    assert!(patched.json.get("roles").is_none(), "{}", patched.text);
    assert!(patched[ENTERPRISE].get("employeeNumber").is_none());

    // One operation that cannot be done undoes the others.
    let before = service.get(&path).await.is(200);
    let change = patch(json!([
        {"op": "Replace", "path": "displayName", "value": "Nobody"},
        {"op": "Replace", "path": "active", "value": "Perhaps"},
    ]));
    service.patch(&path, change).await.is_scim_error(400, Some("invalidValue"));
    assert_eq!(service.get(&path).await.is(200).json, before.json);
});

on_both_databases!(people_are_deleted_softly_then_for_good, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let id = made(&service, "/Users", mapped("adele")).await;
    let path = format!("/Users/{id}");
    let soft = patch(json!([{"op": "Replace", "path": "active", "value": "False"}]));
    assert_eq!(service.patch(&path, soft).await.is(200)["active"], false);
    assert_eq!(found(&service, "/Users", r#"userName eq "adele""#, "id").await, [id]);
    service.delete(&path).await.is(204);
    service.delete(&path).await.is_scim_error(404, None);
    assert!(found(&service, "/Users", r#"userName eq "adele""#, "id").await.is_empty());
});

on_both_databases!(groups_are_kept_as_entra_keeps_them, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let mut people = Vec::new();
    for at in 0..6 {
        people.push(made(&service, "/Users", mapped(&format!("p{at}"))).await);
    }
    let body = json!({
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
        "displayName": "Retail",
        "meta": {"resourceType": "Group"},
    });
    let id = made(&service, "/Groups", body.clone()).await;
    service.post("/Groups", body).await.is_scim_error(409, Some("uniqueness"));
    let path = format!("/Groups/{id}");
    let bare = tidy(service.get(&format!("{path}?excludedAttributes=members")).await.is(200));
    assert_eq!(bare["externalId"], "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159");
    assert_eq!(bare["schemas"], json!([GROUP]));
    let filter = encoded(r#"displayName eq "retail""#);
    let matched = listed(&service, &format!("/Groups?excludedAttributes=members&filter={filter}")).await;
    assert_eq!(matched["Resources"][0]["id"], json!(id));

    let refer = |id: &String| json!({"$ref": null, "value": id});
    let add = |ids: &[String]| json!({"op": "Add", "path": "members", "value": ids.iter().map(refer).collect::<Vec<_>>()});
    let change = patch(json!([add(&people[..3]), add(&people[2..5])]));
    let answer = service.patch(&path, change).await.is(204);
    assert_eq!(answer.text, "");
    assert_eq!(
        members_of(&service, &id).await,
        sorted([&*people[0], &people[1], &people[2], &people[3], &people[4]])
    );
    let both = json!([{"value": people[0], "$ref": null}, {"value": people[5]}]);
    service.patch(&path, patch(json!([{"op": "Remove", "path": "members", "value": both}]))).await.is(204);
    assert_eq!(members_of(&service, &id).await, sorted([&*people[1], &people[2], &people[3], &people[4]]));
    let one = |id: &str| json!({"op": "Remove", "path": format!(r#"members[value eq "{id}"]"#)});
    let change = patch(json!([one(&people[1]), one(&people[2]), one("nobody")]));
    service.patch(&path, change).await.is(204);
    assert_eq!(members_of(&service, &id).await, sorted([&*people[3], &people[4]]));
    let hit = format!(r#"id eq "{id}" and members eq "{}""#, people[3]);
    assert_eq!(found(&service, "/Groups", &hit, "id").await, std::slice::from_ref(&id));
    let change = patch(json!([{"op": "Replace", "path": "displayName", "value": "Retail NL"}]));
    service.patch(&path, change).await.is(204);
    assert_eq!(service.get(&path).await.is(200)["displayName"], "Retail NL");
    service.delete(&path).await.is(204);
    service.delete(&path).await.is_scim_error(404, None);
});
