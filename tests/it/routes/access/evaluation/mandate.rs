//! What the sealed mandate and the current legs say.

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

use super::super::{agent, all_tools, allowed, codes, denied, evaluation, reference, token, token_of};

on_both_databases!(the_reference_example, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crm-research-agent", json!({})).await;
    let token = token(&client).await;
    let decide = async |tool, arguments| tenant.decide(&token, tool, arguments, json!({})).await;
    allowed(decide("search", json!({"query": "Q1 revenue"})).await);
    allowed(decide("brain_query", json!({"query": "churn rate"})).await);
    let deploy = decide("deploy", json!({"env": "production"})).await;
    assert_eq!(denied(deploy), ["tool_blocked", "tool_not_allowed", "constraint_violated"]);
    let deploy = decide("deploy", json!({"target_environment": "production"})).await;
    assert_eq!(denied(deploy), ["tool_blocked", "tool_not_allowed"]);
    let transfer = decide("transfer", json!({"amount": 5000})).await.is(200);
    assert_eq!(codes(&transfer.json), ["tool_not_allowed", "constraint_violated"]);
    let reason = &transfer["context"]["reasons"][1];
    assert_eq!((&reason["field"], &reason["value"]), (&json!("amount"), &json!(5000)));
    assert_eq!(reason["limit"], json!({"constraint_type": "range", "max": 500, "min": 0}));
});

on_both_databases!(scopes_and_tools, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let token = token(&client).await;
    let decide = async |tool, context| tenant.decide(&token, tool, json!({}), context).await;
    allowed(decide("", json!({"scope": "read:docs"})).await);
    assert_eq!(denied(decide("", json!({"scope": "write:docs"})).await), ["scope_missing"]);
    allowed(decide("search", json!({"scope": "read:docs"})).await);
    let both = decide("shell", json!({"scope": "write:docs"})).await;
    assert_eq!(denied(both), ["scope_missing", "tool_blocked", "tool_not_allowed"]);
    assert_eq!(denied(decide("", json!({})).await), ["malformed"], "neither is named");
});

on_both_databases!(arguments_are_a_closed_world, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let token = token(&client).await;
    let pay = async |arguments| tenant.decide(&token, "pay", arguments, json!({})).await;
    allowed(pay(json!({"amount": 500, "currency": "USD"})).await);
    for (arguments, expected) in [
        (json!({"amount": 500, "currency": "USD", "note": "x"}), "argument_not_declared"),
        (json!({"amount": 500}), "argument_missing"),
        (json!({"amount": 500, "currency": "EUR"}), "constraint_violated"),
        (json!({"amount": 500, "currency": 7}), "type_mismatch"),
    ] {
        assert_eq!(denied(pay(arguments.clone()).await), [expected], "{arguments}");
    }
    let large = denied(pay(json!({"amount": 501, "currency": "USD"})).await);
    assert!(large.iter().all(|code| code == "constraint_violated"), "{large:?}");
    let text = denied(pay(json!({"amount": "500", "currency": "USD"})).await);
    assert!(text.iter().all(|code| code == "type_mismatch"), "{text:?}");
});

on_both_databases!(limits_look_into_the_context_but_not_at_its_own_members, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let mut role = reference();
    role["limits"]["scope"] = json!({"constraint_type": "exact", "value": "nothing"});
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), role).await;
    let token = token(&client).await;
    let decide = async |context| tenant.decide(&token, "search", json!({}), context).await;
    allowed(decide(json!({"scope": "read:docs", "env": "staging", "deep": [{"env": "development"}]})).await);
    assert_eq!(denied(decide(json!({"deep": [{"env": "production"}]})).await), ["constraint_violated"]);
});

