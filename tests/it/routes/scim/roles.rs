//! What an identity provider sends grants nothing by itself: roles by the tenant's mapping, groups where an
//! administrator lets a binding follow them.

use deputy_tests::{Tenant, on_both_databases};
use serde_json::json;

use super::{agent, group, made, patch, user};

async fn bound(tenant: &Tenant, subject: &str) -> Vec<(String, bool)> {
    let all = tenant.api.get(&format!("/role-bindings?subject={subject}")).await.is(200);
    let one = |binding: &serde_json::Value| {
        (binding["role"].as_str().unwrap().to_owned(), binding["from_scim"] == true)
    };
    all.items().iter().map(one).collect()
}

on_both_databases!(a_role_that_is_sent_grants_what_it_is_mapped_to, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    tenant.role("crm", &["read:crm"]).await;
    tenant.role("docs", &["read:docs"]).await;
    let alice = made(&service, "/Users", user("alice@example.com")).await;
    let mut body = agent("crawler");
    body["owners"] = json!([{"value": alice}]);
    body["roles"] = json!([{"value": "crm"}, {"value": "CRM Readers"}]);
    let id = made(&service, "/Agents", body.clone()).await;
    assert!(bound(&tenant, "agent:crawler").await.is_empty(), "nothing is mapped");

    tenant.api.patch("/settings", json!({"scim_roles": {"CRM Readers": "crm"}})).await.is(200);
    let mut second = body.clone();
    second["agentUserName"] = json!("reader");
    made(&service, "/Agents", second).await;
    assert_eq!(bound(&tenant, "agent:reader").await, [("crm".to_owned(), true)]);

    let path = format!("/Agents/{id}");
    let send = |roles: serde_json::Value| patch(json!([{"op": "replace", "path": "roles", "value": roles}]));
    service.patch(&path, send(json!([]))).await.is(200);
    service.patch(&path, send(json!([{"value": "crm readers"}]))).await.is(200);
    assert_eq!(bound(&tenant, "agent:crawler").await, [("crm".to_owned(), true)]);
    tenant.api.patch("/agents/crawler", json!({"allowed_scopes": ["read:crm", "read:docs"]})).await.is(200);
    let client = tenant.secret("crawler").await;
    client.access_token("read:crm").await;

    // What an administrator bound stays; what came this way goes with the role.
    tenant.bind("docs", "agent:crawler").await;
    service.patch(&path, patch(json!([{"op": "remove", "path": "roles"}]))).await.is(200);
    assert_eq!(bound(&tenant, "agent:crawler").await, [("docs".to_owned(), false)]);
    client.token(&[("scope", "read:crm")]).await.is_oauth_error(400, "invalid_scope");
    client.access_token("read:docs").await;
});

on_both_databases!(a_person_has_the_roles_that_are_mapped, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    tenant.role("crm", &["read:crm"]).await;
    tenant.api.patch("/settings", json!({"scim_roles": {"sales": "crm"}})).await.is(200);
    let mut body = user("alice@example.com");
    body["roles"] = json!([{"value": "Sales", "primary": true}, {"value": "other"}]);
    let id = made(&service, "/Users", body).await;
    assert_eq!(bound(&tenant, "user:alice@example.com").await, [("crm".to_owned(), true)]);
    let path = format!("/Users/{id}");
    let gone = patch(json!([{"op": "Remove", "path": r#"roles[primary eq "True"]"#}]));
    service.patch(&path, gone).await.is(200);
    assert!(bound(&tenant, "user:alice@example.com").await.is_empty());
    let back = patch(json!([{"op": "Add", "path": "roles", "value": [{"value": "sales"}]}]));
    service.patch(&path, back).await.is(200);
    assert_eq!(bound(&tenant, "user:alice@example.com").await.len(), 1);
    // What a mapping gave ends with it; a mapping beside it changes nothing.
    let map = async |mapping: serde_json::Value| {
        // A merge patch: what is null is no longer mapped.
        tenant.api.patch("/settings", json!({"scim_roles": mapping})).await.is(200);
        bound(&tenant, "user:alice@example.com").await.len()
    };
    assert_eq!(map(json!({"support": "crm"})).await, 1);
    assert_eq!(map(json!({"support": null})).await, 1);
    assert_eq!(map(json!({"sales": null})).await, 0);
    assert_eq!(map(json!({"sales": "crm"})).await, 0, "with the next write");
    service.patch(&path, patch(json!([{"op": "Remove", "path": "roles"}]))).await.is(200);
    service
        .patch(&path, patch(json!([{"op": "Add", "path": "roles", "value": [{"value": "sales"}]}])))
        .await
        .is(200);
    assert_eq!(bound(&tenant, "user:alice@example.com").await.len(), 1);
    service.delete(&path).await.is(204);
    assert!(tenant.api.get("/role-bindings?role=crm").await.is(200).items().is_empty());
});

on_both_databases!(a_binding_follows_a_group_only_where_it_says_so, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    tenant.role("crm", &["read:crm"]).await;
    let alice = made(&service, "/Users", user("alice@example.com")).await;
    let mut body = agent("crawler");
    body["owners"] = json!([{"value": alice}]);
    let id = made(&service, "/Agents", body).await;
    tenant.api.patch("/agents/crawler", json!({"allowed_scopes": ["read:crm"]})).await.is(200);
    let client = tenant.secret("crawler").await;
    let team = made(&service, "/Groups", group("sales", &[&id])).await;

    let silent = tenant.bind("crm", "group:sales").await;
    assert!(silent["warning"].is_string(), "{}", silent.text);
    client.token(&[("scope", "read:crm")]).await.is_oauth_error(400, "invalid_scope");
    tenant.api.delete(&format!("/role-bindings/{}", silent.text_of("id"))).await.is(204);
    let body = json!({"role": "crm", "subject": "group:sales", "follow_scim": true});
    let followed = tenant.api.post("/role-bindings", body).await.is(201);
    assert!(followed["warning"].is_null(), "{}", followed.text);
    client.access_token("read:crm").await;

    let path = format!("/Groups/{team}");
    let gone = patch(json!([{"op": "remove", "path": format!(r#"members[value eq "{id}"]"#)}]));
    service.patch(&path, gone).await.is(204);
    client.token(&[("scope", "read:crm")]).await.is_oauth_error(400, "invalid_scope");
    let back = patch(json!([{"op": "add", "path": "members", "value": [{"value": id}]}]));
    service.patch(&path, back).await.is(204);
    client.access_token("read:crm").await;
    service.delete(&path).await.is(204);
    client.token(&[("scope", "read:crm")]).await.is_oauth_error(400, "invalid_scope");
    assert!(tenant.api.get("/role-bindings?role=crm").await.is(200).items().is_empty());
});
