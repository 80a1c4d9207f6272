//! `/t/{tenant}/api/v1/roles`: what a role is, who may change it, and what a change does.

use deputy_tests::{Tenant, on_both_databases};
use reqwest::Method;
use serde_json::json;

on_both_databases!(a_role_is_made_read_changed_replaced_and_deleted, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let entry = json!({
        "name": "researcher", "scopes": ["read:docs"], "tools": {"transfer": {"amount": {"max": 500}}},
        "limits": {"env": {"one_of": ["staging", "development"]}}, "ttl": "1h", "may_delegate": true,
    });
    let made = tenant.api.post("/roles", entry).await.is(201);
    assert_eq!(made["ttl"], 3600);
    let range = json!({"constraint_type": "range", "min": 0, "max": 500});
    assert_eq!(made["tools"]["transfer"]["amount"], range, "shorthand is stored in the wire form");
    assert_eq!(tenant.api.get("/roles/researcher").await.is(200).json, made.json, "by name");
    let path = format!("/roles/{}", made.text_of("id"));
    assert_eq!(tenant.api.get(&path).await.is(200).json, made.json, "by id");

    // A merge patch: what it does not name stays, `null` removes.
    let patch = json!({"tools": {"search": {}}, "ttl": null, "max_depth": 2});
    let patched = tenant.api.patch(&path, patch).await.is(200);
    assert_eq!(patched["tools"], json!({"search": {}, "transfer": {"amount": range}}));
    assert_eq!((&patched["scopes"], &patched["max_depth"]), (&json!(["read:docs"]), &json!(2)));
    assert!(patched.json.get("ttl").is_none());

    // A replacement: what it does not name is gone.
    let replaced = tenant.api.put(&path, json!({"name": "reader", "scopes": ["read:all"]})).await.is(200);
    assert_eq!((&replaced["id"], &replaced["tools"]), (&made["id"], &json!({})));
    tenant.api.get("/roles/researcher").await.is_problem(404);
    tenant.api.get("/roles/reader").await.is(200);

    tenant.api.delete(&path).await.is(204);
    tenant.api.get(&path).await.is_problem(404);
    tenant.api.delete(&path).await.is_problem(404);
});

