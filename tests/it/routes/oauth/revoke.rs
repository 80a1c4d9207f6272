//! `POST /t/{tenant}/oauth/revoke` (RFC 7009).

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

on_both_databases!(a_client_revokes_its_own_token, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let (one, other) = (client.access_token("read:docs").await, client.access_token("read:docs").await);
    client.revoke(&one).await.is(200);
    assert!(!tenant.is_active(&one).await);
    assert!(tenant.is_active(&other).await, "the other token lives on");
    client.revoke(&one).await.is(200);
});

on_both_databases!(an_unknown_token_is_no_error, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    client.revoke("nonsense").await.is(200);
    client.post("/oauth/revoke", &[]).await.is_oauth_error(400, "invalid_request");
    client.with_secret("wrong").revoke("nonsense").await.is_oauth_error(401, "invalid_client");
    tenant.root.form("/oauth/revoke", &[("token", "x")]).await.is_oauth_error(401, "invalid_client");
});

on_both_databases!(nobody_revokes_another_agents_token, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let mine = tenant.agent("mine", &["read:docs"]).await;
    let token = mine.access_token("read:docs").await;
    let other = tenant.agent("other", &["read:docs"]).await;
    let stranger = foreign.agent("mine", &["read:docs"]).await;
    // Whatever they are told, the token lives.
    for client in [other, stranger] {
        assert!(client.revoke(&token).await.status < 500);
        assert!(tenant.is_active(&token).await);
    }
    mine.revoke(&token).await.is(200);
    assert!(!tenant.is_active(&token).await);
});

on_both_databases!(an_administrator_revokes_what_was_found, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let (one, other) = (client.access_token("read:docs").await, client.access_token("read:docs").await);
    let form = [("token", one.as_str())];
    for role in ["auditor", "importer"] {
        let key = tenant.key(role, json!({})).await;
        assert_eq!(tenant.root.with_key(&key).form("/oauth/revoke", &form).await.status, 403, "{role}");
    }
    assert_eq!(tenant.root.with_key(foreign.admin_key()).form("/oauth/revoke", &form).await.status, 401);
    assert!(tenant.is_active(&one).await);
    tenant.root.with_key(tenant.admin_key()).form("/oauth/revoke", &form).await.is(200);
    assert!(!tenant.is_active(&one).await);
    assert!(tenant.is_active(&other).await);
});

on_both_databases!(a_revocation_is_one_event, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    for text in [&token, &token, "nonsense"] {
        assert_eq!(client.revoke(text).await.is(200).text, "");
    }
    let mut events = tenant.events().await;
    events.retain(|event| event["action"] == "revocation.created");
    assert_eq!(events.len(), 1, "{events:?}");
    let jti = &jwt::claims(&token)["jti"];
    assert_eq!((&events[0]["credential"], &events[0]["detail"]["target"]["credential"]), (jti, jti));
    assert_eq!(events[0]["actor"], format!("agent:{}", client.id));
});
