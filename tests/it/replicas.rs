//! Two servers on one PostgreSQL: what one commits, the other learns from the log and from nowhere else.

use std::time::Duration;

use deputy_tests::{Database, Holder, jwt};
use serde_json::{Value, json};

/// How long a replica may take; the target is a second, the rest is a slow machine's.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits as long as this file's patience lasts.
async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    deputy_tests::eventually(what, PATIENCE, holds).await;
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

#[tokio::test]
async fn one_use_is_one_use_on_both_servers_through_any_child() {
    if !Database::has_postgres() {
        return;
    }
    let server = Database::Postgres.server();
    let replica = server.replica();
    let here = server.tenant().await;
    let there = here.through(&replica);
    let role = json!({"may_delegate": true, "tools": {"search": {}}});
    let client = here.agent_with("planner", &["read:docs"], json!({}), role).await;
    let client_there = client.through(&there);
    let details = r#"[{"type":"deputy_mandate","tools":{"search":{}},"uses":1}]"#;
    let fields = [("scope", "read:docs"), ("authorization_details", details)];
    let root = client.token(&fields).await.is(200).text_of("access_token");
    eventually("a child is made there", async || client_there.exchange(&root, &fields).await.status == 200)
        .await;
    let mut tokens = Vec::new();
    for client in [&client, &client_there, &client, &client_there] {
        tokens.push(client.exchange(&root, &fields).await.is(200).text_of("access_token"));
    }
    let mut tries = tokio::task::JoinSet::new();
    for number in 0..100 {
        let tenant = if number % 2 == 0 { here.clone() } else { there.clone() };
        let token = tokens[number / 2 % tokens.len()].clone();
        tries.spawn(async move { tenant.decide(&token, "search", json!({}), json!({})).await.is(200).json });
    }
    let answers = tries.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer["decision"] == true).count(), 1);
}

#[tokio::test]
async fn a_replica_that_is_behind_makes_no_child_of_a_dead_parent() {
    if !Database::has_postgres() {
        return;
    }
    let server = Database::Postgres.server();
    let replica = server.replica();
    let here = server.tenant().await;
    let there = here.through(&replica);
    let role = json!({"may_delegate": true});
    let client = here.agent_with("planner", &["read:docs"], json!({}), role).await;
    let client_there = client.through(&there);
    let form = [("scope", "read:docs")];
    eventually("the agent is a client there too", async || client_there.token(&form).await.status == 200)
        .await;
    for _ in 0..25 {
        let root = client.access_token("read:docs").await;
        client_there.exchange(&root, &form).await.is(200);
        // Acknowledged here, and not yet in the other server's memory.
        here.revoke(json!({"credential": jwt::claims(&root)["jti"]})).await;
        client_there.exchange(&root, &form).await.is_oauth_error(400, "invalid_grant");
    }
}

#[tokio::test]
async fn a_proof_counts_once_on_both_servers() {
    if !Database::has_postgres() {
        return;
    }
    let server = Database::Postgres.server();
    let replica = server.replica();
    let here = server.tenant().await;
    let there = here.through(&replica);
    let client = here.agent("crawler", &["read:docs"]).await;
    let client_there = client.through(&there);
    let scope = [("scope", "read:docs")];
    eventually("the agent is a client there too", async || client_there.token(&scope).await.status == 200)
        .await;
    let holder = Holder::p256();
    let endpoint = format!("{}/oauth/token", here.issuer);
    let once = holder.proof("POST", &endpoint, None);
    let token = client.token_proved(&scope, &[&once]).await.is(200).text_of("access_token");
    client_there.token_proved(&scope, &[&once]).await.is_oauth_error(400, "invalid_dpop_proof");
    let fresh = holder.proof("POST", &endpoint, None);
    client_there.token_proved(&scope, &[&fresh]).await.is(200);

    let uri = "https://crm.example.com/";
    let dpop =
        |proof: &str| json!({"scope": "read:docs", "dpop": {"proof": proof, "htm": "GET", "htu": uri}});
    eventually("the token is active there", async || there.is_active(&token).await).await;
    for _ in 0..5 {
        let once = dpop(&holder.proof("GET", uri, Some(&token)));
        let mut tries = tokio::task::JoinSet::new();
        for number in 0..20 {
            let tenant = if number % 2 == 0 { here.clone() } else { there.clone() };
            let (token, once) = (token.clone(), once.clone());
            tries.spawn(async move { tenant.decide(&token, "", json!({}), once).await.is(200).json });
        }
        let answers = tries.join_all().await;
        let (allowed, denied): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| answer["decision"] == true);
        assert_eq!(allowed.len(), 1);
        assert!(denied.iter().all(|answer| answer["context"]["reason"] == "proof_invalid"), "{denied:?}");
    }
}
