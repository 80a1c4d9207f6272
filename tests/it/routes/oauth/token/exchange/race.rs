//! Exchanges against revocations of what they stand on: whoever comes first, no child survives.

use std::sync::Arc;

use deputy_tests::{Api, Client, Tenant, on_both_databases};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{READ, id, planner, root};

const PAIRS: usize = 1_000;
const IN_FLIGHT: usize = 32;

/// Revokes a root while it is exchanged, and says whether there was a child; one that there was is dead.
async fn pair(number: usize, tenant: Tenant, admin: Api, planner: Client) -> bool {
    let task = format!("task-{number}");
    let token = root(&planner, json!({"binding": {"task": task}})).await;
    let exchange = {
        let (planner, token) = (planner.clone(), token.clone());
        tokio::spawn(async move { planner.exchange(&token, &[READ]).await })
    };
    // Sometimes the one is ahead, sometimes the other.
    for _ in 0..number % 5 {
        tokio::task::yield_now().await;
    }
    if number.is_multiple_of(2) {
        planner.revoke(&token).await.is(200);
    } else {
        let revocation = json!({"target": {"binding": {"task": task}}, "reason": "race"});
        admin.post("/revocations", revocation).await.is(201);
    }
    let exchanged = exchange.await.unwrap();
    let was_made = exchanged.status == 200;
    if was_made {
        let child = exchanged.text_of("access_token");
        assert!(!tenant.is_active(&child).await, "a child outlived its parent: {}", id(&child));
    } else {
        exchanged.is_oauth_error(400, "invalid_grant");
    }
    planner.exchange(&token, &[READ]).await.is_oauth_error(400, "invalid_grant");
    was_made
}

on_both_databases!(a_thousand_races_leave_no_survivor, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    // Several, so that none of them writes too often.
    let admins = [tenant.api_as("admin").await, tenant.api_as("admin").await];
    let (turns, mut pairs) = (Arc::new(Semaphore::new(IN_FLIGHT)), JoinSet::new());
    for number in 0..PAIRS {
        let (turns, tenant, planner) = (turns.clone(), tenant.clone(), planner.clone());
        let admin = admins[number / 2 % admins.len()].clone();
        pairs.spawn(async move {
            let _turn = turns.acquire().await.unwrap();
            pair(number, tenant, admin, planner).await
        });
    }
    let made = pairs.join_all().await.into_iter().filter(|was_made| *was_made).count();
    // Both orders were seen, or this would show nothing.
    assert!((1..PAIRS).contains(&made), "{made} of {PAIRS} exchanges came first");
    assert!(tenant.api.get("/tokens?live=true").await.is(200).items().is_empty());
});
