//! Metered mandates: a use is counted once, durably, and never twice.

use std::time::Duration;

use deputy_tests::on_both_databases;
use serde_json::json;
use tokio::task::JoinSet;

use super::super::{agent, all_tools, allowed, codes, denied, evaluation, token_of};

on_both_databases!(one_of_a_hundred_parallel_tries_succeeds, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let mut details = all_tools();
    details["uses"] = json!(1);
    let token = token_of(&client, details, &[]).await;
    let mut tries = JoinSet::new();
    for _ in 0..100 {
        let (tenant, token) = (tenant.clone(), token.clone());
        tries.spawn(async move { tenant.decide(&token, "search", json!({}), json!({})).await.is(200).json });
    }
    let mut successes = 0;
    for answer in tries.join_all().await {
        if answer["decision"] == true {
            successes += 1;
        } else {
            assert_eq!(codes(&answer), ["uses_exhausted"]);
        }
    }
    assert_eq!(successes, 1);
    server.kill_9();
    server.restart();
    // The client's idle connections to the old process are gone only once it has looked at them.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let again = tenant.decide(&token, "search", json!({}), json!({})).await;
    assert_eq!(denied(again), ["uses_exhausted"], "it was on disk before it was answered");
    let made = tenant.events().await.into_iter().filter(|event| event["action"] == "decision.made");
    assert_eq!(made.filter(|event| event["decision"] == "allow").count(), 1);
});

on_both_databases!(a_repeated_key_is_one_use, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let mut details = all_tools();
    details["uses"] = json!(2);
    let token = token_of(&client, details, &[]).await;
    let search = async |context| tenant.decide(&token, "search", json!({"q": "x"}), context).await;
    allowed(search(json!({"dry_run": true})).await);
    for _ in 0..3 {
        allowed(search(json!({"use_id": "first"})).await);
    }
    let other = tenant.decide(&token, "read_db", json!({"q": "x"}), json!({"use_id": "first"})).await;
    assert_eq!(denied(other), ["malformed"], "one key, another request");
    // A denied request uses nothing up.
    assert_eq!(denied(tenant.decide(&token, "shell", json!({}), json!({})).await).len(), 2);
    allowed(search(json!({"use_id": "second"})).await);
    assert_eq!(denied(search(json!({"use_id": "third"})).await), ["uses_exhausted"]);
    assert_eq!(denied(search(json!({"dry_run": true})).await), ["uses_exhausted"]);
    allowed(search(json!({"use_id": "second"})).await);
    assert!(tenant.is_active(&token).await, "introspection is no use");
});

on_both_databases!(an_auditor_uses_nothing_up, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let mut details = all_tools();
    details["uses"] = json!(1);
    let token = token_of(&client, details, &[]).await;
    let auditor = tenant.root.with_key(&tenant.key("auditor", json!({})).await);
    let body = evaluation(&token, "search", json!({}), json!({}));
    for _ in 0..2 {
        allowed(auditor.post("/access/v1/evaluation", body.clone()).await);
    }
    allowed(tenant.decide(&token, "search", json!({}), json!({})).await);
    assert_eq!(denied(auditor.post("/access/v1/evaluation", body).await), ["uses_exhausted"]);
});
