//! `/api/v1/tenants`: the installation's tenants, for platform keys.

use deputy_tests::on_both_databases;
use serde_json::json;

on_both_databases!(a_tenant_is_made_listed_and_read, async |db| {
    let server = db.server();
    let platform = server.platform();
    let made = platform.post("/tenants", json!({"slug": "globex", "name": "Globex"})).await.is(201);
    let issuer = format!("{}/t/globex", server.url());
    assert_eq!((made.text_of("issuer"), made.text_of("slug")), (issuer.clone(), "globex".to_owned()));
    assert_eq!(made.text_of("scim_base_url"), format!("{issuer}/scim/v2"));
    assert_eq!(made.header("cache-control").as_deref(), Some("no-store"));
    let key = made.text_of("admin_key");
    let api = deputy_tests::Api::new(server.http().clone(), &format!("{issuer}/api/v1"));
    api.with_key(&key).get("/roles").await.is(200);

    let read = platform.get("/tenants/globex").await.is(200);
    assert_eq!((&read["name"], &read["status"]), (&json!("Globex"), &json!("active")));
    assert!(!read.text.contains(&key));
    platform.post("/tenants", json!({"slug": "acme"})).await.is(201);
    let first = platform.get("/tenants?limit=1").await.is(200);
    assert_eq!(first.items()[0]["slug"], "acme");
    let path = format!("/tenants?limit=1&cursor={}", first.text_of("next_cursor"));
    assert_eq!(platform.get(&path).await.is(200).items()[0], read.json);
});

on_both_databases!(only_a_platform_key_opens_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let platform = server.platform();
    let path = format!("/tenants/{}", tenant.slug);
    for api in [platform.without_key(), platform.with_key(tenant.admin_key()), platform.with_key("dpy_x")] {
        api.get("/tenants").await.is_problem(401);
        api.get(&path).await.is_problem(401);
        api.post("/tenants", json!({"slug": "other"})).await.is_problem(401);
        api.patch(&path, json!({"status": "suspended"})).await.is_problem(401);
    }
    platform.get(&path).await.is(200);
    platform.get("/tenants/other").await.is_problem(404);
});

on_both_databases!(what_is_wrong_with_a_tenant_is_named, async |db| {
    let server = db.server();
    let platform = server.platform();
    for (field, body) in [
        ("slug", json!({"slug": "Acme"})),
        ("slug", json!({"slug": ""})),
        ("slug", json!({"slug": "a/b"})),
        ("slug", json!({"slug": "-a"})),
        ("slug", json!({"slug": "a".repeat(41)})),
        ("name", json!({"slug": "acme", "name": ""})),
    ] {
        assert_eq!(platform.post("/tenants", body.clone()).await.is_problem(400)["field"], field, "{body}");
    }
    platform.post("/tenants", json!({"slug": "acme", "plan": "gold"})).await.is_problem(400);
    platform.post("/tenants", json!({"slug": "acme"})).await.is(201);
    platform.post("/tenants", json!({"slug": "acme"})).await.is_problem(409);
    platform.patch("/tenants/acme", json!({"status": "gone"})).await.is_problem(400);
    assert_eq!(
        platform.patch("/tenants/acme", json!({"halt": "all"})).await.is_problem(400)["field"],
        "reason"
    );
    platform.patch("/tenants/nobody", json!({"status": "suspended"})).await.is_problem(404);
});

on_both_databases!(a_suspended_tenant_does_nothing_until_it_is_active_again, async |db| {
    let server = db.server();
    let (tenant, other) = (server.tenant().await, server.tenant().await);
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let bystander = other.agent("crawler", &["read:docs"]).await;
    client.access_token("read:docs").await;
    let path = format!("/tenants/{}", tenant.slug);
    let suspended = server.platform().patch(&path, json!({"status": "suspended"})).await.is(200);
    assert_eq!(suspended["status"], "suspended");
    tenant.api.get("/roles").await.is_problem(403);
    client.token(&[("scope", "read:docs")]).await.is_oauth_error(403, "access_denied");
    bystander.access_token("read:docs").await;
    other.api.get("/roles").await.is(200);

    server.platform().patch(&path, json!({"status": "active"})).await.is(200);
    tenant.api.get("/roles").await.is(200);
    client.access_token("read:docs").await;
});

on_both_databases!(a_platform_key_lowers_an_emergency_alone, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    tenant.api.put("/halt", json!({"level": "emergency", "reason": "incident"})).await.is(200);
    client.token(&[("scope", "read:docs")]).await.is_oauth_error(403, "access_denied");
    let path = format!("/tenants/{}", tenant.slug);
    server.platform().patch(&path, json!({"halt": "none", "reason": "over"})).await.is(200);
    client.access_token("read:docs").await;
});
