//! What a child gets: never more than its parent has, nor than its own agent may have.

use deputy_tests::{Answer, on_both_databases};
use serde_json::{Value, json};

use super::{BOTH, READ, child_of_planner, details, planner, role, root};

fn removed(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let each = answer["removed"].as_array().unwrap().iter();
    let mut removed: Vec<_> = each.map(|one| (text(&one["what"]), text(&one["by"]))).collect();
    removed.sort();
    removed
}

fn pair(what: &str, by: &str) -> (String, String) {
    (what.to_owned(), by.to_owned())
}

on_both_databases!(the_parent_is_a_leg_of_its_own, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let subject = planner
        .token(&[READ, ("authorization_details", &details(json!({"tools": {"search": {}}})))])
        .await
        .is(200)
        .text_of("access_token");
    let asked = details(json!({"tools": {"search": {}, "transfer": {}, "shell": {}}}));
    let fields = [("scope", BOTH), ("authorization_details", asked.as_str())];
    let answer = researcher.exchange(&subject, &fields).await.is(200);
    assert_eq!(answer["scope"], "read:docs");
    assert_eq!(
        removed(&answer),
        [
            pair("scope:write:drafts", "parent"),
            pair("tool:shell", "role_bindings"),
            pair("tool:transfer", "parent"),
        ]
    );
    // The twin: below a parent that has all of it.
    let whole = root(&planner, json!({"tools": {"search": {}, "transfer": {}}})).await;
    let answer = researcher.exchange(&whole, &fields).await.is(200);
    assert_eq!(answer["scope"], BOTH);
    assert_eq!(removed(&answer), [pair("tool:shell", "role_bindings")]);
    let nothing = researcher.exchange(&subject, &[("scope", "write:drafts")]).await;
    nothing.is_oauth_error(400, "invalid_scope");
});

on_both_databases!(a_child_agent_gets_no_more_than_its_own_ceiling, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let more = json!({"parent": "planner", "allowed_scopes": ["read:docs"]});
    let reader = tenant.agent_with("reader", &["read:docs", "write:drafts"], more, role()).await;
    let answer = reader.exchange(&root(&planner, json!({})).await, &[("scope", BOTH)]).await.is(200);
    assert_eq!(answer["scope"], "read:docs");
    assert_eq!(removed(&answer), [pair("scope:write:drafts", "allowed_scopes")]);
});

on_both_databases!(what_is_asked_for_is_said, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let subject = planner.access_token("read:docs").await;
    let refused = planner.exchange(&subject, &[]).await.is_oauth_error(400, "invalid_scope");
    let ceiling = refused.text_of("error_description");
    assert!(ceiling.contains("read:docs") && !ceiling.contains("write:drafts"), "the parent's: {ceiling}");
    planner.exchange(&subject, &[READ]).await.is(200);
});

on_both_databases!(constraints_denials_and_limits_are_carried, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let planner = planner(&tenant).await;
    let researcher = child_of_planner(&tenant, "researcher").await;
    let range = |max: u32| json!({"constraint_type": "range", "min": 0, "max": max});
    let subject = root(
        &planner,
        json!({
            "tools": {"search": {}, "transfer": {"amount": range(100)}},
            "blocked_tools": ["deploy"],
            "limits": {"env": {"constraint_type": "one_of", "values": ["staging"]}},
        }),
    )
    .await;
    let ask = async |max: u32| {
        let asked = details(json!({"tools": {"search": {}, "transfer": {"amount": range(max)}}}));
        let answer = researcher.exchange(&subject, &[READ, ("authorization_details", &asked)]).await;
        answer.is(200).text_of("access_token")
    };
    let transfer = async |token: &str, amount: u32, context: Value| {
        let answer = tenant.decide(token, "transfer", json!({"amount": amount}), context).await.is(200);
        answer["decision"].as_bool().unwrap()
    };
    let (narrow, wide) = (ask(50).await, ask(400).await);
    assert!(transfer(&narrow, 50, json!({})).await && !transfer(&narrow, 51, json!({})).await);
    assert!(transfer(&wide, 100, json!({})).await && !transfer(&wide, 101, json!({})).await);
    assert!(transfer(&wide, 1, json!({"env": "staging"})).await);
    assert!(!transfer(&wide, 1, json!({"env": "production"})).await);
    let answer = tenant.decide(&wide, "deploy", json!({}), json!({})).await.is(200);
    assert_eq!(answer["context"]["reason"], "tool_blocked");
});

on_both_databases!(the_catalogue_is_carried_as_it_was_sealed, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.api.post("/tools", json!({"name": "search", "args": ["q"]})).await.is(201);
    let planner = planner(&tenant).await;
    let subject = root(&planner, json!({"tools": {"search": {}}})).await;
    tenant.api.delete("/tools/search").await.is(204);
    let asked = details(json!({"tools": {"search": {}}}));
    let answer = planner.exchange(&subject, &[READ, ("authorization_details", &asked)]).await.is(200);
    let token = answer.text_of("access_token");
    let decide = async |arguments: Value| tenant.decide(&token, "search", arguments, json!({})).await;
    assert_eq!(decide(json!({"q": "x"})).await.is(200)["decision"], true);
    let denied = decide(json!({"q": "x", "more": 1})).await.is(200);
    assert_eq!(denied["context"]["reason"], "argument_not_declared");
});
