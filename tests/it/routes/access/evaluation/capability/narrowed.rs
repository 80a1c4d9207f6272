//! What a holder narrows offline, Deputy judges as narrowed; what claims more it refuses.

use deputy_tests::{capability, on_both_databases};
use serde_json::json;

use super::super::super::{allowed, denied};
use super::{CRM, planner, root, root_of, search};

on_both_databases!(a_capability_allows_what_its_last_block_allows, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let top = root(&planner(&tenant).await).await;
    let middle = capability::narrowed(&top, "analyzer", json!({"scope": "read:docs"}));
    let stated = json!({"tools": {"pay": {
        "amount": {"constraint_type": "range", "max": 10, "min": 0},
        "currency": {"constraint_type": "exact", "value": "USD"},
    }}});
    let leaf = capability::narrowed(&middle, "payer", stated);
    let at = || json!({"audience": CRM});
    let pay = async |token: &str, amount: u32| {
        let arguments = json!({"amount": amount, "currency": "USD"});
        tenant.decide(token, "pay", arguments, at()).await
    };
    for token in [&top, &middle, &leaf] {
        allowed(pay(token, 10).await);
    }
    allowed(pay(&middle, 400).await);
    assert_eq!(denied(pay(&leaf, 400).await), ["constraint_violated"]);
    allowed(search(&tenant, &middle).await);
    assert_eq!(denied(search(&tenant, &leaf).await), ["tool_not_allowed"]);
    let write = json!({"audience": CRM, "scope": "write:drafts"});
    allowed(tenant.decide(&top, "search", json!({}), write.clone()).await);
    assert_eq!(denied(tenant.decide(&middle, "search", json!({}), write).await), ["scope_missing"]);
    // Another audience than its only one.
    let elsewhere = json!({"audience": tenant.issuer});
    let refused = tenant.decide(&top, "search", json!({}), elsewhere).await;
    assert_eq!(denied(refused), ["audience_mismatch"]);
    // The event has the chain of the leaf, ids and names of the offline hops included.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let events = tenant.events().await;
    let event = events.iter().rfind(|event| event["credential"] == capability::id(&leaf)).unwrap();
    let hops = event["chain"].as_array().unwrap();
    let ids: Vec<_> = hops.iter().map(|hop| hop["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, capability::ids(&leaf));
    assert!(hops[2]["agent"].as_str().unwrap().ends_with("/analyzer/payer"), "{event}");
    assert!(!serde_json::to_string(&events).unwrap().contains("dpyc1."), "a capability is in the log");
});

on_both_databases!(a_child_that_claims_more_is_refused_and_never_clipped, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = planner(&tenant).await;
    let top = root_of(&client, json!({"max_depth": 2, "blocked_tools": ["deploy"]})).await;
    let once = |members| capability::narrowed(&top, "analyzer", members);
    for less in
        [json!({}), json!({"scope": "read:docs"}), json!({"tools": {"search": {}}}), json!({"exp": 1})]
    {
        let refused = less["exp"] == 1;
        let answer = search(&tenant, &once(less)).await.is(200);
        if refused { assert_eq!(denied(answer), ["expired"]) } else { allowed(answer) }
    }
    for more in [
        json!({"scope": "admin read:docs"}),
        json!({"tools": {"search": {}, "transfer": {}}}),
        json!({"blocked_tools": []}),
        json!({"limits": {}}),
        json!({"exp": 253_402_300_799_u64}),
        json!({"max_depth": 16}),
    ] {
        assert_eq!(denied(search(&tenant, &once(more.clone())).await), ["not_attenuated"], "{more}");
    }
    let two = capability::narrowed(&once(json!({})), "parser", json!({}));
    allowed(search(&tenant, &two).await);
    let three = capability::narrowed(&two, "deeper", json!({}));
    assert_eq!(denied(search(&tenant, &three).await), ["depth_exceeded"]);
    let last = once(json!({"may_delegate": false}));
    allowed(search(&tenant, &last).await);
    let below = capability::narrowed(&last, "parser", json!({}));
    assert_eq!(denied(search(&tenant, &below).await), ["delegation_not_allowed"]);
    // A chain to which somebody added a key asks for its proof.
    let bound = once(json!({"cnf": {"jkt": "A".repeat(43)}}));
    assert_eq!(denied(search(&tenant, &bound).await), ["proof_missing"]);
});
