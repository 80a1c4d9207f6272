//! `/t/{tenant}/api/v1/tools`: the tool catalogue.

use deputy_tests::on_both_databases;
use serde_json::json;

on_both_databases!(a_tool_is_made_read_changed_and_deleted, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let entry = json!({"name": "transfer", "args": ["amount", "target"], "description": "Moves money"});
    let made = tenant.api.post("/tools", entry).await.is(201);
    assert_eq!(made["args"], json!(["amount", "target"]));
    let path = format!("/tools/{}", made.text_of("id"));
    assert_eq!(tenant.api.get(&path).await.is(200).json, made.json);
    assert_eq!(tenant.api.get("/tools/transfer").await.is(200).json, made.json);
    assert_eq!(tenant.api.get("/tools").await.is(200).items(), std::slice::from_ref(&made.json));

    let patched = tenant.api.patch("/tools/transfer", json!({"args": ["amount"]})).await.is(200);
    assert_eq!((&patched["args"], &patched["description"]), (&json!(["amount"]), &json!("Moves money")));
    let replaced = tenant.api.put("/tools/transfer", json!({"name": "transfer", "args": []})).await.is(200);
    assert!(replaced.json.get("description").is_none());
    tenant.api.delete("/tools/transfer").await.is(204);
    tenant.api.get(&path).await.is_problem(404);
    tenant.api.delete(&path).await.is_problem(404);
});

on_both_databases!(what_is_wrong_with_a_tool_is_named, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    tenant.api.post("/tools", json!({"name": "search", "args": ["q"]})).await.is(201);
    for (field, entry) in [
        ("args", json!({"name": "x"})),
        ("arguments", json!({"name": "x", "args": [], "arguments": []})),
        ("name", json!({"name": "two words", "args": []})),
        ("description", json!({"name": "x", "args": [], "description": 7})),
    ] {
        assert_eq!(tenant.api.post("/tools", entry).await.is_problem(400)["field"], field);
    }
    tenant.api.post("/tools", json!({"name": "search", "args": []})).await.is_problem(409);
    let renamed = tenant.api.patch("/tools/search", json!({"name": "find"})).await.is_problem(400);
    assert_eq!(renamed["field"], "name");
    let auditor = tenant.api_as("auditor").await;
    auditor.get("/tools/search").await.is(200);
    auditor.patch("/tools/search", json!({"args": []})).await.is_problem(403);
    auditor.delete("/tools/search").await.is_problem(403);
    auditor.post("/tools", json!({"name": "x", "args": []})).await.is_problem(403);
    foreign.api.get("/tools/search").await.is_problem(404);
    tenant.api.with_key(foreign.admin_key()).get("/tools").await.is_problem(401);
    assert_eq!(tenant.api.get("/tools/search").await.is(200)["args"], json!(["q"]));
});

on_both_databases!(a_catalogued_tool_is_sealed_with_its_arguments, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let role = json!({"tools": {"search": {}}});
    let client = tenant.agent_with("crawler", &["read:docs"], json!({}), role).await;
    let details = json!([{"type": "deputy_mandate", "tools": {"search": {}}}]).to_string();
    let declared = async || {
        let answer = client.token(&[("authorization_details", &details)]).await.is(200);
        answer["authorization_details"].to_string().contains("\"q\"")
    };
    assert!(!declared().await);
    tenant.api.post("/tools", json!({"name": "search", "args": ["q"]})).await.is(201);
    assert!(declared().await, "a catalogued tool says which arguments it knows");
    tenant.api.delete("/tools/search").await.is(204);
    assert!(!declared().await);
});
