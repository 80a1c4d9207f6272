//! `POST /t/{tenant}/access/v1/evaluations`: several in one call.

use deputy_tests::{Answer, on_both_databases};
use serde_json::{Value, json};

use super::{agent, allowed, codes, evaluation, token};

const PATH: &str = "/access/v1/evaluations";

fn decisions(answer: &Answer) -> Vec<bool> {
    let each = answer["evaluations"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    each.iter().map(|one| one["decision"].as_bool().unwrap()).collect()
}

fn tools(tools: &[&str]) -> Vec<Value> {
    tools.iter().map(|tool| json!({"action": {"name": tool}})).collect()
}

on_both_databases!(defaults_order_and_short_circuits, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let token = token(&agent(&tenant, "crawler", json!({})).await).await;
    let api = tenant.root.with_key(tenant.admin_key());
    let call = async |names: &[&str], options: Value| {
        let mut body = evaluation(&token, "shell", json!({}), json!({}));
        body["evaluations"] = json!(tools(names));
        body["options"] = options;
        api.post(PATH, body).await
    };
    let semantic = |name: &str| json!({"evaluations_semantic": name, "unknown": true});
    let mixed = ["search", "shell", "read_db"];
    let all = call(&mixed, json!({})).await.is(200);
    assert_eq!(decisions(&all), [true, false, true]);
    assert_eq!(codes(&all["evaluations"][1]), ["tool_blocked", "tool_not_allowed"]);
    assert!(all.json.get("decision").is_none());
    assert_eq!(decisions(&call(&mixed, semantic("execute_all")).await.is(200)), [true, false, true]);
    assert_eq!(decisions(&call(&mixed, semantic("deny_on_first_deny")).await.is(200)), [true, false]);
    assert_eq!(decisions(&call(&mixed, semantic("permit_on_first_permit")).await.is(200)), [true]);
    let late = ["shell", "search", "read_db"];
    assert_eq!(decisions(&call(&late, semantic("permit_on_first_permit")).await.is(200)), [false, true]);
    call(&mixed, semantic("whatever")).await.is_problem(400);
});

on_both_databases!(a_member_of_an_evaluation_replaces_the_default_whole, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let token = token(&agent(&tenant, "crawler", json!({})).await).await;
    let api = tenant.root.with_key(tenant.admin_key());
    let mut body = evaluation(&token, "search", json!({}), json!({"env": "production"}));
    body["evaluations"] = json!([{}, {"context": {}}, {"context": {"env": "staging"}}]);
    assert_eq!(decisions(&api.post(PATH, body).await.is(200)), [false, true, true]);
});

on_both_databases!(one_that_cannot_be_decided_is_denied_in_its_place, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let token = token(&agent(&tenant, "crawler", json!({})).await).await;
    let mut body = evaluation(&token, "search", json!({}), json!({}));
    body["evaluations"] =
        json!([{}, {"action": {}}, 7, {"context": {"audience": "https://elsewhere.example.com/"}}]);
    let verifier = tenant.verifier(&[&tenant.issuer]).await;
    let answer = verifier.post(PATH, body).await.is(200);
    assert_eq!(decisions(&answer), [true, false, false, false]);
    for (at, status) in [(1, 400), (2, 400), (3, 403)] {
        let error = &answer["evaluations"][at]["context"]["error"];
        assert_eq!(error["status"], status, "{error}");
        assert!(error["message"].is_string());
    }
});

on_both_databases!(without_evaluations_it_is_one, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let token = token(&agent(&tenant, "crawler", json!({})).await).await;
    let api = tenant.root.with_key(tenant.admin_key());
    let mut body = evaluation(&token, "search", json!({}), json!({}));
    allowed(api.post(PATH, body.clone()).await);
    body["evaluations"] = json!([]);
    allowed(api.post(PATH, body.clone()).await);
    body["evaluations"] = json!(vec![json!({}); 100]);
    assert_eq!(decisions(&api.post(PATH, body.clone()).await.is(200)), [true; 100]);
    body["evaluations"] = json!(vec![json!({}); 101]);
    api.post(PATH, body.clone()).await.is_problem(400);
    body["evaluations"] = json!({});
    api.post(PATH, body).await.is_problem(400);
});
