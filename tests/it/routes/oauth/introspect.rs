//! `POST /t/{tenant}/oauth/introspect` (RFC 7662): who may ask, and what they learn.

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

on_both_databases!(a_live_token_is_described, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    let claims = jwt::claims(&token);
    let answer = tenant.introspect(&token).await.is(200);
    assert_eq!(answer["active"], true);
    for member in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope"] {
        assert_eq!(answer[member], claims[member], "{member}");
    }
});

on_both_databases!(a_revoked_or_unknown_token_is_inactive_and_no_more, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    assert!(tenant.is_active(&token).await);
    tenant.revoke(json!({"credential": jwt::claims(&token)["jti"]})).await;
    let (head, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{head}.{flipped}{}", &signature[1..]);
    for dead in [token.as_str(), &forged, "nonsense", "a.b.c", "."] {
        assert_eq!(tenant.introspect(dead).await.is(200).json, json!({"active": false}), "{dead}");
    }
});

on_both_databases!(it_is_not_open_to_everyone, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    let form = [("token", token.as_str())];
    tenant.root.form("/oauth/introspect", &form).await.is_oauth_error(401, "invalid_client");
    let stranger = tenant.root.with_key("dpy_nonsense").form("/oauth/introspect", &form).await;
    assert_eq!(stranger.status, 401);
    client.with_secret("wrong").introspect(&token).await.is_oauth_error(401, "invalid_client");
    let importer = tenant.root.with_key(&tenant.key("importer", json!({})).await);
    assert_eq!(importer.form("/oauth/introspect", &form).await.status, 403);
    assert_eq!(client.introspect(&token).await.is(200)["active"], true);
});

on_both_databases!(an_agent_sees_its_own_chains_only, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let mine = tenant.agent("mine", &["read:docs"]).await;
    let other = tenant.agent("other", &["read:docs"]).await;
    let token = mine.access_token("read:docs").await;
    assert_eq!(mine.introspect(&token).await.is(200)["active"], true);
    assert_eq!(other.introspect(&token).await.is(200).json, json!({"active": false}));
});

on_both_databases!(a_verifier_sees_its_own_audiences_only, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    let asked = async |audience: &str| {
        let verifier = tenant.verifier(&[audience]).await;
        verifier.form("/oauth/introspect", &[("token", &token)]).await.is(200)
    };
    assert_eq!(asked(&tenant.issuer).await["active"], true);
    assert_eq!(asked("https://elsewhere.example.com/").await.json, json!({"active": false}));
});

on_both_databases!(a_token_of_another_tenant_is_unknown, async |db| {
    let server = db.server();
    let (one, other) = (server.tenant().await, server.tenant().await);
    let token = one.agent("crawler", &["read:docs"]).await.access_token("read:docs").await;
    assert!(one.is_active(&token).await);
    assert_eq!(other.introspect(&token).await.is(200).json, json!({"active": false}));
});

on_both_databases!(the_token_is_required_once, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    client.post("/oauth/introspect", &[]).await.is_oauth_error(400, "invalid_request");
    let twice = client.post("/oauth/introspect", &[("token", "x"), ("token", "y")]).await;
    twice.is_oauth_error(400, "invalid_request");
    let hint = client.post("/oauth/introspect", &[("token", "x"), ("token_type_hint", "whatever")]).await;
    assert_eq!(hint.is(200).json, json!({"active": false}));
});
