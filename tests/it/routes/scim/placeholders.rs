//! People and groups who were named before the identity provider knew them: found, and adopted by the first write.

use deputy_tests::{Tenant, on_both_databases};
use serde_json::{Value, json};

use super::{found, group, made, members_of, patch, tidy, user};

/// An agent of this owner, who is made if need be.
async fn owned(tenant: &Tenant, agent: &str, owner: &str) {
    let body = json!({"name": agent, "owners": [owner]});
    tenant.api.post("/agents?create_owners=true", body).await.is(201);
}

async fn owners(tenant: &Tenant, agent: &str) -> Value {
    tenant.api.get(&format!("/agents/{agent}")).await.is(200)["owners"].clone()
}

on_both_databases!(the_first_post_adopts_by_user_name, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    owned(&tenant, "crawler", "user:alice@example.com").await;
    let known = found(&service, "/Users", r#"userName eq "ALICE@example.com""#, "id").await;
    let mut body = user("Alice@Example.com");
    body["externalId"] = json!("e-1");
    let adopted = tidy(service.post("/Users", body.clone()).await.is(201));
    assert_eq!([adopted.text_of("id")], *known);
    assert!(adopted.header("location").is_some_and(|location| location.ends_with(&known[0])));
    assert_eq!(owners(&tenant, "crawler").await, json!(["user:Alice@Example.com"]));
    service.post("/Users", body).await.is_scim_error(409, Some("uniqueness"));
});

on_both_databases!(the_first_post_adopts_by_address, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    owned(&tenant, "crawler", "user:alice@example.com").await;
    let known = found(&service, "/Users", r#"emails.value eq "alice@example.com""#, "id").await;
    assert_eq!(known.len(), 1);
    let by_type = r#"emails[type eq "work"].value eq "Alice@example.com""#;
    assert_eq!(found(&service, "/Users", by_type, "id").await, known);

    let mut stranger = user("bob");
    stranger["emails"] = json!([{"value": "bob@example.com"}]);
    assert_ne!([made(&service, "/Users", stranger).await], *known);
    let mut body = user("a1234");
    body["emails"] = json!([{"value": "ALICE@example.com", "type": "work"}]);
    assert_eq!([made(&service, "/Users", body).await], *known);
    assert_eq!(owners(&tenant, "crawler").await, json!(["user:a1234"]));

    // Adopted once: the next with the same address is somebody else.
    let mut other = user("a5678");
    other["emails"] = json!([{"value": "alice@example.com"}]);
    assert_ne!([made(&service, "/Users", other).await], *known);
});

on_both_databases!(who_was_imported_is_adopted, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    let yaml = concat!(
        "apiVersion: deputy/v1\nkind: Fleet\nroles:\n  - {name: reader, scopes: [read:docs]}\n",
        "agents:\n  - {name: crawler, owner: user:alice@example.com, allowed_scopes: [read:docs], roles: [reader]}\n",
    );
    let imported = tenant.import(yaml, "?create_owners=true").await;
    assert!(imported.status < 300, "{}", imported.text);
    let known = found(&service, "/Users", r#"userName eq "alice@example.com""#, "id").await;
    assert_eq!([made(&service, "/Users", user("alice@example.com")).await], *known);
});

on_both_databases!(a_put_or_patch_adopts, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    for name in ["alice", "bob"] {
        owned(&tenant, &format!("{name}-bot"), &format!("user:{name}@example.com")).await;
        let filter = format!(r#"userName eq "{name}@example.com""#);
        let id = found(&service, "/Users", &filter, "id").await.remove(0);
        let path = format!("/Users/{id}");
        let adopted = if name == "alice" {
            service.put(&path, user("alice@example.com")).await
        } else {
            service.patch(&path, patch(json!([{"op": "add", "path": "externalId", "value": "e-2"}]))).await
        };
        assert_eq!(tidy(adopted.is(200)).text_of("id"), id);
        let again = user(&format!("{name}@example.com"));
        service.post("/Users", again).await.is_scim_error(409, Some("uniqueness"));
        assert_eq!(
            owners(&tenant, &format!("{name}-bot")).await,
            json!([format!("user:{name}@example.com")])
        );
    }
});

on_both_databases!(a_group_is_adopted_by_its_name, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    owned(&tenant, "crawler", "group:crm").await;
    let known = found(&service, "/Groups", r#"displayName eq "CRM""#, "id").await;
    let alice = made(&service, "/Users", user("alice@example.com")).await;
    assert_eq!([made(&service, "/Groups", group("CRM", &[&alice])).await], *known);
    assert_eq!(members_of(&service, &known[0]).await, [alice]);
    assert_eq!(owners(&tenant, "crawler").await, json!(["group:CRM"]));
    service.post("/Groups", group("crm", &[])).await.is_scim_error(409, Some("uniqueness"));
});

on_both_databases!(who_owned_and_left_leaves_orphans, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let service = tenant.scim_as("scim").await;
    owned(&tenant, "crawler", "user:alice@example.com").await;
    let id = made(&service, "/Users", user("alice@example.com")).await;
    assert_eq!(tenant.api.get("/agents/crawler").await.is(200)["orphaned"], false);
    let set = |active: bool| patch(json!([{"op": "replace", "path": "active", "value": active}]));
    service.patch(&format!("/Users/{id}"), set(false)).await.is(200);
    assert_eq!(tenant.api.get("/agents/crawler").await.is(200)["orphaned"], true);
    service.patch(&format!("/Users/{id}"), set(true)).await.is(200);
    assert_eq!(tenant.api.get("/agents/crawler").await.is(200)["orphaned"], false);
    service.delete(&format!("/Users/{id}")).await.is(204);
    assert_eq!(tenant.api.get("/agents/crawler").await.is(200)["orphaned"], true);
});
