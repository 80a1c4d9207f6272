//! Metered mandates: a use is counted once, durably, and never twice.

use std::time::Duration;

use deputy_tests::{Client, Tenant, on_both_databases};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::super::{agent, all_tools, allowed, codes, denied, evaluation, reference, token_of};

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

/// An agent that may hand on.
async fn delegator(tenant: &Tenant, name: &str) -> Client {
    let mut role = reference();
    role["may_delegate"] = json!(true);
    tenant.agent_with(name, &["read:docs"], json!({}), role).await
}

/// All tools with this many uses, or with as many as there are above.
fn metered(uses: Option<u32>) -> Value {
    let mut details = all_tools();
    details["uses"] = uses.into();
    details.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    details
}

/// A child of `subject` with so many uses.
async fn child(client: &Client, subject: &str, uses: Option<u32>) -> String {
    let mut details = metered(uses);
    details["type"] = json!("deputy_mandate");
    let details = json!([details]).to_string();
    let fields = [("scope", "read:docs"), ("authorization_details", details.as_str())];
    client.exchange(subject, &fields).await.is(200).text_of("access_token")
}

async fn search(tenant: &Tenant, token: &str, context: Value) -> deputy_tests::Answer {
    tenant.decide(token, "search", json!({"q": "x"}), context).await
}

on_both_databases!(a_use_of_one_child_is_a_use_of_all_above, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    let client = delegator(&tenant, "planner").await;
    let root = token_of(&client, metered(Some(1)), &[]).await;
    let mut tokens = vec![root.clone()];
    for _ in 0..4 {
        let below = child(&client, &root, None).await;
        tokens.push(child(&client, &below, Some(7)).await);
        tokens.push(below);
    }
    let mut tries = JoinSet::new();
    for number in 0..100 {
        let (tenant, token) = (tenant.clone(), tokens[number % tokens.len()].clone());
        tries.spawn(async move { search(&tenant, &token, json!({})).await.is(200).json });
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
    tokio::time::sleep(Duration::from_millis(100)).await;
    for token in &tokens {
        assert_eq!(denied(search(&tenant, token, json!({})).await), ["uses_exhausted"]);
    }
});

on_both_databases!(a_child_has_its_own_meter_too, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = delegator(&tenant, "planner").await;
    let root = token_of(&client, metered(Some(3)), &[]).await;
    let (one, all) = (child(&client, &root, Some(1)).await, child(&client, &root, None).await);
    allowed(search(&tenant, &one, json!({"use_id": "a"})).await);
    allowed(search(&tenant, &one, json!({"use_id": "a"})).await);
    assert_eq!(denied(search(&tenant, &one, json!({"use_id": "b"})).await), ["uses_exhausted"]);
    // What was refused below used nothing up above: two are left.
    allowed(search(&tenant, &all, json!({"dry_run": true})).await);
    allowed(search(&tenant, &all, json!({"use_id": "a"})).await);
    allowed(search(&tenant, &root, json!({})).await);
    for token in [&root, &all] {
        assert_eq!(denied(search(&tenant, token, json!({})).await), ["uses_exhausted"]);
        assert_eq!(denied(search(&tenant, token, json!({"dry_run": true})).await), ["uses_exhausted"]);
    }
    allowed(search(&tenant, &all, json!({"use_id": "a"})).await);
});

on_both_databases!(a_metered_child_of_an_unmetered_parent_is_metered_alone, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = delegator(&tenant, "planner").await;
    let root = token_of(&client, metered(None), &[]).await;
    let (one, free) = (child(&client, &root, Some(1)).await, child(&client, &root, None).await);
    allowed(search(&tenant, &one, json!({})).await);
    assert_eq!(denied(search(&tenant, &one, json!({})).await), ["uses_exhausted"]);
    for token in [&root, &free, &root, &free] {
        allowed(search(&tenant, token, json!({})).await);
    }
});
