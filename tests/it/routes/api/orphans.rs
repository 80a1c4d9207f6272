//! `/t/{tenant}/api/v1/orphans`: who has no live owner, and who answers for them from now on.

use deputy_tests::{OWNER, Tenant, on_both_databases};
use serde_json::json;

async fn owned_by(tenant: &Tenant, name: &str, owner: &str) {
    let body = json!({"name": name, "owners": [owner]});
    tenant.api.post("/agents?create_owners=true", body).await.is(201);
}

/// What provisioning will do when somebody leaves; a restart, because nothing is told to the server.
async fn leaves(server: &mut deputy_tests::Server, user: &str) {
    let statement =
        format!("UPDATE users SET active = 0, updated_at = updated_at + 1 WHERE user_name = '{user}'");
    server.store().execute(&statement).await;
    server.restart();
}

on_both_databases!(orphans_are_listed_with_why_and_since_the_longest_first, async |db| {
    let mut server = db.server();
    let tenant = server.tenant().await;
    owned_by(&tenant, "ones", "user:one@example.com").await;
    owned_by(&tenant, "twos", "user:two@example.com").await;
    owned_by(&tenant, "kept", OWNER).await;
    owned_by(&tenant, "gone", "user:two@example.com").await;
    tenant.api.delete("/agents/gone").await.is(204);
    assert!(tenant.api.get("/orphans").await.is(200).items().is_empty());
    leaves(&mut server, "one@example.com").await;
    leaves(&mut server, "two@example.com").await;
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
    let mut server = db.server();
    let tenant = server.tenant().await;
    owned_by(&tenant, "crawler", "user:one@example.com").await;
    owned_by(&tenant, "kept", OWNER).await;
    leaves(&mut server, "one@example.com").await;
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
