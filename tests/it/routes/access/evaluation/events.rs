//! Every decision is one event, and no event holds a secret.

use std::time::Duration;

use deputy_tests::{Tenant, jwt, on_both_databases};
use serde_json::{Value, json};

use super::super::{agent, allowed, denied, token};

/// The decisions in the log, once there are as many as that: they are written within 100 ms.
async fn decisions(tenant: &Tenant, count: usize) -> Vec<Value> {
    for _ in 0..50 {
        let mut events = tenant.events().await;
        events.retain(|event| event["action"] == "decision.made");
        if events.len() >= count {
            assert_eq!(events.len(), count, "{events:?}");
            return events;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("fewer than {count} decisions in the log after a second");
}

on_both_databases!(a_decision_is_one_event, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let token = token(&client).await;
    let claims = jwt::claims(&token);
    let arguments = json!({"query": "Q1 revenue", "page": 1});
    let answer = tenant.decide(&token, "search", arguments, json!({"audience": tenant.issuer})).await;
    let request_id = answer.header("x-request-id").unwrap();
    allowed(answer);
    denied(tenant.decide(&token, "shell", json!({}), json!({})).await);
    denied(tenant.decide("nonsense", "search", json!({}), json!({})).await);

    let events = decisions(&tenant, 3).await;
    let event = &events[0];
    assert_eq!(event["decision"], "allow");
    assert_eq!(event["agent"], client.id);
    assert_eq!(event["credential"], claims["jti"]);
    assert_eq!(event["chain"][0]["id"], claims["jti"]);
    assert_eq!(event["owners"], json!([deputy_tests::OWNER]));
    assert_eq!(event["request_id"], request_id);
    assert!(event["actor"].as_str().unwrap().starts_with("key:"));
    assert_eq!(event["detail"]["tool"], "search");
    assert_eq!(event["detail"]["arguments"], json!(["page", "query"]));
    assert_eq!(event["detail"]["audience"], tenant.issuer);
    assert_eq!(events[1]["decision"], "deny");
    assert_eq!(events[1]["reasons"], json!(["tool_blocked", "tool_not_allowed"]));
    assert_eq!(events[2]["reasons"], json!(["malformed"]));
    assert_eq!(events[2].get("agent"), None, "nobody vouches for what it says");
});

on_both_databases!(no_event_and_no_answer_repeats_a_secret, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let token = token(&agent(&tenant, "crawler", json!({})).await).await;
    let api = tenant.root.with_key(tenant.admin_key());
    // Careless callers put credentials everywhere.
    let body = json!({
        "subject": {"type": "agent", "id": token, "properties": {"token": token}},
        "action": {"name": "pay", "properties": {"arguments": {
            "amount": "hunter2-amount", "currency": token, "password": "hunter2-password"}}},
        "resource": {"type": tenant.admin_key(), "id": token},
        "context": {"env": "hunter2-env", "scope": token},
    });
    let answer = api.post("/access/v1/evaluation", body).await.is(200);
    let signature = token.rsplit_once('.').unwrap().1;
    for secret in [signature, tenant.admin_key(), "hunter2-password"] {
        assert!(!answer.text.contains(secret), "{secret} in {}", answer.text);
    }
    let events = decisions(&tenant, 1).await;
    let log = format!("{events:?} {}", server.log());
    for secret in [signature, tenant.admin_key(), "hunter2"] {
        assert!(!log.contains(secret), "{secret}");
    }
});

on_both_databases!(introspection_writes_no_event, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let token = token(&agent(&tenant, "crawler", json!({})).await).await;
    let before = tenant.events().await.len();
    for _ in 0..5 {
        assert!(tenant.is_active(&token).await);
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(tenant.events().await.len(), before);
});
