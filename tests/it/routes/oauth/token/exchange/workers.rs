//! Workers without a registration of their own: `delegate_name`.

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

use super::{READ, child, child_of_planner, id, planner, root};

on_both_databases!(a_worker_stands_below_the_agent_that_named_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let top = root(&planner, json!({})).await;
    let analyzer = child(&planner, &top, &[("delegate_name", "analyzer")]).await;
    let parser = child(&planner, &analyzer, &[("delegate_name", "parser")]).await;
    let claims = jwt::claims(&parser);
    assert_eq!((&claims["client_id"], &claims["agent"]["id"]), (&json!(planner.id), &json!(planner.id)));
    assert_eq!(claims["agent"]["name"], "planner/analyzer/parser");
    assert_eq!(claims["agent"]["owners"], jwt::claims(&top)["agent"]["owners"]);
    let spiffe = |name: &str| format!("{}{name}", claims["sub"].as_str().unwrap());
    assert_eq!(claims["agent"]["spiffe_id"], spiffe("/analyzer/parser"));
    assert_eq!(
        claims["act"],
        json!({"sub": spiffe("/analyzer/parser"), "act": {"sub": spiffe("/analyzer")}})
    );
    let paths: Vec<_> = claims["chain"].as_array().unwrap().iter().map(|hop| hop["agent"].clone()).collect();
    let path = |below: &str| json!(format!("{}{below}", planner.id));
    assert_eq!(paths, [path(""), path("/analyzer"), path("/analyzer/parser")]);
    // Narrowing for itself, a worker stays the worker that it is.
    let narrower = jwt::claims(&child(&planner, &analyzer, &[]).await);
    assert_eq!(
        (&narrower["agent"]["name"], &narrower["chain"][2]["agent"]),
        (&json!("planner/analyzer"), &paths[1])
    );
    assert_eq!(narrower["del_depth"], 2);
});

on_both_databases!(only_the_tokens_own_client_names_workers, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let top = root(&planner, json!({})).await;
    let named = [READ, ("delegate_name", "analyzer")];
    researcher.exchange(&top, &named).await.is_oauth_error(400, "invalid_request");
    let own = child(&researcher, &top, &[]).await;
    let worker = child(&researcher, &own, &[("delegate_name", "analyzer")]).await;
    assert_eq!(jwt::claims(&worker)["agent"]["name"], "researcher/analyzer");
    planner.exchange(&top, &named).await.is(200);
    for wrong in ["Analyzer", "a/b", "..", "a b"] {
        let refused = planner.exchange(&top, &[READ, ("delegate_name", wrong)]).await;
        refused.is_oauth_error(400, "invalid_request");
    }
});

on_both_databases!(a_prefix_kills_a_worker_and_what_is_below_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let top = root(&planner, json!({})).await;
    let analyzer = child(&planner, &top, &[("delegate_name", "analyzer")]).await;
    let parser = child(&planner, &analyzer, &[("delegate_name", "parser")]).await;
    let narrower = child(&planner, &analyzer, &[]).await;
    let other = child(&planner, &top, &[("delegate_name", "analyzer2")]).await;
    tenant.revoke(json!({"name_prefix": "planner/analyzer"})).await;
    for dead in [&analyzer, &parser, &narrower] {
        assert!(!tenant.is_active(dead).await, "{}", id(dead));
    }
    assert!(tenant.is_active(&top).await && tenant.is_active(&other).await);
    // A new one of that name is not the one that was revoked.
    assert!(tenant.is_active(&child(&planner, &top, &[("delegate_name", "analyzer")]).await).await);
});
