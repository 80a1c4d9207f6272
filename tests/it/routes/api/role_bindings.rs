//! `/t/{tenant}/api/v1/role-bindings`: who has which role, directly and through groups.

use deputy_tests::{Directory, Tenant, on_both_databases};
use serde_json::json;

on_both_databases!(a_binding_gives_and_its_end_takes, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    tenant.api.patch("/agents/crawler", json!({"allowed_scopes": ["read:docs", "read:crm"]})).await.is(200);
    tenant.role("crm", &["read:crm"]).await;
    client.token(&[("scope", "read:crm")]).await.is_oauth_error(400, "invalid_scope");

    let body = json!({"role": "crm", "subject": "agent:crawler"});
    let preview = tenant.api.post("/role-bindings?dry_run=true", body.clone()).await.is(200);
    assert_eq!(preview["agents"][0]["scopes"], json!({"gained": ["read:crm"], "lost": []}));
    assert_eq!(tenant.api.get("/role-bindings?role=crm").await.is(200).items().len(), 0);

    let made = tenant.api.post("/role-bindings", body.clone()).await.is(201);
    assert_eq!((&made["role"], &made["subject"]), (&json!("crm"), &json!("agent:crawler")));
    client.access_token("read:crm").await;
    tenant.api.post("/role-bindings", body).await.is_problem(409);
    let path = format!("/role-bindings/{}", made.text_of("id"));
    assert_eq!(tenant.api.get(&path).await.is(200).json, made.json);
    let listed = tenant.api.get("/role-bindings?subject=agent:crawler&role=crm").await.is(200);
    assert_eq!(listed.items(), std::slice::from_ref(&made.json));

    let preview = tenant.api.delete(&format!("{path}?dry_run=true")).await.is(200);
    assert_eq!(preview["agents"][0]["scopes"], json!({"gained": [], "lost": ["read:crm"]}));
    client.access_token("read:crm").await;
    tenant.api.delete(&path).await.is(204);
    client.token(&[("scope", "read:crm")]).await.is_oauth_error(400, "invalid_scope");
    client.access_token("read:docs").await;
    tenant.api.get(&path).await.is_problem(404);
    tenant.api.delete(&path).await.is_problem(404);
});

on_both_databases!(a_binding_can_name_ids, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.agent("crawler", &["read:docs"]).await;
    let role = tenant.role("crm", &["read:crm"]).await;
    let agent = tenant.api.get("/agents/crawler").await.is(200);
    let body = json!({"role": role["id"], "subject": format!("agent:{}", agent.text_of("id"))});
    let made = tenant.api.post("/role-bindings", body).await.is(201);
    assert_eq!((&made["role"], &made["subject"]), (&json!("crm"), &json!("agent:crawler")));
});

on_both_databases!(what_is_not_known_is_named, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    tenant.agent("crawler", &["read:docs"]).await;
    tenant.role("crm", &["read:crm"]).await;
    foreign.role("theirs", &["read:crm"]).await;
    for (field, role, subject) in [
        ("role", "nobody", "agent:crawler"),
        ("role", "theirs", "agent:crawler"),
        ("subject", "crm", "agent:nobody"),
        ("subject", "crm", "user:nobody@example.com"),
        ("subject", "crm", "group:nobody"),
        ("subject", "crm", "crawler"),
        ("subject", "crm", "team:crawler"),
    ] {
        let refused = tenant.api.post("/role-bindings", json!({"role": role, "subject": subject})).await;
        assert_eq!(refused.is_problem(400)["field"], field, "{role} {subject}");
    }
    let body = json!({"role": "crm", "subject": "agent:crawler", "until": "2030-01-01"});
    assert_eq!(tenant.api.post("/role-bindings", body).await.is_problem(400)["field"], "until");
    let body = json!({"role": "crm", "subject": "agent:crawler"});
    tenant.api_as("auditor").await.post("/role-bindings", body.clone()).await.is_problem(403);
    tenant.api.with_key(foreign.admin_key()).post("/role-bindings", body.clone()).await.is_problem(401);
    tenant.api.post("/role-bindings", body).await.is(201);
});

