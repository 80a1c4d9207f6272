//! `/t/{tenant}/api/v1/keys`: keys of the management API.

use deputy_tests::on_both_databases;
use serde_json::{Value, json};

on_both_databases!(a_key_is_shown_once_and_works_until_it_is_ended, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let made = tenant.api.post("/keys", json!({"role": "auditor", "expires": "365d"})).await.is(201);
    let key = made.text_of("key");
    assert!(key.starts_with("dpy_") && key.starts_with(&made.text_of("prefix")), "{}", made.text);
    assert_eq!(made.header("cache-control").as_deref(), Some("no-store"));
    let holder = tenant.api.with_key(&key);
    holder.get("/roles").await.is(200);

    let listed = tenant.api.get("/keys").await.is(200);
    assert_eq!(listed.items().len(), 2);
    assert!(!listed.text.contains(&key) && !listed.text.contains("hash"), "{}", listed.text);
    tenant.api.delete(&format!("/keys/{}", made.text_of("id"))).await.is(204);
    holder.get("/roles").await.is_problem(401);
    tenant.api.get("/roles").await.is(200);
    tenant.api.delete(&format!("/keys/{}", made.text_of("id"))).await.is_problem(404);
});

on_both_databases!(the_last_admin_key_stays, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.key("auditor", json!({})).await;
    let first = tenant.api.get("/keys").await.is(200).items()[0]["id"].as_str().unwrap().to_owned();
    tenant.api.delete(&format!("/keys/{first}")).await.is_problem(409);
    let second = tenant.api_as("admin").await;
    second.delete(&format!("/keys/{first}")).await.is(204);
    tenant.api.get("/keys").await.is_problem(401);
    let left = second.get("/keys").await.is(200);
    let last = left.items().iter().find(|key| key["role"] == "admin").unwrap()["id"].as_str().unwrap();
    second.delete(&format!("/keys/{last}")).await.is_problem(409);
});

on_both_databases!(what_is_wrong_with_a_key_is_named, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    for (field, body) in [
        ("role", json!({})),
        ("role", json!({"role": "platform"})),
        ("role", json!({"role": "root"})),
        ("audience", json!({"role": "verifier", "audience": ["https://crm.example.com/"]})),
        ("audiences", json!({"role": "verifier"})),
        ("audiences", json!({"role": "verifier", "audiences": []})),
        ("audiences", json!({"role": "verifier", "audiences": ["crm"]})),
        ("audiences", json!({"role": "auditor", "audiences": ["https://crm.example.com/"]})),
        ("expires", json!({"role": "auditor", "expires": "12m"})),
        ("expires", json!({"role": "auditor", "expires": "2001-01-01T00:00:00Z"})),
        ("holder", json!({"role": "auditor", "holder": "nobody@example.com"})),
    ] {
        let refused = tenant.api.post("/keys", body.clone()).await.is_problem(400);
        assert_eq!(refused["field"], field, "{body}: {}", refused.text);
    }
    let auditor = tenant.api_as("auditor").await;
    auditor.get("/keys").await.is(200);
    auditor.post("/keys", json!({"role": "admin"})).await.is_problem(403);
    let theirs: Value = foreign.api.get("/keys").await.is(200).items()[0].clone();
    tenant.api.delete(&format!("/keys/{}", theirs["id"].as_str().unwrap())).await.is_problem(404);
    foreign.api.get("/keys").await.is(200);
});

on_both_databases!(a_key_says_who_holds_it_and_for_what, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.agent("crawler", &["read:docs"]).await;
    for holder in ["user:alice@example.com", "alice@example.com"] {
        let made = tenant.api.post("/keys", json!({"role": "admin", "holder": holder})).await.is(201);
        assert_eq!(made["holder"], "user:alice@example.com");
    }
    let body = json!({"role": "verifier", "audiences": ["https://crm.example.com/"], "expires": "12h"});
    let made = tenant.api.post("/keys", body).await.is(201);
    assert_eq!(made["audiences"], json!(["https://crm.example.com/"]));
    assert!(made["expires_at"].is_string());
    tenant.api.with_key(&made.text_of("key")).get("/roles").await.is_problem(403);
});
