//! kill -9 under load: what was acknowledged is there after the restart, and the log has no gap.
//!
//! A few rounds in every test run; `cargo xtask soak` sets `DEPUTY_SOAK_ROUNDS` for many.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deputy_tests::{Client, Tenant, jwt, on_both_databases, setup};
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

const ROUNDS: u32 = 3;
const WORKERS: usize = 8;

/// What the servers acknowledged.
#[derive(Default)]
struct Acknowledged {
    /// Ids of tokens.
    tokens: Vec<Value>,
    /// Ids of tokens whose revocation was acknowledged.
    revoked: Vec<(Value, String)>,
}

/// Takes tokens, and revokes every fifth, until the server is gone.
async fn load(client: Client, tenant: Tenant, dying: Arc<AtomicBool>, loaded: Arc<Notify>) -> Acknowledged {
    let mut acknowledged = Acknowledged::default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    loop {
        let form = [("grant_type", "client_credentials"), ("scope", "read:docs")];
        let request = http.post(tenant.root.url("/oauth/token")).basic_auth(&client.id, Some(&client.secret));
        let Some(answer) = answered(request.form(&form), &dying).await else { return acknowledged };
        let token = answer["access_token"].as_str().unwrap().to_owned();
        let id = jwt::claims(&token)["jti"].clone();
        acknowledged.tokens.push(id.clone());
        loaded.notify_one();
        if acknowledged.tokens.len().is_multiple_of(5) {
            let body = json!({"target": {"credential": id}, "reason": "test"});
            let request =
                http.post(tenant.api.url("/revocations")).bearer_auth(tenant.admin_key()).json(&body);
            if answered(request, &dying).await.is_none() {
                return acknowledged;
            }
            acknowledged.revoked.push((id, token));
        }
    }
}

/// The answer, when it came whole; anything but a success is a failure, unless the server is being killed.
async fn answered(request: reqwest::RequestBuilder, dying: &AtomicBool) -> Option<Value> {
    let result = async {
        let response = request.send().await?;
        let status = response.status();
        Ok::<_, reqwest::Error>((status, response.json().await?))
    };
    match result.await {
        Ok((status, answer)) => {
            assert!(status.is_success(), "{status}: {answer}");
            Some(answer)
        }
        Err(error) => {
            assert!(dying.load(Ordering::SeqCst), "no answer from a live server: {error:?}");
            None
        }
    }
}

on_both_databases!(nothing_acknowledged_is_lost, async |db| {
    let rounds = setup::variable("DEPUTY_SOAK_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let mut server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let mut all = Acknowledged::default();
    for round in 0..rounds {
        let dying = Arc::new(AtomicBool::new(false));
        let loaded = Arc::new(Notify::new());
        let mut workers = JoinSet::new();
        for _ in 0..WORKERS {
            workers.spawn(load(client.clone(), tenant.clone(), dying.clone(), loaded.clone()));
        }
        tokio::time::timeout(Duration::from_secs(30), loaded.notified()).await.expect("a token within 30 s");
        // Not always at the same point of whatever repeats inside.
        tokio::time::sleep(Duration::from_millis(200 + u64::from(round * 37 % 211))).await;
        dying.store(true, Ordering::SeqCst);
        server.kill_9();
        let mut tokens = 0;
        for acknowledged in workers.join_all().await {
            tokens += acknowledged.tokens.len();
            all.tokens.extend(acknowledged.tokens);
            all.revoked.extend(acknowledged.revoked);
        }
        assert!(tokens > 0, "round {round} was under no load");
        server.restart();
        check(&tenant, &all, round).await;
    }
});

/// Every acknowledged token has its event, every acknowledged revocation acts, numbers and hashes have no gap.
async fn check(tenant: &Tenant, acknowledged: &Acknowledged, round: u32) {
    let events = tenant.events().await;
    let known: std::collections::BTreeSet<&str> =
        events.iter().filter_map(|event| event["credential"].as_str()).collect();
    for id in &acknowledged.tokens {
        assert!(known.contains(id.as_str().unwrap()), "round {round}: token {id} is lost");
    }
    for pair in events.windows(2) {
        let (one, next) = (&pair[0], &pair[1]);
        assert_eq!(next["seq"].as_u64().unwrap(), one["seq"].as_u64().unwrap() + 1, "round {round}: a gap");
        assert_eq!(next["prev"], one["hash"], "round {round}: the chain breaks at {}", next["seq"]);
    }
    for (id, token) in acknowledged.revoked.iter().rev().take(20) {
        assert!(!tenant.is_active(token).await, "round {round}: the revocation of {id} is lost");
    }
}
