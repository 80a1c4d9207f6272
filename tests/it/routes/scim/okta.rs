//! What Okta sends, in its order and its words.

use deputy_tests::{Api, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

use super::{GROUP, USER, found, group, listed, made, members_of, patch, sorted, tidy};

/// What the app wizard's template posts.
fn template(name: &str) -> Value {
    json!({
        "schemas": [USER],
        "userName": name,
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": true, "value": name, "type": "work"}],
        "displayName": "Test User",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    })
}

async fn post(service: &Api, body: &Value) -> deputy_tests::Answer {
    service.raw(Method::POST, "/Users", "application/json", body.to_string()).await
}

async fn looked_up(service: &Api, name: &str) -> deputy_tests::Answer {
    let filter = super::encoded(&format!(r#"userName eq "{name}""#));
    listed(service, &format!("/Users?filter={filter}&startIndex=1&count=100")).await
}

on_both_databases!(a_person_is_looked_up_made_changed_and_deactivated, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let name = "test.user@okta.example";
    let none = looked_up(&service, name).await;
    assert_eq!(
        (&none["totalResults"], &none["startIndex"], &none["itemsPerPage"]),
        (&json!(0), &json!(1), &json!(0))
    );

    let made = tidy(post(&service, &template(name)).await.is(201));
    assert_eq!(made.header("content-type").as_deref(), Some("application/scim+json"));
    let id = made.text_of("id");
    assert!(made.header("location").is_some_and(|location| location.ends_with(&format!("/Users/{id}"))));
    assert_eq!((&made["active"], &made["locale"]), (&json!(true), &json!("en-US")));
    post(&service, &template(name)).await.is_scim_error(409, Some("uniqueness"));
    assert_eq!(looked_up(&service, "TEST.user@okta.example").await["Resources"][0]["id"], json!(id));
    for unknown in ["not-a-uuid", "010101001010101011001010101011"] {
        service.get(&format!("/Users/{unknown}")).await.is_scim_error(404, None);
    }

    // The wizard's apps: the whole user comes back, with what only the server sets.
    let path = format!("/Users/{id}");
    let mut whole = tidy(service.get(&path).await.is(200)).json;
    whole["active"] = json!(false);
    whole["groups"] = json!([{"value": "nobody"}]);
    whole["name"]["givenName"] = json!("Another");
    let put = tidy(service.put(&path, whole.clone()).await.is(200));
    assert_eq!((&put["active"], &put["name"]["givenName"]), (&json!(false), &json!("Another")));
    assert_eq!(service.get(&path).await.is(200)["active"], false);
    assert_eq!(looked_up(&service, name).await["totalResults"], 1, "who is deactivated stays findable");
    whole["active"] = json!(true);
    assert_eq!(service.put(&path, whole).await.is(200)["active"], true);

    // The catalogue's apps.
    for (value, active) in [
        (json!({"active": false}), false),
        (json!({"password": "n3w"}), false),
        (json!({"active": true}), true),
    ] {
        let change = patch(json!([{"op": "replace", "value": value}]));
        let patched = tidy(service.patch(&path, change).await.is(200));
        assert_eq!(patched["active"], active, "{value}");
        assert!(!patched.text.contains("n3w"));
    }
    service.without_key().get("/Users?count=1").await.is_scim_error(401, None);
    service.with_key("wrong").get("/Users?count=1").await.is_scim_error(401, None);
});

on_both_databases!(groups_are_pushed, async |db| {
    let server = db.server();
    let service = server.tenant().await.scim_as("scim").await;
    let [a, b] = [
        made(&service, "/Users", template("a@okta.example")).await,
        made(&service, "/Users", {
            let mut other = template("b@okta.example");
            other["externalId"] = json!("00u2");
            other
        })
        .await,
    ];
    let none = found(&service, "/Groups", r#"displayName eq "Sales""#, "id").await;
    assert!(none.is_empty());
    let body = json!({"schemas": [GROUP], "displayName": "Sales", "members": []});
    let id = made(&service, "/Groups", body).await;
    let path = format!("/Groups/{id}");
    let send = async |operations: Value| {
        let answer = tidy(service.patch(&path, patch(operations)).await);
        assert!(matches!(answer.status, 200 | 204), "{}", answer.text);
    };
    send(json!([{"op": "add", "path": "members", "value": [{"value": a, "display": "a@okta.example"}]}]))
        .await;
    send(json!([{"op": "add", "path": "members", "value": [{"value": a, "display": "a@okta.example"}]}]))
        .await;
    assert_eq!(members_of(&service, &id).await, sorted([&*a]));
    send(json!([{"op": "replace", "value": {"id": id, "displayName": "Sales EMEA"}}])).await;
    assert_eq!(members_of(&service, &id).await, sorted([&*a]), "a new name keeps the members");
    assert_eq!(service.get(&path).await.is(200)["displayName"], "Sales EMEA");
    send(json!([
        {"op": "remove", "path": format!(r#"members[value eq "{a}"]"#)},
        {"op": "add", "path": "members", "value": [{"value": b, "display": "b@okta.example"}]},
    ]))
    .await;
    assert_eq!(members_of(&service, &id).await, sorted([&*b]));
    send(json!([{"op": "replace", "path": "members", "value": [{"value": a}, {"value": b}]}])).await;
    assert_eq!(members_of(&service, &id).await, sorted([&*a, &b]));
    service.put(&path, group("Sales EMEA", &[&b])).await.is(200);
    assert_eq!(members_of(&service, &id).await, sorted([&*b]));
    service.delete(&path).await.is(204);
    service.get(&path).await.is_scim_error(404, None);
});
