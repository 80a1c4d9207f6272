//! What kills a capability: any hop of its chain, offline ones included, as for any other token.

use deputy_tests::{capability, on_both_databases};
use serde_json::{Value, json};

use super::super::super::{allowed, denied};
use super::{CRM, agent, planner, root, root_of, search};

on_both_databases!(a_revocation_of_any_hop_kills_what_is_below_it, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let top = root(&client).await;
    let middle = capability::narrowed(&top, "analyzer", json!({}));
    let leaf = capability::narrowed(&middle, "parser", json!({}));
    let cousin = capability::narrowed(&top, "analyzer", json!({}));
    for token in [&top, &middle, &leaf, &cousin] {
        allowed(search(&tenant, token).await);
    }
    tenant.revoke(json!({"credential": capability::id(&middle)})).await;
    let dead = async |tokens: &[&String]| {
        for token in tokens {
            assert_eq!(denied(search(&tenant, token).await), ["revoked"]);
        }
    };
    dead(&[&middle, &leaf]).await;
    // Another of the same name is another credential.
    allowed(search(&tenant, &top).await);
    allowed(search(&tenant, &cousin).await);
    tenant.revoke(json!({"credential": capability::id(&top)})).await;
    dead(&[&top, &middle, &leaf, &cousin]).await;
    server.kill_9();
    server.restart();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    dead(&[&top, &middle, &leaf, &cousin]).await;
    allowed(search(&tenant, &root(&client).await).await);
});

on_both_databases!(a_prefix_reaches_names_that_were_given_offline, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let top = root(&planner(&tenant).await).await;
    let middle = capability::narrowed(&top, "analyzer", json!({}));
    let leaf = capability::narrowed(&middle, "parser", json!({}));
    let other = capability::narrowed(&top, "analyzer2", json!({}));
    tenant.revoke(json!({"name_prefix": "planner/analyzer"})).await;
    for token in [&middle, &leaf] {
        assert_eq!(denied(search(&tenant, token).await), ["revoked"]);
    }
    for token in [&top, &other] {
        allowed(search(&tenant, token).await);
    }
});

on_both_databases!(a_finished_task_ends_a_hop_that_was_bound_to_it_offline, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let top = root(&planner(&tenant).await).await;
    let bound = capability::narrowed(&top, "analyzer", json!({"binding": {"task": "t-1"}}));
    let other = capability::narrowed(&top, "analyzer", json!({"binding": {"task": "t-2"}}));
    let at = |task: &str| json!({"audience": CRM, "binding": {"task": task}});
    let ask = async |token: &str, task: &str| tenant.decide(token, "search", json!({}), at(task)).await;
    allowed(ask(&bound, "t-1").await);
    assert_eq!(denied(ask(&bound, "t-2").await), ["binding_mismatch"]);
    tenant.revoke(json!({"binding": {"task": "t-1"}})).await;
    assert_eq!(denied(ask(&bound, "t-1").await), ["revoked"]);
    allowed(ask(&other, "t-2").await);
    allowed(search(&tenant, &top).await);
});

on_both_databases!(agents_halts_and_roles_act_on_every_hop, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let sturdy = agent(&tenant, "sturdy", json!({"critical": true})).await;
    let token = capability::narrowed(&root(&client).await, "analyzer", json!({}));
    let critical = capability::narrowed(&root(&sturdy).await, "analyzer", json!({}));
    let reason = async |token: &str| denied(search(&tenant, token).await);
    // A halt for what is not critical.
    let halt = |level: &str| json!({"level": level, "reason": "test"});
    tenant.api.put("/halt", halt("noncritical")).await.is(200);
    assert_eq!(reason(&token).await, ["tenant_halted"]);
    allowed(search(&tenant, &critical).await);
    tenant.api.put("/halt", halt("all")).await.is(200);
    assert_eq!(reason(&critical).await, ["tenant_halted"]);
    tenant.api.put("/halt", halt("none")).await.is(200);
    allowed(search(&tenant, &token).await);
    // The present roles of the registered ancestor.
    let role = async |tools: Value| {
        tenant.api.patch("/roles/planner-role", json!({"tools": tools})).await.is(200);
    };
    let before = tenant.api.get("/roles/planner-role").await.is(200)["tools"].clone();
    role(json!({"search": null})).await;
    assert_eq!(reason(&token).await, ["ceiling_narrowed"]);
    role(before).await;
    allowed(search(&tenant, &token).await);
    // Its suspension, and that a new start revives nothing.
    tenant.api.post("/agents/planner/suspend", json!({"reason": "test"})).await.is(200);
    assert!(reason(&token).await.contains(&"agent_inactive".to_owned()));
    allowed(search(&tenant, &critical).await);
    tenant.api.post("/agents/planner/reactivate", json!({"reason": "test"})).await.is(200);
    assert_eq!(reason(&token).await, ["revoked"]);
    allowed(search(&tenant, &root_of(&client, json!({})).await).await);
});
