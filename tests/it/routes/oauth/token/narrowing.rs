//! What a grant leaves out, and which leg took it.

use deputy_tests::{jwt, on_both_databases};
use serde_json::json;

on_both_databases!(the_first_leg_that_lacks_a_scope_is_named, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let agent = json!({"allowed_scopes": ["read:docs", "capped:here"]});
    let client = tenant.agent_with("crawler", &["read:docs", "bound:here"], agent, json!({})).await;
    let answer = client.token(&[("scope", "read:docs bound:here capped:here nobody:has")]).await.is(200);
    assert_eq!(answer["scope"], "read:docs");
    let mut removed = answer["removed"].as_array().unwrap().clone();
    removed.sort_by_key(|one| one["what"].to_string());
    assert_eq!(
        json!(removed),
        json!([
            {"what": "scope:bound:here", "by": "allowed_scopes"},
            {"what": "scope:capped:here", "by": "role_bindings"},
            {"what": "scope:nobody:has", "by": "role_bindings"},
        ])
    );
    let whole = client.token(&[("scope", "read:docs")]).await.is(200);
    assert!(whole.json.get("removed").is_none_or(|removed| *removed == json!([])), "{}", whole.text);
});

on_both_databases!(a_grant_of_nothing_is_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    client.token(&[("scope", "write:docs")]).await.is_oauth_error(400, "invalid_scope");
    client.token(&[("scope", "read:docs")]).await.is(200);
});

on_both_databases!(an_agent_without_a_role_gets_nothing, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let body = json!({"name": "bare", "owners": [deputy_tests::OWNER], "allowed_scopes": ["read:docs"]});
    tenant.api.post("/agents?create_owners=true", body).await.is(201);
    let client = tenant.secret("bare").await;
    client.token(&[("scope", "read:docs")]).await.is_oauth_error(400, "invalid_scope");
    tenant.role("reader", &["read:docs"]).await;
    tenant.bind("reader", "agent:bare").await;
    client.token(&[("scope", "read:docs")]).await.is(200);
});

fn tools() -> serde_json::Value {
    json!({
        "tools": {
            "search": {},
            "transfer": {"amount": {"constraint_type": "range", "min": 0, "max": 500}},
        },
        "blocked_tools": ["shell"],
    })
}

on_both_databases!(details_narrow_what_the_role_gives, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), tools()).await;
    let details = json!([{
        "type": "deputy_mandate",
        "tools": {"transfer": {"amount": {"constraint_type": "range", "min": 0, "max": 50}}},
        "binding": {"task": "task-42"},
    }]);
    let details = details.to_string();
    let answer = client.token(&[("scope", "read:docs"), ("authorization_details", &details)]).await.is(200);
    let token = answer.text_of("access_token");
    let sealed = &jwt::claims(&token)["authorization_details"][0];
    assert_eq!(sealed["type"], "deputy_mandate");
    assert!(sealed["tools"].get("search").is_none(), "what is not named is not granted: {sealed}");
    let decide = async |amount: u32, context| {
        let answer = tenant.decide(&token, "transfer", json!({"amount": amount}), context).await.is(200);
        answer["decision"].as_bool().unwrap()
    };
    let bound = json!({"binding": {"task": "task-42"}});
    assert!(decide(50, bound.clone()).await);
    assert!(!decide(51, bound).await, "narrowed by the request");
    assert!(!decide(50, json!({})).await, "bound to a task");
});

on_both_databases!(details_that_nobody_knows_are_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), tools()).await;
    let ask = async |details: &str| client.token(&[("authorization_details", details)]).await;
    ask(r#"[{"type":"deputy_mandate","tools":{"search":{}}}]"#).await.is(200);
    for wrong in [
        r#"[{"type":"payment_initiation","tools":{"search":{}}}]"#,
        r#"[{"type":"deputy_mandate","tools":{"search":{}},"surprise":1}]"#,
        r#"[{"tools":{"search":{}}}]"#,
        r#"[{"type":"deputy_mandate","tools":{"search":{"q":{"constraint_type":"regex","pattern":".*"}}}}]"#,
        r#"[{"type":"deputy_mandate","tools":{"search":{}},"tools":{"shell":{}}}]"#,
        r#"[{"type":"deputy_mandate","#,
        "7",
    ] {
        ask(wrong).await.is_oauth_error(400, "invalid_authorization_details");
    }
});

on_both_databases!(a_blocked_tool_is_never_granted, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), tools()).await;
    let details = r#"[{"type":"deputy_mandate","tools":{"search":{},"shell":{}}}]"#;
    let answer = client.token(&[("authorization_details", details)]).await.is(200);
    assert_eq!(answer["removed"], json!([{"what": "tool:shell", "by": "role_bindings"}]));
    let token = answer.text_of("access_token");
    let allowed = tenant.decide(&token, "search", json!({"q": "x"}), json!({})).await.is(200);
    assert_eq!(allowed["decision"], true, "{}", allowed.text);
    let denied = tenant.decide(&token, "shell", json!({}), json!({})).await.is(200);
    assert_eq!(denied["decision"], false);
    assert_eq!(denied["context"]["reasons"][0]["code"], "tool_blocked");
});
