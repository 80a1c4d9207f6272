//! `/t/{tenant}/api/v1/halt`: four levels, and who may lower the last.

use deputy_tests::{Api, Client, Tenant, on_both_databases};
use serde_json::{Value, json};

async fn put(api: &Api, level: &str) -> deputy_tests::Answer {
    api.put("/halt", json!({"level": level, "reason": "test"})).await
}

/// An administrator's key that alice, or whoever it is, holds.
async fn held_by(tenant: &Tenant, holder: &str) -> Api {
    // A person is known once somebody owns something; the second time the name is taken.
    let name = holder.trim_start_matches("user:").replace('@', "-at-");
    let made = tenant.api.post("/agents?create_owners=true", json!({"name": name, "owners": [holder]})).await;
    assert!(matches!(made.status, 201 | 409), "{}", made.text);
    tenant.api.with_key(&tenant.key("admin", json!({"holder": holder})).await)
}

/// An agent that a `noncritical` halt leaves alone.
async fn critical(tenant: &Tenant, name: &str) -> Client {
    tenant.agent_with(name, &["read:docs"], json!({"critical": true}), json!({})).await
}

async fn is_issued(client: &Client) -> bool {
    let answer = client.token(&[("scope", "read:docs")]).await;
    match answer.status {
        200 => true,
        _ => {
            answer.is_oauth_error(403, "access_denied");
            false
        }
    }
}

on_both_databases!(each_level_lets_through_what_it_says, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let (plain, vital) = (tenant.agent("plain", &["read:docs"]).await, critical(&tenant, "vital").await);
    let abroad = foreign.agent("plain", &["read:docs"]).await;
    let tokens = [plain.access_token("read:docs").await, vital.access_token("read:docs").await];
    assert_eq!(tenant.api.get("/halt").await.is(200)["level"], "none");
    for (level, plain_works, vital_works) in [
        ("noncritical", false, true),
        ("all", false, false),
        ("noncritical", false, true),
        ("none", true, true),
    ] {
        let halt = put(&tenant.api, level).await.is(200);
        assert_eq!((&halt["level"], &halt["reason"]), (&json!(level), &json!("test")));
        assert_eq!(tenant.api.get("/halt").await.is(200).json, halt.json);
        assert_eq!(tenant.is_active(&tokens[0]).await, plain_works, "{level}");
        assert_eq!(tenant.is_active(&tokens[1]).await, vital_works, "{level}");
        assert_eq!(is_issued(&plain).await, plain_works, "{level}");
        assert_eq!(is_issued(&vital).await, vital_works, "{level}");
        assert!(is_issued(&abroad).await, "another tenant's work goes on");
    }
});

on_both_databases!(an_emergency_revives_nothing_when_it_is_lifted_by_two, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = critical(&tenant, "vital").await;
    let token = client.access_token("read:docs").await;
    let (alice, bob) =
        (held_by(&tenant, "user:alice@example.com").await, held_by(&tenant, "user:bob@example.com").await);
    let alice_again = held_by(&tenant, "user:alice@example.com").await;
    put(&alice, "emergency").await.is(200);
    assert!(!is_issued(&client).await && !tenant.is_active(&token).await);

    let asked = put(&alice, "none").await.is(202).text_of("approval_id");
    assert_eq!(tenant.api.get("/halt").await.is(200)["level"], "emergency", "one person is not enough");
    let path = format!("/halt/approvals/{asked}");
    alice.post(&path, json!({})).await.is_problem(403);
    alice_again.post(&path, json!({})).await.is_problem(403);
    tenant.api_as("auditor").await.post(&path, json!({})).await.is_problem(403);
    assert!(!is_issued(&client).await);
    let waiting = tenant.api.get("/halt").await.is(200);
    assert_eq!(waiting["approvals"][0]["id"], json!(asked));
    assert_eq!(waiting["approvals"][0]["requested_by"], "user:alice@example.com");

    assert_eq!(bob.post(&path, json!({})).await.is(200)["level"], "none");
    assert!(!tenant.is_active(&token).await, "what was revoked stays dead");
    assert!(tenant.is_active(&client.access_token("read:docs").await).await, "new tokens live");
    bob.post(&path, json!({})).await.is_problem(404);
});

on_both_databases!(keys_without_a_holder_are_one_person, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let nobodys = tenant.api_as("admin").await;
    let bob = held_by(&tenant, "user:bob@example.com").await;
    put(&tenant.api, "emergency").await.is(200);
    let asked = put(&tenant.api, "all").await.is(202).text_of("approval_id");
    let path = format!("/halt/approvals/{asked}");
    nobodys.post(&path, json!({})).await.is_problem(403);
    assert_eq!(bob.post(&path, json!({})).await.is(200)["level"], "all");
    put(&nobodys, "none").await.is(200);
});

on_both_databases!(a_new_emergency_withdraws_what_waited, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (alice, bob) =
        (held_by(&tenant, "user:alice@example.com").await, held_by(&tenant, "user:bob@example.com").await);
    put(&alice, "emergency").await.is(200);
    let asked = put(&alice, "none").await.is(202).text_of("approval_id");
    put(&bob, "emergency").await.is(200);
    bob.post(&format!("/halt/approvals/{asked}"), json!({})).await.is_problem(404);
    assert_eq!(tenant.api.get("/halt").await.is(200)["level"], "emergency");
    let again = put(&alice, "none").await.is(202).text_of("approval_id");
    bob.post(&format!("/halt/approvals/{again}"), json!({})).await.is(200);
});

on_both_databases!(a_platform_key_lowers_an_emergency_alone, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    put(&tenant.api, "emergency").await.is(200);
    let path = format!("/tenants/{}", tenant.slug);
    server.platform().patch(&path, json!({"halt": "none", "reason": "false alarm"})).await.is(200);
    assert_eq!(tenant.api.get("/halt").await.is(200)["level"], "none");
    assert!(is_issued(&client).await);
});

on_both_databases!(a_level_and_a_reason_are_needed, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    for body in [
        json!({"level": "total", "reason": "test"}),
        json!({"level": "all"}),
        json!({"level": "all", "reason": ""}),
        json!({"reason": "test"}),
    ] {
        tenant.api.put("/halt", body).await.is_problem(400);
    }
    assert_eq!(tenant.api.get("/halt").await.is(200)["level"], "none");
    put(&tenant.api, "all").await.is(200);
    let events = tenant.events().await;
    let last: &Value = events.last().unwrap();
    assert_eq!((&last["action"], &last["detail"]["to"]), (&json!("halt.changed"), &json!("all")));
});
