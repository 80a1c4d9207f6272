//! The database goes away and comes back: what still works, what is refused, and that nothing needs a restart.

use std::time::Duration;

use deputy_tests::{Database, Wire, capability, jwt};
use serde_json::json;

/// Longer than memory may be trusted without the log, and some.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits as long as this file's patience lasts.
async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    deputy_tests::eventually(what, PATIENCE, holds).await;
}

// The wire must carry while the start of the server is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_a_server_answers_what_it_knows_until_that_is_too_old() {
    if !Database::has_postgres() {
        return;
    }
    let starting = Database::Postgres.starting();
    let (wire, url) = Wire::to(starting.store().url()).await;
    let server = starting.with("DATABASE_URL", &url).start();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    let revoked = client.access_token("read:docs").await;
    tenant.revoke(json!({"credential": jwt::claims(&revoked)["jti"]})).await;
    let decide =
        async |token: &str| tenant.decide(token, "", json!({}), json!({"scope": "read:docs"})).await.is(200);
    assert_eq!(decide(&token).await["decision"], true);

    wire.cut();
    let refused = client.token(&[("scope", "read:docs")]).await;
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (503, true), "no token is issued");
    let refused = tenant.api.post("/agents", json!({"name": "late", "owners": ["user:a@example.com"]})).await;
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (503, true), "nothing is changed");
    assert_eq!(tenant.root.get("/jwks.json").await.status, 200, "the keys are there");
    assert_eq!(decide(&token).await["decision"], true, "what memory knows still holds");
    assert_eq!(decide(&revoked).await["decision"], false);
    assert_ne!(server.anonymous().get("/readyz").await.status, 200, "no load balancer sends more");

    let first_reason = async |token: &str| decide(token).await["context"]["reasons"][0]["code"].clone();
    eventually("memory is too old", async || first_reason(&token).await == "revocation_stale").await;
    assert!(!tenant.is_active(&token).await, "introspection fails closed too");
    assert_eq!(tenant.root.get("/jwks.json").await.status, 200);

    wire.mend();
    eventually("decisions are back", async || decide(&token).await["decision"] == true).await;
    assert_eq!(decide(&revoked).await["decision"], false);
    eventually("tokens are back", async || client.token(&[("scope", "read:docs")]).await.status == 200).await;

    // What was decided meanwhile is in the log, and the log is whole.
    let stale = async || {
        let page = tenant.api.get("/events?action=decision.made&order=newest&limit=200").await.is(200);
        let items = page["items"].as_array().cloned().unwrap_or_default();
        items.iter().any(|event| event["reasons"] == json!(["revocation_stale"]))
    };
    eventually("the decisions of the outage are in the log", stale).await;
    let page = tenant.api.get("/events?limit=500").await.is(200);
    let seqs: Vec<i64> = page["items"].as_array().unwrap().iter().filter_map(|e| e["seq"].as_i64()).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "gap-free: {seqs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capability_is_judged_without_the_database_when_its_issue_is_known() {
    if !Database::has_postgres() {
        return;
    }
    let starting = Database::Postgres.starting();
    let (wire, url) = Wire::to(starting.store().url()).await;
    let mut server = starting.with("DATABASE_URL", &url).start();
    let tenant = server.tenant().await;
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), json!({"may_delegate": true})).await;
    let top = client.capability(&[("scope", "read:docs")]).await;
    let below = || capability::narrowed(&top, "analyzer", json!({}));
    let decide = async |token: &str| tenant.decide(token, "", json!({}), json!({"scope": "read:docs"})).await;
    wire.cut();
    assert_eq!(decide(&below()).await.is(200)["decision"], true, "this server issued it");
    wire.mend();
    server.kill_9();
    server.restart();
    eventually("the tenant is in memory", async || tenant.api.get("/agents").await.status == 200).await;
    wire.cut();
    let refused = decide(&below()).await;
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (503, true), "{}", refused.text);
    wire.mend();
    eventually("its issue is found", async || decide(&below()).await.status == 200).await;
    assert_eq!(decide(&below()).await.is(200)["decision"], true);
    wire.cut();
    assert_eq!(decide(&below()).await.is(200)["decision"], true, "now it is known");
}