on_both_databases!(roles_are_listed_page_by_page, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    for name in ["one", "two", "three"] {
        tenant.role(name, &["read:docs"]).await;
    }
    let mut names = Vec::new();
    let mut path = "/roles?limit=2".to_owned();
    loop {
        let page = tenant.api.get(&path).await.is(200);
        names.extend(page.items().iter().map(|role| role["name"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/roles?limit=2&cursor={cursor}");
    }
    assert_eq!(names, ["one", "two", "three"]);
    tenant.api.get("/roles?limit=0").await.is_problem(400);
    tenant.api.get("/roles?limt=2").await.is_problem(400);
});

on_both_databases!(only_administrators_change_roles, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    tenant.role("reader", &["read:docs"]).await;
    let auditor = tenant.api_as("auditor").await;
    let before = auditor.get("/roles/reader").await.is(200);
    auditor.post("/roles", json!({"name": "x"})).await.is_problem(403);
    auditor.patch("/roles/reader", json!({"scopes": []})).await.is_problem(403);
    auditor.put("/roles/reader", json!({"name": "reader"})).await.is_problem(403);
    auditor.delete("/roles/reader").await.is_problem(403);
    tenant.api_as("scim").await.get("/roles").await.is_problem(403);
    // Another tenant's key is as unknown here as no key at all.
    tenant.api.with_key(foreign.admin_key()).get("/roles/reader").await.is_problem(401);
    tenant.api.without_key().get("/roles/reader").await.is_problem(401);
    // And in its own tenant the role is not there.
    foreign.api.get("/roles/reader").await.is_problem(404);
    foreign.api.get(&format!("/roles/{}", before.text_of("id"))).await.is_problem(404);
    assert_eq!(tenant.api.get("/roles/reader").await.is(200).json, before.json);
});

on_both_databases!(what_is_wrong_is_named, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    for (field, entry) in [
        ("scope", json!({"name": "r", "scope": ["read:docs"]})),
        ("name", json!({"scopes": []})),
        ("scopes[0]", json!({"name": "r", "scopes": ["two words"]})),
        ("ttl", json!({"name": "r", "ttl": "25h"})),
        ("max_depth", json!({"name": "r", "max_depth": 17})),
        ("audience[0]", json!({"name": "r", "audience": ["crm"]})),
        ("tools.transfer.amount", json!({"name": "r", "tools": {"transfer": {"amount": {"at_most": 5}}}})),
        ("limits.env", json!({"name": "r", "limits": {"env": "staging"}})),
    ] {
        let refused = tenant.api.post("/roles", entry).await.is_problem(400);
        let named = refused["field"].as_str().unwrap();
        assert!(named.starts_with(field), "{field}: {}", refused.text);
    }
    // Every problem at once.
    let several =
        tenant.api.post("/roles", json!({"name": "r", "ttl": "x", "scopes": [1]})).await.is_problem(400);
    assert_eq!(several["errors"].as_array().unwrap().len(), 2, "{}", several.text);
    let raw = async |body: &str| tenant.api.raw(Method::POST, "/roles", "application/json", body).await;
    raw(r#"{"name": "r", "name": "s"}"#).await.is_problem(400);
    raw(r#"{"name": "r", "limits": {"n": {"max": 0.1000000000000000055511151231257827}}}"#)
        .await
        .is_problem(400);
    raw("[]").await.is_problem(400);
    tenant.role("r", &[]).await;
    tenant.api.post("/roles", json!({"name": "r"})).await.is_problem(409);
    tenant.role("s", &[]).await;
    tenant.api.patch("/roles/s", json!({"name": "r"})).await.is_problem(409);
    tenant.api.patch("/roles/s", json!({"scope": []})).await.is_problem(400);
    tenant.api.patch("/roles/s", json!(["scopes"])).await.is_problem(400);
    tenant.api.patch("/roles/nobody", json!({"scopes": []})).await.is_problem(404);
});

on_both_databases!(a_bound_role_stays, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.agent("crawler", &["read:docs"]).await;
    tenant.api.delete("/roles/crawler-role").await.is_problem(409);
    tenant.api.delete("/roles/crawler-role?dry_run=true").await.is_problem(409);
    let bound = tenant.api.get("/role-bindings?role=crawler-role").await.is(200);
    let path = format!("/role-bindings/{}", bound.items()[0]["id"].as_str().unwrap());
    tenant.api.delete(&path).await.is(204);
    tenant.api.delete("/roles/crawler-role").await.is(204);
});

/// The scopes that an agent is granted out of these.
async fn granted(client: &deputy_tests::Client, asked: &str) -> Vec<String> {
    let answer = client.token(&[("scope", asked)]).await.is(200);
    answer.text_of("scope").split(' ').map(str::to_owned).collect()
}

on_both_databases!(a_dry_run_says_what_then_happens, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs", "write:docs"]).await;
    let all = "read:docs write:docs write:crm";
    assert_eq!(granted(&client, all).await, ["read:docs", "write:docs"]);
    let before = tenant.api.get("/roles/crawler-role").await.is(200);

    let patch = json!({
        "scopes": ["read:docs", "write:crm"], "tools": {"search": {}}, "blocked_tools": ["shell"],
        "limits": {"amount": {"max": 5}}, "ttl": 60,
    });
    let auditor = tenant.api_as("auditor").await;
    let preview = auditor.patch("/roles/crawler-role?dry_run=true", patch.clone()).await.is(200);
    assert_eq!(tenant.api.get("/roles/crawler-role").await.is(200).json, before.json, "nothing is written");
    assert_eq!(granted(&client, all).await, ["read:docs", "write:docs"]);

    let [change] = preview["agents"].as_array().unwrap().as_slice() else { panic!("{}", preview.text) };
    assert_eq!((&change["agent"], &change["audience"]), (&json!("crawler"), &json!(tenant.issuer)));
    // `write:crm` is not gained: the agent's own cap has no such scope.
    assert_eq!(change["scopes"], json!({"gained": [], "lost": ["write:docs"]}));
    assert_eq!(change["tools"], json!({"gained": ["search"], "lost": []}));
    assert_eq!(change["blocked_tools"], json!({"gained": ["shell"], "lost": []}));
    assert_eq!(change["limits"]["amount"]["after"]["max"], 5);
    assert_eq!(change["ttl"], json!({"before": 900, "after": 60}));

    tenant.api.patch("/roles/crawler-role", patch.clone()).await.is(200);
    assert_eq!(granted(&client, all).await, ["read:docs"]);
    assert!(client.token(&[("scope", all)]).await.is(200)["expires_in"].as_i64().unwrap() <= 60);
    let again = auditor.patch("/roles/crawler-role?dry_run=true", patch).await.is(200);
    assert_eq!(again["agents"], json!([]), "what is so already changes nobody");
});

/// Two roles that give `transfer` differently, and an agent that has the first.
async fn contested(tenant: &Tenant) {
    tenant.agent("payer", &["pay"]).await;
    let give = async |name: &str, most: i64| {
        let tools = json!({"transfer": {"amount": {"max": most}}});
        tenant.api.post("/roles", json!({"name": name, "tools": tools})).await.is(201);
    };
    give("small", 10).await;
    give("same", 10).await;
    give("large", 500).await;
    tenant.bind("small", "agent:payer").await;
}

on_both_databases!(no_agent_gets_one_tool_with_different_argument_maps, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    contested(&tenant).await;
    tenant.bind("same", "agent:payer").await;
    let widen = json!({"tools": {"transfer": {"amount": {"max": 20}}}});
    for path in ["/roles/same", "/roles/same?dry_run=true"] {
        let refused = tenant.api.patch(path, widen.clone()).await.is_problem(409);
        for name in ["payer", "transfer", "small", "same"] {
            assert!(refused.text_of("detail").contains(&format!("`{name}`")), "{name}: {}", refused.text);
        }
    }
    let kept = tenant.api.get("/roles/same").await.is(200);
    assert_eq!(kept["tools"]["transfer"]["amount"]["max"], 10, "a refused change writes nothing");
    // The same change of a role that reaches no agent twice is fine.
    tenant.api.patch("/roles/large", widen).await.is(200);
});
