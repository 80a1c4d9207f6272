//! Meters of capabilities: those of the first block, of offline hops, and of what was issued below and above them.

use deputy_tests::{capability, jwt, on_both_databases};
use serde_json::json;
use tokio::task::JoinSet;

use super::super::super::{allowed, codes, denied};
use super::{planner, root, root_of, search};

/// `authorization_details` for one tool.
const SEARCH: &str = r#"[{"type":"deputy_mandate","tools":{"search":{}}}]"#;

on_both_databases!(one_use_of_a_root_is_one_for_all_that_was_made_of_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let top = root_of(&client, json!({"uses": 1})).await;
    let mut tokens = vec![top.clone()];
    for _ in 0..3 {
        let middle = capability::narrowed(&top, "analyzer", json!({}));
        tokens.push(capability::narrowed(&middle, "parser", json!({"uses": 1})));
        let online = client.exchange_capability(&middle, &[("authorization_details", SEARCH)]).await;
        tokens.push(online.is(200).text_of("access_token"));
        tokens.push(middle);
    }
    let mut tries = JoinSet::new();
    for number in 0..100 {
        let (tenant, token) = (tenant.clone(), tokens[number % tokens.len()].clone());
        tries.spawn(async move { search(&tenant, &token).await.is(200).json });
    }
    let mut successes = 0;
    for answer in tries.join_all().await {
        if answer["decision"] == true {
            successes += 1;
        } else {
            assert_eq!(codes(&answer), ["uses_exhausted"]);
        }
    }
    assert_eq!(successes, 1);
    for token in &tokens {
        assert_eq!(denied(search(&tenant, token).await), ["uses_exhausted"]);
    }
});

on_both_databases!(an_offline_hop_has_a_meter_of_its_own, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let top = root(&planner(&tenant).await).await;
    let once = capability::narrowed(&top, "analyzer", json!({"uses": 1}));
    let below = capability::narrowed(&once, "parser", json!({}));
    let free = capability::narrowed(&top, "analyzer", json!({}));
    allowed(search(&tenant, &below).await);
    for spent in [&below, &once] {
        assert_eq!(denied(search(&tenant, spent).await), ["uses_exhausted"]);
    }
    for unmetered in [&top, &free, &free] {
        allowed(search(&tenant, unmetered).await);
    }
});

on_both_databases!(what_is_issued_below_an_offline_hop_debits_it_too, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    tenant.api.patch("/settings", json!({"max_depth": 8})).await.is(200);
    let client = planner(&tenant).await;
    let top = root_of(&client, json!({"uses": 9})).await;
    let twice = capability::narrowed(&top, "analyzer", json!({"uses": 2}));
    let plain = capability::narrowed(&twice, "parser", json!({}));
    let details = [("authorization_details", SEARCH)];
    let kind = [details[0], ("requested_token_type", capability::TOKEN_TYPE)];
    let access = client.exchange_capability(&plain, &details).await.is(200).text_of("access_token");
    let sealed = client.exchange_capability(&plain, &kind).await.is(200).text_of("access_token");
    assert_eq!(jwt::claims(&access)["authorization_details"][0]["uses"], 2);
    // Two more below those, so that the offline hops stand further up.
    let deep = client.exchange(&access, &details).await.is(200).text_of("access_token");
    let deeper = capability::narrowed(&sealed, "last", json!({}));
    for token in [&deep, &deeper] {
        allowed(tenant.decide(token, "search", json!({}), json!({"dry_run": true})).await);
    }
    allowed(search(&tenant, &deep).await);
    server.kill_9();
    server.restart();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    allowed(search(&tenant, &deeper).await);
    for token in [&deep, &deeper, &access, &sealed, &plain, &twice] {
        assert_eq!(denied(search(&tenant, token).await), ["uses_exhausted"]);
    }
    // Seven are left of the root's nine.
    for _ in 0..7 {
        allowed(search(&tenant, &top).await);
    }
    assert_eq!(denied(search(&tenant, &top).await), ["uses_exhausted"]);
});
