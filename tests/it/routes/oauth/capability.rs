//! Introspection and revocation of capabilities.

use deputy_tests::{capability, on_both_databases};
use serde_json::json;

on_both_databases!(introspection_shows_the_end_of_the_chain_and_its_form, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent_with("crawler", &["a", "b"], json!({}), json!({"may_delegate": true})).await;
    let top = client.capability(&[("scope", "a b")]).await;
    let leaf = capability::narrowed(&top, "analyzer", json!({"scope": "a"}));
    let told = tenant.introspect(&leaf).await.is(200);
    assert_eq!(
        (&told["active"], &told["form"], &told["scope"]),
        (&json!(true), &json!("capability"), &json!("a"))
    );
    assert_eq!(
        (&told["jti"], &told["agent"]["name"]),
        (&json!(capability::id(&leaf)), &json!("crawler/analyzer"))
    );
    assert_eq!((&told["client_id"], &told["chain"][1]["id"]), (&json!(client.id), &told["jti"]));
    let token = client.access_token("a").await;
    assert_eq!(tenant.introspect(&token).await.is(200)["form"], "access_token");
    // An agent is told of chains that contain it, and of no others.
    let other = tenant.agent("other", &["a"]).await;
    assert_eq!(client.introspect(&leaf).await.is(200)["active"], true);
    assert_eq!(other.introspect(&leaf).await.is(200).json, json!({"active": false}));
});

on_both_databases!(a_presented_capability_is_revoked_by_its_leaf, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent_with("crawler", &["a"], json!({}), json!({"may_delegate": true})).await;
    let other = tenant.agent("other", &["a"]).await;
    let top = client.capability(&[("scope", "a")]).await;
    let middle = capability::narrowed(&top, "analyzer", json!({}));
    let leaf = capability::narrowed(&middle, "parser", json!({}));
    other.revoke(&middle).await.is(200);
    assert!(tenant.is_active(&middle).await, "not an agent of its chain");
    client.revoke(&middle).await.is(200);
    assert!(!tenant.is_active(&middle).await && !tenant.is_active(&leaf).await);
    assert!(tenant.is_active(&top).await, "only what was presented, and what is below it");
    let events = tenant.events().await;
    let event = events.iter().find(|event| event["action"] == "revocation.created").unwrap();
    assert_eq!((&event["credential"], &event["agent"]), (&json!(capability::id(&middle)), &json!(client.id)));
    let admin = tenant.root.with_key(tenant.admin_key());
    admin.form("/oauth/revoke", &[("token", &top)]).await.is(200);
    assert!(!tenant.is_active(&top).await);
    let count = |events: &[serde_json::Value]| {
        events.iter().filter(|one| one["action"] == "revocation.created").count()
    };
    // What is dead already, and what was never issued, change nothing.
    for nothing in [&leaf, &top, "dpyc1.e30.AAAA"] {
        client.revoke(nothing).await.is(200);
    }
    assert_eq!(count(&tenant.events().await), 2);
});
