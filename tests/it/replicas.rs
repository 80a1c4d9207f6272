//! Two servers on one PostgreSQL: what one commits, the other learns from the log and from nowhere else.

use std::time::{Duration, Instant};

use deputy_tests::{Database, jwt};
use serde_json::{Value, json};

/// How long a replica may take; the target is a second, the rest is a slow machine's.
const PATIENCE: Duration = Duration::from_secs(5);

async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_one_server_grants_and_revokes_the_other_learns() {
    if !Database::has_postgres() {
        return;
    }
    let server = Database::Postgres.server();
    let replica = server.replica();
    let here = server.tenant().await;
    let there = here.through(&replica);
    let client = here.agent("crawler", &["read:docs"]).await;
    let client_there = client.through(&there);
    eventually("the agent is a client there too", async || {
        client_there.token(&[("scope", "read:docs")]).await.status == 200
    })
    .await;

    let token = client.access_token("read:docs").await;
    eventually("the token is active there", async || there.is_active(&token).await).await;
    let decide = async || {
        let answer = there.decide(&token, "", json!({}), json!({"scope": "read:docs"})).await.is(200);
        answer["decision"].as_bool().unwrap()
    };
    assert!(decide().await);

    here.revoke(json!({"credential": jwt::claims(&token)["jti"]})).await;
    assert!(!here.is_active(&token).await, "at once where it was revoked");
    eventually("revoked there", async || !there.is_active(&token).await).await;
    assert!(!decide().await);

    let token = client.access_token("read:docs").await;
    eventually("the new token is active there", async || there.is_active(&token).await).await;
    there.api.post("/agents/crawler/suspend", json!({"reason": "test"})).await.is(200);
    eventually("suspended here", async || !here.is_active(&token).await).await;
    eventually("no new token here", async || client.token(&[("scope", "read:docs")]).await.status == 401)
        .await;
}

#[tokio::test]
async fn a_replica_verifies_what_the_other_signed_and_neither_shares_a_number() {
    if !Database::has_postgres() {
        return;
    }
    let server = Database::Postgres.server();
    let replica = server.replica();
    let here = server.tenant().await;
    let there = here.through(&replica);
    assert_eq!(here.root.get("/jwks.json").await.json, there.root.get("/jwks.json").await.json);
    let clients = [here.agent("crawler", &["read:docs"]).await, here.agent("reader", &["read:docs"]).await];
    let clients_there = clients.each_ref().map(|client| client.through(&there));
    eventually("both agents are known there", async || {
        clients_there[1].token(&[("scope", "read:docs")]).await.status == 200
    })
    .await;
    let mut asking = tokio::task::JoinSet::new();
    for client in clients.into_iter().chain(clients_there) {
        asking.spawn(async move {
            let mut ids = Vec::new();
            for _ in 0..50 {
                ids.push(jwt::claims(&client.access_token("read:docs").await)["jti"].clone());
            }
            ids
        });
    }
    let issued: Vec<Value> = asking.join_all().await.into_iter().flatten().collect();
    let events = here.events().await;
    let numbers: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    let first = numbers[0];
    assert!(numbers.iter().zip(first..).all(|(seq, expected)| *seq == expected), "{numbers:?}");
    for pair in events.windows(2) {
        assert_eq!(pair[1]["prev"], pair[0]["hash"], "the chain holds at {}", pair[1]["seq"]);
    }
    for id in issued {
        assert!(events.iter().any(|event| event["credential"] == id), "no event of {id}");
    }
}
