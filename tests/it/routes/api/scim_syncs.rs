//! `/t/{tenant}/api/v1/scim-syncs`: each identity provider's key, its last sync and its last error.

use std::time::Duration;

use deputy_tests::{Tenant, eventually, on_both_databases};
use serde_json::{Value, json};

async fn syncs(tenant: &Tenant) -> Vec<Value> {
    tenant.api.get("/scim-syncs").await.is(200).items().to_vec()
}

on_both_databases!(what_each_key_did_last_is_listed, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    assert!(syncs(&tenant).await.is_empty(), "other keys are not listed");
    let first = tenant.api.post("/keys", json!({"role": "scim", "expires": "90d"})).await.is(201);
    let second = tenant.api.post("/keys", json!({"role": "scim"})).await.is(201);
    let scim = tenant.root.below("/scim/v2").with_key(&first.text_of("key"));
    scim.get("/Users").await.is(200);
    scim.get("/Users?filter=nothing").await.is_scim_error(400, Some("invalidFilter"));
    eventually("both are kept", Duration::from_secs(10), async || {
        let kept = &syncs(&tenant).await[1];
        !kept["synced_at"].is_null() && !kept["failed_at"].is_null()
    })
    .await;
    let listed = syncs(&tenant).await;
    assert_eq!((&listed[0]["key"], &listed[1]["key"]), (&second["id"], &first["id"]), "the newest first");
    assert_eq!(listed[1]["prefix"], first["prefix"]);
    assert_eq!(listed[1]["expires_at"], first["expires_at"]);
    assert!(listed[1]["failure"].as_str().is_some_and(|said| !said.is_empty()), "{}", listed[1]);
    assert_eq!((&listed[0]["synced_at"], &listed[0]["failure"]), (&json!(null), &json!(null)));
    let text = tenant.api.get("/scim-syncs").await.is(200).text;
    assert!(!text.contains(&first.text_of("key")) && !text.contains("hash"), "{text}");
    tenant.api_as("auditor").await.get("/scim-syncs").await.is(200);
    assert!(syncs(&foreign).await.is_empty(), "another tenant has none of them");
    tenant.api.delete(&format!("/keys/{}", first.text_of("id"))).await.is(204);
    assert_eq!(syncs(&tenant).await.len(), 1);
});