on_both_databases!(numbers_are_exact, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let token = token(&client).await;
    let api = tenant.root.with_key(tenant.admin_key());
    let pay = async |amount: &str| {
        let body = evaluation(&token, "pay", json!({"amount": 12345, "currency": "USD"}), json!({}));
        let body = body.to_string().replace("12345", amount);
        api.raw(reqwest::Method::POST, "/access/v1/evaluation", "application/json", body).await
    };
    allowed(pay("500").await);
    allowed(pay("5.0e2").await);
    let beyond = denied(pay("500.00000000000006").await);
    assert!(beyond.iter().all(|code| code == "constraint_violated"), "{beyond:?}");
    assert_eq!(denied(pay("500.00000000000000000001").await), ["malformed"]);
    assert_eq!(denied(pay("5,\"amount\":6").await), ["malformed"], "a repeated member");
});

on_both_databases!(audience_and_binding, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let mut details = all_tools();
    details["binding"] = json!({"task": "task-42"});
    let bound = token_of(&client, details, &[]).await;
    let decide = async |context| tenant.decide(&bound, "search", json!({}), context).await;
    allowed(decide(json!({"binding": {"task": "task-42"}})).await);
    allowed(decide(json!({"binding": {"task": "task-42", "session": "s"}, "audience": tenant.issuer})).await);
    for context in
        [json!({}), json!({"binding": {"task": "task-43"}}), json!({"binding": {"session": "task-42"}})]
    {
        assert_eq!(denied(decide(context.clone()).await), ["binding_mismatch"], "{context}");
    }
    let elsewhere = json!({"binding": {"task": "task-42"}, "audience": "https://elsewhere.example.com/"});
    assert_eq!(denied(decide(elsewhere).await), ["audience_mismatch"]);
});

on_both_databases!(the_subject_is_compared_when_it_is_named, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let token = token(&client).await;
    let own = jwt::claims(&token)["sub"].clone();
    allowed(tenant.decide(&token, "search", json!({}), json!({"subject": own})).await);
    let other = tenant.decide(&token, "search", json!({}), json!({"subject": "user:somebody"})).await;
    assert_eq!(denied(other), ["subject_mismatch"]);
});

on_both_databases!(narrowing_acts_at_once_and_widening_never, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = agent(&tenant, "crawler", json!({})).await;
    let token = token(&client).await;
    let decide = async |tool, scope| tenant.decide(&token, tool, json!({}), json!({"scope": scope})).await;
    allowed(decide("search", "read:docs").await);

    tenant.api.patch("/roles/crawler-role", json!({"tools": {"search": null, "added": {}}})).await.is(200);
    let narrowed = decide("search", "read:docs").await.is(200);
    assert_eq!(codes(&narrowed.json), ["ceiling_narrowed"]);
    assert_eq!(narrowed["context"]["reasons"][0]["field"], "role_bindings");
    allowed(decide("read_db", "read:docs").await);
    assert_eq!(denied(decide("added", "read:docs").await), ["tool_not_allowed"]);

    tenant.api.patch("/roles/crawler-role", json!({"tools": {"search": {}}})).await.is(200);
    allowed(decide("search", "read:docs").await);
    tenant.api.patch("/agents/crawler", json!({"allowed_scopes": []})).await.is(200);
    let capped = decide("search", "read:docs").await.is(200);
    assert_eq!(codes(&capped.json), ["ceiling_narrowed"]);
    assert_eq!(capped["context"]["reasons"][0]["field"], "allowed_scopes");
});

on_both_databases!(a_verifier_hears_of_its_own_audience_only, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (here, there) = ("https://here.example.com/", "https://there.example.com/");
    for uri in [here, there] {
        tenant.api.post("/resources", json!({"uri": uri})).await.is(201);
    }
    let mut role = reference();
    role["audience"] = json!([here, there]);
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), role).await;
    let token = token_of(&client, all_tools(), &[("resource", here)]).await;
    let ask = async |audiences: &[&str], context| {
        let body = evaluation(&token, "search", json!({}), context);
        tenant.verifier(audiences).await.post("/access/v1/evaluation", body).await
    };
    allowed(ask(&[here], json!({})).await);
    allowed(ask(&[here, there], json!({"audience": here})).await);
    assert_eq!(denied(ask(&[there], json!({})).await), ["audience_mismatch"]);
    ask(&[there], json!({"audience": here})).await.is_problem(403);
    ask(&[here, there], json!({})).await.is_problem(400);
});
