//! The client credentials grant (RFC 6749 §4.4), its answer, and its token (RFC 9068).

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

on_both_databases!(a_token_says_who_and_what, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs", "write:drafts"]).await;
    let answer = client.token(&[("scope", "write:drafts read:docs")]).await.is(200);
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(answer["token_type"].as_str().map(str::to_lowercase).as_deref(), Some("bearer"));
    assert_eq!(answer["scope"], "read:docs write:drafts");
    assert_eq!(answer["expires_in"], 900, "the tenant's default: 15 minutes");
    assert!(answer.json.get("refresh_token").is_none());

    let token = answer.text_of("access_token");
    let header = jwt::header(&token);
    assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("ES256")));
    let claims = jwt::claims(&token);
    assert_eq!(claims["iss"], tenant.issuer);
    assert_eq!(claims["aud"], tenant.issuer, "the tenant's default audience is the issuer");
    assert_eq!(claims["client_id"], client.id);
    assert_eq!(claims["scope"], "read:docs write:drafts");
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 900);
    let path = format!("/t/{}/agent/crawler", tenant.slug);
    let subject = claims["sub"].as_str().unwrap();
    assert!(subject.starts_with("spiffe://") && subject.ends_with(&path), "{subject}");
    assert_eq!(claims["agent"]["name"], "crawler");
    assert_eq!(claims["agent"]["spiffe_id"], subject);
    assert_eq!(claims["del_depth"], 0);
    assert_eq!(claims["del_max_depth"], 3);
    let chain = claims["chain"].as_array().unwrap();
    assert_eq!(chain.len(), 1, "a root is its own chain");
    assert_eq!(chain[0]["id"], claims["jti"]);
});

on_both_databases!(every_token_is_an_event, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let before = tenant.events().await;
    let token = client.access_token("read:docs").await;
    let after = tenant.events().await;
    let new: Vec<_> = after.iter().filter(|event| !before.contains(event)).collect();
    let id = jwt::claims(&token)["jti"].clone();
    assert!(new.iter().any(|event| event["credential"] == id), "no event of {id} in {new:?}");
    let text = serde_json::to_string(&after).unwrap();
    for secret in [token.as_str(), &client.secret, tenant.admin_key()] {
        assert!(!text.contains(secret), "a secret is in the log");
    }
});

on_both_databases!(a_request_says_what_it_wants, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let refused = client.token(&[]).await.is_oauth_error(400, "invalid_scope");
    let description = refused.text_of("error_description");
    assert!(description.contains("read:docs"), "the ceiling is named: {description}");
    client.token(&[("scope", "read:docs")]).await.is(200);
});

on_both_databases!(identity_asks_for_no_authority, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("identity").await;
    let scope = jwt::claims(&token)["scope"].clone();
    assert!(scope.is_null() || scope == "identity" || scope == "", "{scope}");
    assert!(tenant.is_active(&token).await);
    let decision = tenant.decide(&token, "search", json!({}), json!({"scope": "read:docs"})).await.is(200);
    assert_eq!(decision["decision"], false);
});

on_both_databases!(a_shorter_life_may_be_asked_for_and_a_longer_one_is_not_given, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let short = client.token(&[("scope", "read:docs"), ("expires_in", "60")]).await.is(200);
    assert_eq!(short["expires_in"], 60);
    let long = client.token(&[("scope", "read:docs"), ("expires_in", "86400")]).await.is(200);
    assert_eq!(long["expires_in"], 900);
    for wrong in ["0", "-1", "soon", "1.5", "99999999999999999999"] {
        client
            .token(&[("scope", "read:docs"), ("expires_in", wrong)])
            .await
            .is_oauth_error(400, "invalid_request");
    }
});

on_both_databases!(only_a_registered_resource_can_be_the_audience, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let crm = "https://crm.example.com/";
    let role = json!({"audience": [crm, "https://unregistered.example.com/"]});
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), role).await;
    let ask = async || client.token(&[("scope", "read:docs"), ("resource", crm)]).await;
    ask().await.is_oauth_error(400, "invalid_target");
    tenant.api.post("/resources", json!({"uri": crm})).await.is(201);
    let token = ask().await.is(200).text_of("access_token");
    assert_eq!(jwt::claims(&token)["aud"], crm);
    for wrong in ["https://unregistered.example.com/", "crm", "https://crm.example.com/#part"] {
        client
            .token(&[("scope", "read:docs"), ("resource", wrong)])
            .await
            .is_oauth_error(400, "invalid_target");
    }
});

on_both_databases!(one_audience_for_a_bearer_token, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (crm, erp) = ("https://crm.example.com/", "https://erp.example.com/");
    for uri in [crm, erp] {
        tenant.api.post("/resources", json!({"uri": uri})).await.is(201);
    }
    let role = json!({"audience": [crm, erp]});
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), role).await;
    client.token(&[("scope", "read:docs"), ("resource", crm)]).await.is(200);
    let both = [("scope", "read:docs"), ("resource", crm), ("resource", erp)];
    client.token(&both).await.is_oauth_error(400, "invalid_target");
});

on_both_databases!(a_suspended_agent_is_no_client, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    tenant.api.post("/agents/crawler/suspend", json!({"reason": "test"})).await.is(200);
    client.token(&[("scope", "read:docs")]).await.is_oauth_error(401, "invalid_client");
    assert!(!tenant.is_active(&token).await);
    tenant.api.post("/agents/crawler/reactivate", json!({"reason": "test"})).await.is(200);
    let fresh = client.access_token("read:docs").await;
    assert!(tenant.is_active(&fresh).await);
    assert!(!tenant.is_active(&token).await, "reactivating revives nothing");
});

on_both_databases!(a_halted_tenant_issues_nothing, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let halt = async |level| tenant.api.put("/halt", json!({"level": level, "reason": "test"})).await.is(200);
    halt("all").await;
    client.token(&[("scope", "read:docs")]).await.is_oauth_error(403, "access_denied");
    halt("none").await;
    client.token(&[("scope", "read:docs")]).await.is(200);
});
