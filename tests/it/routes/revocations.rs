//! `/t/{tenant}/revocations`: the feed by which verifiers elsewhere know what is dead.

use std::time::{Duration, Instant};

use deputy_tests::stream::EventStream;
use deputy_tests::{Database, OWNER, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(the_feed_is_a_full_set_and_then_what_is_new, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let verifier = tenant.verifier(&[&tenant.issuer]).await;
    let get = async |after: i64| verifier.get(&format!("/revocations?after={after}")).await.is(200);
    let empty = verifier.get("/revocations").await.is(200);
    assert_eq!((&empty["entries"], &empty["halt"]), (&json!([]), &json!("none")));
    assert!(empty["as_of"].is_string());

    let one = tenant.revoke(json!({"agent": "crawler"})).await;
    tenant.revoke(json!({"key": "thumb"})).await;
    tenant.revoke(json!({"subject": OWNER})).await;
    let full = get(0).await;
    let targets: Vec<&Value> =
        full["entries"].as_array().unwrap().iter().map(|entry| &entry["target"]).collect();
    assert_eq!(
        (targets.len(), targets[0], targets[1]),
        (3, &json!({"agent": client.id}), &json!({"key": "thumb"}))
    );
    assert_eq!(full["entries"][0]["seq"], one["seq"]);
    assert!(full["entries"][0]["kept_until"].is_string() && full["entries"][1].get("kept_until").is_none());
    assert!(!full.text.contains('@') && !full.text.contains("test"), "no names, no reasons: {}", full.text);

    let head = full["head_seq"].as_i64().unwrap();
    assert_eq!(get(head).await["entries"], json!([]));
    tenant.revoke(json!({"tenant": true})).await;
    let delta = get(head).await;
    assert_eq!(delta["entries"].as_array().unwrap().len(), 1);
    assert_eq!(delta["entries"][0]["target"], json!({"tenant": true}));
    assert_eq!(
        get(head + 1_000_000).await["entries"].as_array().unwrap().len(),
        4,
        "whoever is ahead starts again"
    );
    assert_eq!(get(0).await["entries"].as_array().unwrap().len(), 4);
});

on_both_databases!(a_stream_tells_news_and_beats, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let verifier = tenant.verifier(&[&tenant.issuer]).await;
    tenant.revoke(json!({"credential": "before"})).await;
    let mut stream = EventStream::open(&verifier, "/revocations/stream?after=0", None).await;
    let full = stream.next_of("revocations").await;
    assert_eq!(full.data["entries"][0]["target"], json!({"credential": "before"}));
    let made = tenant.revoke(json!({"credential": "after"})).await;
    let news = stream.next_of("revocations").await;
    assert_eq!(news.data["entries"].as_array().unwrap().len(), 1);
    assert_eq!(news.data["entries"][0]["seq"], made["seq"]);
    assert_eq!(news.id, news.data["head_seq"].as_i64());
    tenant.api.put("/halt", json!({"level": "all", "reason": "test"})).await.is(200);
    assert_eq!(stream.next_of("revocations").await.data["halt"], "all");
    let beat = stream.next_of("heartbeat").await;
    assert!(beat.data["as_of"].as_str() > news.data["as_of"].as_str(), "{} {}", beat.data, news.data);
    assert_eq!(beat.data["entries"], json!([]));

    drop(stream);
    tenant.revoke(json!({"credential": "later"})).await;
    let mut resumed = EventStream::open(&verifier, "/revocations/stream", beat.id).await;
    let missed = resumed.next_of("revocations").await;
    assert_eq!(missed.data["entries"].as_array().unwrap().len(), 1);
    assert_eq!(missed.data["entries"][0]["target"], json!({"credential": "later"}));
});

on_both_databases!(it_is_open_to_verifiers_and_readers_of_this_tenant, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    for role in ["admin", "auditor"] {
        let key = tenant.key(role, json!({})).await;
        tenant.root.with_key(&key).get("/revocations?after=0").await.is(200);
    }
    for role in ["scim", "importer"] {
        let key = tenant.key(role, json!({})).await;
        tenant.root.with_key(&key).get("/revocations?after=0").await.is_problem(403);
    }
    tenant.root.get("/revocations?after=0").await.is_problem(401);
    let stranger = foreign.verifier(&[&foreign.issuer]).await;
    stranger.get("/revocations?after=0").await.is(200);
    tenant.root.with_key(stranger.key().unwrap()).get("/revocations?after=0").await.is_problem(401);
    server
        .anonymous()
        .with_key(tenant.admin_key())
        .get("/t/no-such-tenant/revocations")
        .await
        .is_problem(401);
});

/// What a second server tells within: the aim is a second, the rest is a slow machine's.
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_second_server_on_the_database_tells_and_enforces_it() {
    if !Database::has_postgres() {
        return;
    }
    let server = Database::Postgres.server();
    let replica = server.replica();
    let here = server.tenant().await;
    let there = here.through(&replica);
    let client = here.agent("crawler", &["read:docs"]).await;
    let token = client.access_token("read:docs").await;
    let mut stream =
        EventStream::open(&there.root.with_key(there.admin_key()), "/revocations/stream", None).await;
    stream.next_of("revocations").await;
    let active = async || there.introspect(&token).await.is(200)["active"] == true;
    assert!(active().await);
    let start = Instant::now();
    let made = here.revoke(json!({"agent": "crawler"})).await;
    assert!(!here.is_active(&token).await, "at once where it was revoked");
    while active().await {
        assert!(start.elapsed() < PATIENCE, "not in force there after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let told = stream.next_of("revocations").await;
    assert_eq!(told.data["entries"][0]["seq"], made["seq"]);
    assert!(start.elapsed() < PATIENCE, "told after {:?}", start.elapsed());
}
