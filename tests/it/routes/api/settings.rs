//! `/t/{tenant}/api/v1/settings`.

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

on_both_databases!(a_tenant_begins_with_the_documented_settings, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let initial = json!({
        "orphan_policy": {"action": "suspend"}, "ttl": 900, "max_depth": 3, "default_audience": tenant.issuer,
        "dashboard_roles": {}, "scim_roles": {}, "retention_days": 180,
    });
    assert_eq!(tenant.api.get("/settings").await.is(200).json, initial);
    assert_eq!(tenant.api_as("auditor").await.get("/settings").await.is(200).json, initial);
});

on_both_databases!(a_patch_changes_what_it_names, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let patch = json!({"orphan_policy": {"action": "grace", "days": 7}, "dashboard_roles": {"ops": "admin"}});
    let after = tenant.api.patch("/settings", patch).await.is(200);
    assert_eq!(after["orphan_policy"], json!({"action": "grace", "days": 7}));
    assert_eq!((&after["ttl"], &after["max_depth"]), (&json!(900), &json!(3)));
    // The orphan policy is replaced as a whole: its days go with its action.
    let after = tenant.api.patch("/settings", json!({"orphan_policy": {"action": "handover"}})).await.is(200);
    assert_eq!(after["orphan_policy"], json!({"action": "handover"}));
    assert_eq!(after["dashboard_roles"], json!({"ops": "admin"}));
    let after = tenant.api.patch("/settings", json!({"dashboard_roles": {"ops": null}})).await.is(200);
    assert_eq!(after["dashboard_roles"], json!({}));
    assert_eq!(tenant.api.get("/settings").await.is(200).json, after.json);
});

on_both_databases!(settings_are_in_force_at_once, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    assert_eq!(client.token(&[("scope", "read:docs")]).await.is(200)["expires_in"], 900);
    tenant.api.patch("/settings", json!({"ttl": "2m"})).await.is(200);
    assert_eq!(client.token(&[("scope", "read:docs")]).await.is(200)["expires_in"], 120);
    let crm = "https://crm.example.com/";
    tenant.api.post("/resources", json!({"uri": crm})).await.is(201);
    tenant.api.patch("/settings", json!({"default_audience": crm})).await.is(200);
    assert_eq!(jwt::claims(&client.access_token("read:docs").await)["aud"], crm);
});

on_both_databases!(what_is_wrong_with_a_setting_is_named, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let before = tenant.api.get("/settings").await.is(200);
    for (field, patch) in [
        ("lifetime", json!({"lifetime": 900})),
        ("ttl", json!({"ttl": 0})),
        ("ttl", json!({"ttl": 86401})),
        ("ttl", json!({"ttl": null})),
        ("max_depth", json!({"max_depth": 17})),
        ("max_depth", json!({"max_depth": -1})),
        ("default_audience", json!({"default_audience": "https://unregistered.example.com/"})),
        ("default_audience", json!({"default_audience": foreign.issuer})),
        ("orphan_policy", json!({"orphan_policy": {"action": "forget"}})),
        ("orphan_policy.days", json!({"orphan_policy": {"action": "grace", "days": 0}})),
        ("dashboard_roles.ops", json!({"dashboard_roles": {"ops": "owner"}})),
        ("scim_roles.crm", json!({"scim_roles": {"crm": "nobody"}})),
        ("retention_days", json!({"retention_days": 0})),
    ] {
        let refused = tenant.api.patch("/settings", patch.clone()).await.is_problem(400);
        assert_eq!(refused["field"], field, "{patch}: {}", refused.text);
    }
    tenant.api_as("auditor").await.patch("/settings", json!({"ttl": 60})).await.is_problem(403);
    tenant.api.with_key(foreign.admin_key()).patch("/settings", json!({"ttl": 60})).await.is_problem(401);
    assert_eq!(tenant.api.get("/settings").await.is(200).json, before.json);
    tenant.api.patch("/settings", json!({"ttl": 86400, "max_depth": 16})).await.is(200);
    tenant.role("crm", &["read:crm"]).await;
    tenant.api.patch("/settings", json!({"scim_roles": {"crm": "crm"}})).await.is(200);
});
