//! A parent that may not be used has no children, and no child survives what it stands on.

use std::time::Duration;

use deputy_tests::{jwt, on_both_databases};
use serde_json::{Value, json};

use super::{READ, agent, child, child_of_planner, id, planner, root};

on_both_databases!(a_revocation_of_any_ancestor_kills_all_below, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let top = root(&planner, json!({})).await;
    let middle = child(&researcher, &top, &[]).await;
    let leaf = child(&researcher, &middle, &[]).await;
    let sibling = child(&planner, &top, &[]).await;
    assert!(tenant.is_active(&leaf).await);
    tenant.revoke(json!({"credential": id(&middle)})).await;
    assert!(!tenant.is_active(&middle).await && !tenant.is_active(&leaf).await);
    assert!(tenant.is_active(&top).await && tenant.is_active(&sibling).await);
    for dead in [&middle, &leaf] {
        let refused = researcher.exchange(dead, &[READ]).await.is_oauth_error(400, "invalid_grant");
        assert!(refused.text_of("error_description").contains("revoked"), "{}", refused.text);
    }
    child(&researcher, &top, &[]).await;
    planner.revoke(&top).await.is(200);
    assert!(!tenant.is_active(&sibling).await);
    researcher.exchange(&top, &[READ]).await.is_oauth_error(400, "invalid_grant");
});

on_both_databases!(a_suspended_parent_agent_has_no_children, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let top = root(&planner, json!({})).await;
    let token = child(&researcher, &top, &[]).await;
    let own = root(&researcher, json!({})).await;
    tenant.api.post("/agents/planner/suspend", json!({"reason": "test"})).await.is(200);
    researcher.exchange(&top, &[READ]).await.is_oauth_error(400, "invalid_grant");
    assert!(!tenant.is_active(&token).await);
    assert!(tenant.is_active(&own).await, "what does not stand on it lives");
    tenant.api.post("/agents/planner/reactivate", json!({"reason": "test"})).await.is(200);
    researcher.exchange(&top, &[READ]).await.is_oauth_error(400, "invalid_grant");
    let fresh = root(&planner, json!({})).await;
    assert!(tenant.is_active(&child(&researcher, &fresh, &[]).await).await);
    // The child's own suspension ends its part only.
    let child_token = child(&researcher, &fresh, &[]).await;
    tenant.api.post("/agents/researcher/suspend", json!({"reason": "test"})).await.is(200);
    researcher.exchange(&fresh, &[READ]).await.is_oauth_error(401, "invalid_client");
    assert!(!tenant.is_active(&child_token).await && tenant.is_active(&fresh).await);
});

on_both_databases!(an_expired_parent_has_no_children, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let short = planner.token(&[READ, ("expires_in", "3")]).await.is(200).text_of("access_token");
    let token = child(&planner, &short, &[]).await;
    let end = jwt::claims(&short)["exp"].as_u64().unwrap();
    while jwt::now() < end {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let refused = planner.exchange(&short, &[READ]).await.is_oauth_error(400, "invalid_grant");
    assert!(refused.text_of("error_description").contains("expired"), "{}", refused.text);
    assert!(!tenant.is_active(&token).await);
});

on_both_databases!(a_halt_stops_exchanges, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let vital = agent(&tenant, "vital", json!({"critical": true, "parent": "planner"})).await;
    let (ordinary, critical) = (root(&planner, json!({})).await, root(&vital, json!({})).await);
    let halt = async |level| tenant.api.put("/halt", json!({"level": level, "reason": "test"})).await.is(200);
    halt("noncritical").await;
    vital.exchange(&critical, &[READ]).await.is(200);
    // A critical agent below one that is not.
    vital.exchange(&ordinary, &[READ]).await.is_oauth_error(403, "access_denied");
    planner.exchange(&ordinary, &[READ]).await.is_oauth_error(403, "access_denied");
    halt("all").await;
    vital.exchange(&critical, &[READ]).await.is_oauth_error(403, "access_denied");
    halt("none").await;
    vital.exchange(&ordinary, &[READ]).await.is(200);
});

fn runtime(model: &str) -> Value {
    json!({"model": model, "tools": [], "config": {}})
}

on_both_databases!(a_child_presents_its_own_runtime, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = agent(&tenant, "planner", json!({"runtime": runtime("one")})).await;
    let more = json!({"parent": "planner", "runtime": runtime("two")});
    let researcher = agent(&tenant, "researcher", more).await;
    let (one, two) = (runtime("one").to_string(), runtime("two").to_string());
    let top = planner.token(&[READ, ("runtime", &one)]).await.is(200).text_of("access_token");
    let token = child(&researcher, &top, &[("runtime", &two)]).await;
    let chain = jwt::claims(&token)["chain"].clone();
    assert!(chain[0]["rt"].is_string() && chain[1]["rt"].is_string() && chain[0]["rt"] != chain[1]["rt"]);
    researcher.exchange(&top, &[READ]).await.is_oauth_error(400, "invalid_grant");
    researcher.exchange(&top, &[READ, ("runtime", &one)]).await.is_oauth_error(400, "invalid_grant");
    let worker = child(&planner, &top, &[("runtime", &one), ("delegate_name", "analyzer")]).await;
    planner.exchange(&top, &[READ, ("delegate_name", "analyzer")]).await.is_oauth_error(400, "invalid_grant");

    // The parent's runtime changes: everything below is dead, and the child agent's own roots are not.
    let own = researcher.token(&[READ, ("runtime", &two)]).await.is(200).text_of("access_token");
    tenant.api.patch("/agents/planner", json!({"runtime": runtime("three")})).await.is(200);
    assert!(!tenant.is_active(&token).await && !tenant.is_active(&worker).await);
    assert!(tenant.is_active(&own).await);
    researcher.exchange(&top, &[READ, ("runtime", &two)]).await.is_oauth_error(400, "invalid_grant");
});
