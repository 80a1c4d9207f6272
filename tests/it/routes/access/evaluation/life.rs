//! What has happened since the token was issued: time, revocation, halt, agents and their runtimes.

use std::time::Duration;

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

use super::super::{agent, all_tools, allowed, denied, token, token_of};

on_both_databases!(a_token_expires, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let short = token_of(&client, all_tools(), &[("expires_in", "4")]).await;
    let long = token(&client).await;
    let decide = async |token: &str| tenant.decide(token, "search", json!({}), json!({})).await;
    allowed(decide(&short).await);
    let end = jwt::claims(&short)["exp"].as_u64().unwrap();
    while jwt::now() < end {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(denied(decide(&short).await), ["expired"]);
    assert!(!tenant.is_active(&short).await);
    allowed(decide(&long).await);
});

on_both_databases!(a_revoked_token_is_dead_and_says_all_its_reasons, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let (one, other) = (token(&client).await, token(&client).await);
    let decide = async |token: &str, tool| tenant.decide(token, tool, json!({}), json!({})).await;
    allowed(decide(&one, "search").await);
    tenant.revoke(json!({"credential": jwt::claims(&one)["jti"]})).await;
    assert_eq!(denied(decide(&one, "search").await), ["revoked"]);
    assert_eq!(denied(decide(&one, "shell").await), ["revoked", "tool_blocked", "tool_not_allowed"]);
    allowed(decide(&other, "search").await);
});

on_both_databases!(a_halted_tenant_lets_nothing_through, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let critical = token(&agent(&tenant, "critical", json!({"critical": true})).await).await;
    let ordinary = token(&agent(&tenant, "ordinary", json!({})).await).await;
    let decide = async |token: &str| tenant.decide(token, "search", json!({}), json!({})).await;
    let halt = async |level: &str| {
        tenant.api.put("/halt", json!({"level": level, "reason": "drill"})).await.is(200);
    };
    allowed(decide(&ordinary).await);
    halt("noncritical").await;
    assert_eq!(denied(decide(&ordinary).await), ["tenant_halted"]);
    allowed(decide(&critical).await);
    halt("all").await;
    assert_eq!(denied(decide(&critical).await), ["tenant_halted"]);
    assert!(!tenant.is_active(&critical).await);
    halt("none").await;
    allowed(decide(&critical).await);
    allowed(decide(&ordinary).await);
});

on_both_databases!(a_suspended_agents_tokens_are_dead_for_good, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let neighbour = token(&agent(&tenant, "neighbour", json!({})).await).await;
    let old = token(&client).await;
    let decide = async |token: &str| tenant.decide(token, "search", json!({}), json!({})).await;
    allowed(decide(&old).await);
    tenant.api.post("/agents/crawler/suspend", json!({"reason": "drill"})).await.is(200);
    let codes = denied(decide(&old).await);
    assert!(codes.iter().any(|code| code == "agent_inactive"), "{codes:?}");
    allowed(decide(&neighbour).await);
    tenant.api.post("/agents/crawler/reactivate", json!({"reason": "drill"})).await.is(200);
    assert_eq!(denied(decide(&old).await), ["revoked"], "reactivating revives nothing");
    allowed(decide(&token(&client).await).await);
});

on_both_databases!(a_changed_runtime_kills_the_chain, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let runtime = json!({"model": "gpt-4o", "tools": ["search"], "config": {"temperature": 0.2}});
    let client = agent(&tenant, "crawler", json!({"runtime": runtime})).await;
    let sent = runtime.to_string();
    let token = token_of(&client, all_tools(), &[("runtime", &sent)]).await;
    let decide = async |context| tenant.decide(&token, "search", json!({}), context).await;
    allowed(decide(json!({})).await);
    allowed(decide(json!({"runtime": runtime})).await);
    allowed(decide(json!({"runtime": jwt::claims(&token)["chain"][0]["rt"]})).await);
    let drifted = json!({"model": "gpt-4o", "tools": ["search", "shell"], "config": {"temperature": 0.2}});
    assert_eq!(denied(decide(json!({"runtime": drifted})).await), ["runtime_changed"]);
    tenant.api.patch("/agents/crawler", json!({"runtime": drifted})).await.is(200);
    let codes = denied(decide(json!({})).await);
    assert!(codes.iter().any(|code| code == "runtime_changed"), "{codes:?}");
});

on_both_databases!(evidence_that_must_be_presented_is_missed, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let runtime = json!({"model": "gpt-4o", "tools": [], "config": {}});
    let more = json!({"runtime": runtime, "runtime_evidence": "presented"});
    let client = agent(&tenant, "crawler", more).await;
    let sent = runtime.to_string();
    let token = token_of(&client, all_tools(), &[("runtime", &sent)]).await;
    let decide = async |context| tenant.decide(&token, "search", json!({}), context).await;
    assert_eq!(denied(decide(json!({})).await), ["runtime_missing"]);
    allowed(decide(json!({"runtime": runtime})).await);
    assert!(tenant.is_active(&token).await, "introspection sees no runtime");
});
