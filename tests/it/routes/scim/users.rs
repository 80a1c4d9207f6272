//! `/Users`: made, read, replaced, patched and removed (RFC 7643 §4.1, RFC 7644 §3.3 to 3.6).

use deputy_tests::on_both_databases;
use serde_json::json;

use super::{ENTERPRISE, USER, found, group, made, members_of, patch, tidy, user};

on_both_databases!(a_person_lives_and_ends, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    let body = json!({
        "schemas": [USER, ENTERPRISE],
        "id": "mine", "meta": {"resourceType": "Nothing", "version": "W/\"9\""},
        "userName": "Alice@Example.com", "externalId": "e-1", "password": "t0p-secret",
        "name": {"givenName": "Alice", "familyName": "Ægir", "middleName": null},
        "emails": [{"value": "alice@example.com", "type": "work", "primary": true}],
        "nickName": null, "roles": [],
        ENTERPRISE: {"department": "R&D", "employeeNumber": "7"},
    });
    let made = tidy(service.post("/Users", body).await.is(201));
    let id = made.text_of("id");
    assert_ne!(id, "mine");
    let location = format!("{}/scim/v2/Users/{id}", tenant.issuer);
    assert_eq!(made.header("location").as_deref(), Some(location.as_str()));
    assert_eq!(
        (&made["meta"]["location"], &made["meta"]["resourceType"]),
        (&json!(location), &json!("User"))
    );
    assert_eq!(made.header("etag").as_deref(), made["meta"]["version"].as_str());
    assert_eq!((&made["active"], &made["userName"]), (&json!(true), &json!("Alice@Example.com")));
    assert_eq!(made[ENTERPRISE], json!({"department": "R&D", "employeeNumber": "7"}));
    assert!(!made.text.contains("t0p-secret") && made.json.get("nickName").is_none());
    let path = format!("/Users/{id}");
    let read = tidy(service.get(&path).await.is(200));
    assert_eq!(read.json, made.json);

    // PUT: what is not said is gone, what may not be said stays.
    let body = json!({"schemas": [USER], "id": "other", "userName": "alice@example.com",
        "displayName": "Alice", "groups": [{"value": "1"}], "meta": {"created": "2001-01-01T00:00:00Z"}});
    let put = tidy(service.put(&path, body).await.is(200));
    assert_eq!((&put["id"], &put["meta"]["created"]), (&json!(id), &made["meta"]["created"]));
    for gone in ["externalId", "name", "emails", "groups", ENTERPRISE] {
        assert!(put.json.get(gone).is_none(), "{gone}: {}", put.text);
    }
    assert_eq!(put["schemas"], json!([USER]));
    assert_ne!(put["meta"]["version"], made["meta"]["version"]);

    service.delete(&path).await.is(204);
    service.get(&path).await.is_scim_error(404, None);
    service.delete(&path).await.is_scim_error(404, None);
    service.put(&path, user("alice@example.com")).await.is_scim_error(404, None);
    let change = patch(json!([{"op": "replace", "path": "active", "value": false}]));
    service.patch(&path, change).await.is_scim_error(404, None);
});

on_both_databases!(a_name_is_used_once_in_any_case, async |db| {
    let server = db.server();
    let (tenant, other) = (server.tenant().await, server.tenant().await);
    let service = tenant.scim_as("scim").await;
    let alice = made(&service, "/Users", user("alice@example.com")).await;
    let bob = made(&service, "/Users", user("bob@example.com")).await;
    service.post("/Users", user("ALICE@example.com")).await.is_scim_error(409, Some("uniqueness"));
    let path = format!("/Users/{bob}");
    service.put(&path, user("Alice@Example.com")).await.is_scim_error(409, Some("uniqueness"));
    let rename = |name: &str| patch(json!([{"op": "replace", "path": "userName", "value": name}]));
    service.patch(&path, rename("alice@EXAMPLE.com")).await.is_scim_error(409, Some("uniqueness"));
    assert_eq!(service.get(&path).await.is(200)["userName"], "bob@example.com");
    service.patch(&path, rename("BOB@example.com")).await.is(200);
    service.put(&format!("/Users/{alice}"), user("ALICE@example.com")).await.is(200);
    made(&other.scim_as("scim").await, "/Users", user("alice@example.com")).await;
});

