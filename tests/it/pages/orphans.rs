//! `/t/{tenant}/orphans`: found, shown, and given to somebody.

use deputy_tests::{Directory, on_both_databases};
use serde_json::json;

use super::visitor::Visitor;

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
    let path = page.split("/orphans/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/orphans/{path}");
    admin.post(&path, &[("owner", "user:alice@example.com")]).await.is(400);
    admin.post(&path, &[("owner", "user:nobody@example.com")]).await.is(400);
    admin.post(&path, &[("owner", "user:bob@example.com")]).await.is(303);
    assert!(admin.page("/orphans?done=assigned").await.contains("Every agent has a live owner"));
    admin.post(&path, &[("owner", "user:bob@example.com")]).await.is(409);
});
