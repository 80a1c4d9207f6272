//! A token request of an agent with a registered runtime (mandates §5).

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

on_both_databases!(the_registered_runtime_must_be_presented, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let runtime = json!({"model": "gpt-4o", "tools": ["search", "read_db"], "config": {"temperature": 0.2}});
    let client = tenant.agent_with("crawler", &["read:docs"], json!({"runtime": runtime}), json!({})).await;
    let ask = async |runtime: &str| client.token(&[("scope", "read:docs"), ("runtime", runtime)]).await;

    let token = ask(&runtime.to_string()).await.is(200).text_of("access_token");
    let fingerprint = jwt::claims(&token)["chain"][0]["rt"].as_str().unwrap().to_owned();
    ask(&fingerprint).await.is(200);
    let reordered =
        r#"{"config":{"temperature":0.20},"tools":["read_db","search","search"],"model":"gpt-4o"}"#;
    let again = ask(reordered).await.is(200).text_of("access_token");
    assert_eq!(jwt::claims(&again)["chain"][0]["rt"], fingerprint);

    client.token(&[("scope", "read:docs")]).await.is_oauth_error(400, "invalid_grant");
    let changed = r#"{"model":"gpt-4o","tools":["search","read_db"],"config":{"temperature":0.3}}"#;
    ask(changed).await.is_oauth_error(400, "invalid_grant");
});

on_both_databases!(changing_it_kills_and_changing_it_back_revives_nothing, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let runtime = |model: &str| json!({"model": model, "tools": [], "config": {}});
    let body = json!({"runtime": runtime("one")});
    let client = tenant.agent_with("crawler", &["read:docs"], body, json!({})).await;
    let ask = async |model: &str| {
        client.token(&[("scope", "read:docs"), ("runtime", &runtime(model).to_string())]).await
    };
    let token = ask("one").await.is(200).text_of("access_token");
    assert!(tenant.is_active(&token).await);
    for model in ["two", "one"] {
        tenant.api.patch("/agents/crawler", json!({"runtime": runtime(model)})).await.is(200);
        assert!(!tenant.is_active(&token).await, "after the change to {model}");
    }
    ask("two").await.is_oauth_error(400, "invalid_grant");
    let fresh = ask("one").await.is(200).text_of("access_token");
    assert!(tenant.is_active(&fresh).await);
});
