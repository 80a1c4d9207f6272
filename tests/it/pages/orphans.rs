//! `/t/{tenant}/orphans`: found, shown, and given to somebody.

use deputy_tests::{Directory, Tenant, on_both_databases};
use serde_json::json;

use super::visitor::Visitor;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Where the form of an orphan is sent.
fn form(page: &str, what: &str) -> String {
    let action = page.split("action=\"").find(|rest| rest.split('"').next().unwrap().ends_with(what));
    let path = action.expect(what).split('"').next().unwrap();
    format!("/orphans/{}", path.split("/orphans/").nth(1).unwrap())
}

async fn held_by(tenant: &Tenant, role: &str, holder: &str) -> Visitor {
    Visitor::with_key(tenant, &tenant.key(role, json!({"holder": holder})).await).await
}

on_both_databases!(an_orphan_is_shown_and_assigned, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.agent("crawler", &["read:docs"]).await;
    let bob = json!({"name": "bobs", "owners": ["user:bob@example.com"]});
    tenant.api.post("/agents?create_owners=true", bob).await.is(201);
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    assert!(admin.page("/orphans").await.contains("Every agent has a live owner"));
    Directory::of(&tenant).await.leaves("alice@example.com").await;

    let page = admin.page("/orphans").await;
    assert!(page.contains("crawler") && page.contains("user:alice@example.com is not active"));
    assert!(!page.contains(">bobs<"));
    assert!(admin.page("/").await.contains("Agents without a live owner"));
    assert!(admin.page("/agents?state=orphaned").await.contains("crawler"));
    assert!(!page.contains("May get tokens until") && !page.contains("/accept\""));
    let path = form(&page, "/assign");
    admin.post(&path, &[("owner", "user:alice@example.com")]).await.is(400);
    admin.post(&path, &[("owner", "user:nobody@example.com")]).await.is(400);
    admin.post(&path, &[("owner", "user:bob@example.com")]).await.is(303);
    assert!(admin.page("/orphans?done=assigned").await.contains("Every agent has a live owner"));
    admin.post(&path, &[("owner", "user:bob@example.com")]).await.is(409);
});

on_both_databases!(a_grace_is_shown_with_its_end, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.api.patch("/settings", json!({"orphan_policy": {"action": "grace", "days": 7}})).await.is(200);
    tenant.agent("crawler", &["read:docs"]).await;
    let directory = Directory::of(&tenant).await;
    let alice = directory.user("alice@example.com").await;
    directory.set_active(&alice, false).await;
    let page = Visitor::with_key(&tenant, tenant.admin_key()).await.page("/orphans").await;
    let until = tenant.api.get("/orphans").await.is(200).items()[0]["until"].as_str().unwrap().to_owned();
    assert!(page.contains("May get tokens until") && page.contains(&until[..19]), "{until}");
});

on_both_databases!(the_proposed_manager_and_nobody_else_accepts, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.api.patch("/settings", json!({"orphan_policy": {"action": "handover"}})).await.is(200);
    tenant.agent("crawler", &["read:docs"]).await;
    let directory = Directory::of(&tenant).await;
    let bob = directory.user("bob@example.com").await;
    directory.user("carol@example.com").await;
    let alice =
        directory.user_with("alice@example.com", json!({ENTERPRISE: {"manager": {"value": bob}}})).await;
    directory.set_active(&alice, false).await;
    let manager = held_by(&tenant, "auditor", "user:bob@example.com").await;
    let page = manager.page("/orphans").await;
    assert!(page.contains("user:bob@example.com"), "the proposed owner");
    let path = form(&page, "/accept");
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    for other in [&admin, &held_by(&tenant, "admin", "user:carol@example.com").await] {
        assert!(!other.page("/orphans").await.contains("/accept\""));
        other.post(&path, &[]).await.is(403);
    }
    manager.post(&path, &[]).await.is(303);
    assert_eq!(tenant.api.get("/agents/crawler").await.is(200)["owners"], json!(["user:bob@example.com"]));
    assert!(manager.page("/orphans?done=assigned").await.contains("Every agent has a live owner"));
});
