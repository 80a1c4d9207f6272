//! `/t/{tenant}/api/v1/tokens`: what was issued, and whether it lives.

use deputy_tests::{jwt, on_both_databases};
use serde_json::{Value, json};

on_both_databases!(issued_tokens_are_listed_read_and_told_dead, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let (one, two) = (tenant.agent("one", &["read:docs"]).await, tenant.agent("two", &["read:docs"]).await);
    let mut ids = Vec::new();
    for client in [&one, &two, &two] {
        ids.push(jwt::claims(&client.access_token("read:docs").await)["jti"].as_str().unwrap().to_owned());
    }
    let listed = async |query: &str| -> Vec<String> {
        let answer = tenant.api.get(&format!("/tokens{query}")).await.is(200);
        answer.items().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    assert_eq!(listed("").await, newest_first);
    assert_eq!(listed("?agent=two").await, newest_first[..2]);
    assert_eq!(listed(&format!("?agent={}", one.id)).await, newest_first[2..]);
    let first = tenant.api.get("/tokens?limit=2").await.is(200);
    assert_eq!(listed(&format!("?limit=2&cursor={}", first.text_of("next_cursor"))).await, newest_first[2..]);

    let revoked = tenant.revoke(json!({"credential": ids[1]})).await;
    assert_eq!(listed("?live=true").await, [ids[2].clone(), ids[0].clone()]);
    assert_eq!(listed("").await, newest_first);
    let dead = tenant.api.get(&format!("/tokens/{}", ids[1])).await.is(200);
    assert_eq!(dead["live"], false);
    assert_eq!(dead["revoked"], json!({"seq": revoked["seq"], "target": "credential"}));
    let live = tenant.api.get(&format!("/tokens/{}", ids[2])).await.is(200);
    assert_eq!((&live["live"], &live["revoked"]), (&json!(true), &Value::Null));
    assert_eq!((&live["agent_name"], &live["scope"]), (&json!("two"), &json!("read:docs")));
    assert_eq!((&live["chain"][0]["id"], &live["root"]), (&json!(ids[2]), &json!(ids[2])));
    assert!(live["authorization_details"].is_array(), "{}", live.text);
    assert!(!live.text.contains("eyJ"), "never the token itself");

    let tree = tenant.api.get(&format!("/tokens/{}/tree", ids[2])).await.is(200);
    assert_eq!((&tree["chain"][0]["id"], &tree["descendants"]), (&json!(ids[2]), &json!([])));
    for path in [format!("/tokens/{}", ids[2]), format!("/tokens/{}/tree", ids[2])] {
        foreign.api.get(&path).await.is_problem(404);
    }
    tenant.api.get("/tokens/nothing").await.is_problem(404);
    assert!(foreign.api.get("/tokens").await.is(200).items().is_empty());
});