on_both_databases!(a_person_gets_entitlements_and_their_agents_nothing, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    tenant.api.patch("/agents/crawler", json!({"allowed_scopes": ["read:docs", "read:crm"]})).await.is(200);
    tenant.role("crm", &["read:crm"]).await;
    let body = json!({"role": "crm", "subject": "user:alice@example.com"});
    let preview = tenant.api.post("/role-bindings?dry_run=true", body.clone()).await.is(200);
    assert_eq!(preview["agents"], json!([]));
    assert_eq!(preview["people"][0]["user"], "alice@example.com");
    assert_eq!(preview["people"][0]["scopes"], json!({"gained": ["read:crm"], "lost": []}));
    tenant.api.post("/role-bindings", body).await.is(201);
    client.token(&[("scope", "read:crm")]).await.is_oauth_error(400, "invalid_scope");
});

/// Two roles that give `transfer` differently, and an agent that has the first.
async fn contested(tenant: &Tenant) {
    let owners = json!({"owners": ["user:alice@example.com", "group:payers", "group:company"]});
    tenant.agent_with("payer", &["pay"], owners, json!({})).await;
    for (name, most) in [("small", 10), ("large", 500)] {
        let tools = json!({"transfer": {"amount": {"max": most}}});
        tenant.api.post("/roles", json!({"name": name, "tools": tools})).await.is(201);
    }
    tenant.bind("small", "agent:payer").await;
}

fn names_all(refused: &deputy_tests::Answer) {
    for name in ["payer", "transfer", "small", "large"] {
        assert!(refused.text_of("detail").contains(&format!("`{name}`")), "{name}: {}", refused.text);
    }
}

on_both_databases!(a_binding_that_contradicts_another_is_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    contested(&tenant).await;
    let body = json!({"role": "large", "subject": "agent:payer"});
    names_all(&tenant.api.post("/role-bindings?dry_run=true", body.clone()).await.is_problem(409));
    names_all(&tenant.api.post("/role-bindings", body.clone()).await.is_problem(409));
    assert_eq!(tenant.api.get("/role-bindings?role=large").await.is(200).items().len(), 0);
    // Once they agree, the very same request is fine.
    let agreed = json!({"tools": {"transfer": {"amount": {"max": 10}}}});
    tenant.api.patch("/roles/large", agreed).await.is(200);
    tenant.api.post("/role-bindings", body).await.is(201);
});

/// Puts the agent `payer` into `payers`, and that group into `company`.
async fn join(tenant: &Tenant) {
    let directory = Directory::of(tenant).await;
    let payer = tenant.api.get("/agents/payer").await.is(200).text_of("id");
    let payers = directory.group("payers", &[&payer]).await;
    directory.group("company", &[&payers]).await;
}

on_both_databases!(a_contradiction_through_a_group_is_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    contested(&tenant).await;
    let body = json!({"role": "large", "subject": "group:payers"});
    // While the group is empty nobody gets anything, so nothing contradicts.
    let made = tenant.api.post("/role-bindings", body).await.is(201);
    tenant.api.delete(&format!("/role-bindings/{}", made.text_of("id"))).await.is(204);

    join(&tenant).await;
    for subject in ["group:payers", "group:company"] {
        // What does not follow the identity provider reaches nobody in the group, and contradicts nothing.
        let unmarked = json!({"role": "large", "subject": subject});
        tenant.api.post("/role-bindings?dry_run=true", unmarked.clone()).await.is(200);
        let made = tenant.api.post("/role-bindings", unmarked).await.is(201);
        assert!(made.text_of("warning").contains("follow_scim"));
        tenant.api.delete(&format!("/role-bindings/{}", made.text_of("id"))).await.is(204);
        let body = json!({"role": "large", "subject": subject, "follow_scim": true});
        names_all(&tenant.api.post("/role-bindings?dry_run=true", body.clone()).await.is_problem(409));
        names_all(&tenant.api.post("/role-bindings", body.clone()).await.is_problem(409));
    }
    // A role that agrees reaches the agent through the group.
    tenant.role("reader", &["pay"]).await;
    let reader = json!({"role": "reader", "subject": "group:company", "follow_scim": true});
    let preview = tenant.api.post("/role-bindings?dry_run=true", reader.clone()).await.is(200);
    assert_eq!(preview["agents"], json!([]), "it has `pay` already");
    tenant.api.post("/role-bindings", reader).await.is(201);
    // Changing a role that is bound to the group is judged like binding it.
    let contradicts = json!({"tools": {"transfer": {"amount": {"max": 11}}}});
    let refused = tenant.api.patch("/roles/reader", contradicts).await.is_problem(409);
    assert!(refused.text_of("detail").contains("`reader`"), "{}", refused.text);
    let agrees = json!({"tools": {"transfer": {"amount": {"max": 10}}}});
    tenant.api.patch("/roles/reader", agrees).await.is(200);
});
