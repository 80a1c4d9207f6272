//! `/t/{tenant}/api/v1/orphans`: who has no live owner, and who answers for them from now on.

use deputy_tests::{Directory, OWNER, Tenant, on_both_databases};
use serde_json::json;

async fn owned_by(tenant: &Tenant, name: &str, owner: &str) {
    let body = json!({"name": name, "owners": [owner]});
    tenant.api.post("/agents?create_owners=true", body).await.is(201);
}

on_both_databases!(orphans_are_listed_with_why_and_since_the_longest_first, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    owned_by(&tenant, "ones", "user:one@example.com").await;
    owned_by(&tenant, "twos", "user:two@example.com").await;
    owned_by(&tenant, "kept", OWNER).await;
    owned_by(&tenant, "gone", "user:two@example.com").await;
    tenant.api.delete("/agents/gone").await.is(204);
    assert!(tenant.api.get("/orphans").await.is(200).items().is_empty());
    directory.leaves("one@example.com").await;
    directory.leaves("two@example.com").await;
    let found = tenant.api.get("/orphans").await.is(200);
    let names: Vec<_> = found.items().iter().map(|orphan| orphan["agent"].clone()).collect();
    assert_eq!(names, [json!("ones"), json!("twos")]);
    assert_eq!(found.items()[0]["why"], "user:one@example.com is not active");
    assert!(found.items()[0]["since"].as_str().unwrap() <= found.items()[1]["since"].as_str().unwrap());
    let first = tenant.api.get("/orphans?limit=1").await.is(200);
    assert_eq!(first.items()[0]["agent"], "ones");
    let cursor = first.text_of("next_cursor");
    let second = tenant.api.get(&format!("/orphans?limit=1&cursor={cursor}")).await.is(200);
    assert_eq!((&second.items()[0]["agent"], &second["next_cursor"]), (&json!("twos"), &json!(null)));
    tenant.api.get("/orphans?cursor=nonsense").await.is_problem(400);
    let listed = tenant.api.get("/agents?orphaned=true").await.is(200);
    assert_eq!(listed.items().len(), 2, "a decommissioned agent is no orphan");
});

on_both_databases!(an_orphan_gets_a_live_owner, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    owned_by(&tenant, "crawler", "user:one@example.com").await;
    owned_by(&tenant, "kept", OWNER).await;
    directory.leaves("one@example.com").await;
    let assign = async |agent: &str, owner: &str| {
        tenant.api.post(&format!("/orphans/{agent}/assign"), json!({"owner": owner})).await
    };
    assign("kept", OWNER).await.is_problem(409);
    assign("nobody", OWNER).await.is_problem(404);
    for owner in ["user:one@example.com", "user:nobody@example.com", "agent:kept", "alice"] {
        assign("crawler", owner).await.is_problem(400);
    }
    let assigned = assign("crawler", OWNER).await.is(200);
    assert_eq!((&assigned["owners"], &assigned["orphaned"]), (&json!([OWNER]), &json!(false)));
    assert!(tenant.api.get("/orphans").await.is(200).items().is_empty());
    assign("crawler", OWNER).await.is_problem(409);
});

on_both_databases!(an_agent_in_its_grace_gets_credentials_that_end_with_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    let crawler = tenant.agent("crawler", &["read:docs"]).await;
    let policy = json!({"orphan_policy": {"action": "grace", "days": 2}, "ttl": 86_400});
    tenant.api.patch("/settings", policy).await.is(200);
    let before = crawler.access_token("read:docs").await;
    directory.leaves("alice@example.com").await;
    assert!(!tenant.is_active(&before).await, "what was issued before ends with the owner");
    let after = crawler.access_token("read:docs").await;
    assert!(tenant.is_active(&after).await);
    let orphan = tenant.api.get("/orphans").await.is(200);
    let (since, until) = (&orphan.items()[0]["since"], &orphan.items()[0]["until"]);
    assert!(since.as_str() < until.as_str(), "{since} {until}");
    // Two days have gone by.
    let over =
        "UPDATE records SET body = replace(body, '\"until\":', '\"until\":0, \"was\":') WHERE kind = 'agent'";
    server.store().execute(over).await;
    let mut server = server;
    server.restart();
    assert!(!tenant.is_active(&after).await);
    crawler.token(&[("scope", "read:docs")]).await.is_oauth_error(401, "invalid_client");
});

on_both_databases!(an_orphan_is_proposed_to_the_manager_who_must_accept, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    tenant.api.patch("/settings", json!({"orphan_policy": {"action": "handover"}})).await.is(200);
    let boss = directory.user("boss@example.com").await;
    let away = json!({"active": false, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": boss}}});
    let between = directory.user_with("between@example.com", away).await;
    let reports = json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": between}}});
    let alice = directory.user_with("alice@example.com", reports).await;
    let crawler = tenant.agent("crawler", &["read:docs"]).await;
    let old = crawler.access_token("read:docs").await;
    let holder = async |id: &str| tenant.api.with_key(&tenant.key("auditor", json!({"holder": id})).await);
    let (boss_api, other_api) =
        (holder("user:boss@example.com").await, holder("user:alice@example.com").await);
    boss_api.post("/orphans/crawler/accept", json!({})).await.is_problem(409);

    directory.set_active(&alice, false).await;
    other_api.get("/orphans").await.is_problem(401);
    let found = boss_api.get("/orphans").await.is(200);
    assert_eq!(found.items()[0]["proposed_owner"], "user:boss@example.com", "the first active manager");
    crawler.token(&[("scope", "read:docs")]).await.is_oauth_error(401, "invalid_client");
    tenant.api.post("/orphans/crawler/accept", json!({})).await.is_problem(403);
    boss_api.post("/orphans/nobody/accept", json!({})).await.is_problem(404);
    let accepted = boss_api.post("/orphans/crawler/accept", json!({})).await.is(200);
    assert_eq!(accepted["owners"], json!(["user:boss@example.com"]));
    let new = crawler.access_token("read:docs").await;
    assert!(tenant.is_active(&new).await && !tenant.is_active(&old).await);
    boss_api.post("/orphans/crawler/accept", json!({})).await.is_problem(409);
});
