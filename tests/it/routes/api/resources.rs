//! `/t/{tenant}/api/v1/resources`: resource servers and their policies.

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

const CRM: &str = "https://crm.example.com/";
const BY_URI: &str = "/resources/https%3A%2F%2Fcrm.example.com%2F";

on_both_databases!(a_resource_is_registered_read_changed_and_deleted, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let entry = json!({"uri": CRM, "policy": {"scopes": ["read:crm"], "ttl": "5m"}});
    let made = tenant.api.post("/resources", entry).await.is(201);
    let path = format!("/resources/{}", made.text_of("id"));
    assert_eq!(tenant.api.get(&path).await.is(200).json, made.json);
    assert_eq!(tenant.api.get(BY_URI).await.is(200).json, made.json);
    assert_eq!(tenant.api.get("/resources").await.is(200).items(), std::slice::from_ref(&made.json));
    let patched = tenant.api.patch(&path, json!({"policy": {"ttl": 60}})).await.is(200);
    assert_eq!((&patched["policy"]["ttl"], &patched["policy"]["scopes"]), (&json!(60), &json!(["read:crm"])));
    let without = tenant.api.put(&path, json!({"uri": CRM})).await.is(200);
    assert!(without.json.get("policy").is_none());
    tenant.api.delete(&path).await.is(204);
    tenant.api.get(BY_URI).await.is_problem(404);
    tenant.api.delete(&path).await.is_problem(404);
});

on_both_databases!(what_is_wrong_with_a_resource_is_named, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let made = tenant.api.post("/resources", json!({"uri": CRM})).await.is(201);
    let path = format!("/resources/{}", made.text_of("id"));
    for (field, entry) in [
        ("uri", json!({})),
        ("uri", json!({"uri": "crm.example.com"})),
        ("name", json!({"uri": "https://x/", "name": "crm"})),
        ("policy.scope", json!({"uri": "https://x/", "policy": {"scope": []}})),
    ] {
        assert_eq!(tenant.api.post("/resources", entry).await.is_problem(400)["field"], field);
    }
    tenant.api.post("/resources", json!({"uri": CRM})).await.is_problem(409);
    let moved = tenant.api.patch(&path, json!({"uri": "https://x/"})).await.is_problem(400);
    assert_eq!(moved["field"], "uri");
    let auditor = tenant.api_as("auditor").await;
    auditor.get(&path).await.is(200);
    auditor.post("/resources", json!({"uri": "https://x/"})).await.is_problem(403);
    auditor.patch(&path, json!({"policy": null})).await.is_problem(403);
    auditor.delete(&path).await.is_problem(403);
    foreign.api.get(&path).await.is_problem(404);
    tenant.api.with_key(foreign.admin_key()).delete(&path).await.is_problem(401);
});

on_both_databases!(a_policy_narrows_tokens_for_it_and_no_others, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let policy = json!({"scopes": ["read:crm"]});
    tenant.api.post("/resources", json!({"uri": CRM, "policy": policy})).await.is(201);
    let role = json!({"audience": [CRM, tenant.issuer]});
    let client = tenant.agent_with("crawler", &["read:crm", "write:crm"], json!({}), role).await;
    let both = "read:crm write:crm";
    let narrowed = client.token(&[("scope", both), ("resource", CRM)]).await.is(200);
    assert_eq!(narrowed["scope"], "read:crm");
    assert_eq!(narrowed["removed"], json!([{"what": "scope:write:crm", "by": "resource_policy"}]));
    assert_eq!(client.token(&[("scope", both)]).await.is(200)["scope"], both);
});

on_both_databases!(a_default_audience_stays, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.api.post("/resources", json!({"uri": CRM})).await.is(201);
    let client =
        tenant.agent_with("crawler", &["read:crm"], json!({"default_audience": CRM}), json!({})).await;
    assert_eq!(jwt::claims(&client.access_token("read:crm").await)["aud"], CRM);
    let refused = tenant.api.delete(BY_URI).await.is_problem(409);
    assert!(refused.text_of("detail").contains("`crawler`"), "{}", refused.text);
    tenant.api.patch("/agents/crawler", json!({"default_audience": null})).await.is(200);
    tenant.api.patch("/settings", json!({"default_audience": CRM})).await.is(200);
    tenant.api.delete(BY_URI).await.is_problem(409);
    tenant.api.patch("/settings", json!({"default_audience": tenant.issuer})).await.is(200);
    tenant.api.delete(BY_URI).await.is(204);
    client.token(&[("scope", "read:crm"), ("resource", CRM)]).await.is_oauth_error(400, "invalid_target");
});