on_both_databases!(who_comes_again_is_somebody_else, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let mut body = user("alice@example.com");
    body["externalId"] = json!("e-1");
    let first = made(&service, "/Users", body.clone()).await;
    let team = made(&service, "/Groups", group("crm", &[&first])).await;
    service.delete(&format!("/Users/{first}")).await.is(204);
    let second = made(&service, "/Users", body).await;
    assert_ne!(first, second);
    service.get(&format!("/Users/{first}")).await.is_scim_error(404, None);
    assert!(members_of(&service, &team).await.is_empty(), "a new person is in no group of the old one");
    assert_eq!(found(&service, "/Users", r#"externalId eq "e-1""#, "id").await, [second]);
});

on_both_databases!(names_can_be_read_and_have_an_end, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let hidden = ["a\u{200b}b", "\u{202e}abc", "a\u{2066}b", "\u{feff}abc", "a\u{7}b", "a\nb", "a\u{85}b"];
    for name in hidden.into_iter().chain(["", " ", &"x".repeat(513)]) {
        service.post("/Users", user(name)).await.is_scim_error(400, Some("invalidValue"));
        service.post("/Groups", group(name, &[])).await.is_scim_error(400, Some("invalidValue"));
        let mut body = user("somebody");
        body["emails"] = json!([{"value": format!("{name}\u{200b}")}]);
        service.post("/Users", body).await.is_scim_error(400, Some("invalidValue"));
    }
    let mut body = user("somebody");
    body["externalId"] = json!("e".repeat(513));
    service.post("/Users", body).await.is_scim_error(400, Some("invalidValue"));
    let alice = made(&service, "/Users", user("alice@example.com")).await;
    let rename = patch(json!([{"op": "replace", "value": {"userName": "a\u{200d}b"}}]));
    service.patch(&format!("/Users/{alice}"), rename).await.is_scim_error(400, Some("invalidValue"));
    for name in ["Ærøskøbing Ægir", "山田太郎", "o'brien+x@example.com", &"é".repeat(512)] {
        made(&service, "/Users", user(name)).await;
    }
    made(&service, "/Groups", group("Équipe №1 – \"crm\"", &[])).await;
});

on_both_databases!(a_patch_is_all_or_nothing_in_its_order, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let id = made(&service, "/Users", user("alice@example.com")).await;
    let path = format!("/Users/{id}");
    let before = service.get(&path).await.is(200);
    for (operation, scim_type) in [
        (json!({"op": "replace", "path": "id", "value": "x"}), "mutability"),
        (json!({"op": "remove", "path": "userName"}), "mutability"),
        (json!({"op": "remove"}), "noTarget"),
        (json!({"op": "replace", "path": r#"emails[type co "home"].value"#, "value": "x"}), "noTarget"),
        (json!({"op": "move", "path": "title", "value": "x"}), "invalidSyntax"),
        (json!({"op": "replace", "path": "title[", "value": "x"}), "invalidPath"),
        (json!({"op": "replace", "path": "active", "value": "perhaps"}), "invalidValue"),
    ] {
        let change = patch(json!([{"op": "replace", "path": "title", "value": "CEO"}, operation]));
        service.patch(&path, change).await.is_scim_error(400, Some(scim_type));
    }
    assert_eq!(service.get(&path).await.is(200).json, before.json, "nothing of them happened");

    let home = json!({"value": "a@home.example", "type": "home", "primary": true});
    let work = json!({"value": "a@work.example", "type": "work", "primary": true});
    let change = patch(json!([
        {"op": "add", "path": "emails", "value": [home]},
        {"op": "add", "path": "emails", "value": [work.clone()]},
        {"op": "replace", "path": "title", "value": "CEO"},
        {"op": "remove", "path": "title"},
        {"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "R&D"},
    ]));
    let patched = tidy(service.patch(&path, change.clone()).await.is(200));
    let emails = patched["emails"].as_array().unwrap();
    assert!(emails.contains(&work) && emails.len() == 2, "{}", patched.text);
    let primary = emails.iter().filter(|one| one["primary"] == true).count();
    assert_eq!(primary, 1, "the new primary demotes the other");
    assert_eq!(patched["schemas"], json!([USER, ENTERPRISE]), "an extension's attribute extends the schemas");
    assert!(patched.json.get("title").is_none());

    let again = patch(json!([{"op": "add", "path": "emails", "value": [work]}]));
    let again = service.patch(&path, again).await.is(200);
    assert_eq!(again.json, patched.json, "what is there already changes nothing, not even the version");
});

on_both_databases!(what_is_asked_for_is_shown, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let created = service.post("/Users?attributes=userName", user("alice@example.com")).await.is(201);
    let id = created.text_of("id");
    let shown = json!({"schemas": [USER], "id": id, "userName": "alice@example.com"});
    assert_eq!(created.json, shown);
    let path = format!("/Users/{id}");
    assert_eq!(service.get(&format!("{path}?attributes=USERNAME,password")).await.is(200).json, shown);
    let change = patch(json!([{"op": "replace", "path": "title", "value": "CEO"}]));
    assert_eq!(service.patch(&format!("{path}?attributes=userName"), change).await.is(200).json, shown);
    let less = service.get(&format!("{path}?excludedAttributes=id,schemas,meta,active,title")).await.is(200);
    assert_eq!(less.json, shown, "id and schemas are always there");
    let all = service.get(&path).await.is(200);
    assert_eq!((&all["title"], &all["active"]), (&json!("CEO"), &json!(true)));
});
