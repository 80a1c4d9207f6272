//! `/t/{tenant}/halt`: one person raises it, two lower an emergency.

use deputy_tests::{Tenant, on_both_databases};
use serde_json::json;

use super::visitor::Visitor;

async fn held_by(tenant: &Tenant, holder: &str) -> Visitor {
    Visitor::with_key(tenant, &tenant.key("admin", json!({"holder": holder})).await).await
}

on_both_databases!(an_emergency_is_lowered_by_two_people, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.agent("crawler", &["read:docs"]).await;
    let bob = json!({"name": "bobs", "owners": ["user:bob@example.com"]});
    tenant.api.post("/agents?create_owners=true", bob).await.is(201);
    let (alice, bob) =
        (held_by(&tenant, "user:alice@example.com").await, held_by(&tenant, "user:bob@example.com").await);
    alice.post("/halt", &[("level", "emergency"), ("reason", "leak")]).await.is(303);
    assert!(bob.page("/").await.contains("Halted at level emergency"));
    assert!(bob.page("/halt").await.contains("user:alice@example.com"), "who set it");
    let asked = alice.post("/halt", &[("level", "none"), ("reason", "over")]).await.is(303);
    assert!(asked.header("location").unwrap().ends_with("halt?done=waits"));
    let page = alice.page("/halt?done=waits").await;
    assert!(page.contains("Waiting for a second person") && page.contains("must confirm this"));
    let path = page.split("halt/approvals/").nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/halt/approvals/{path}");
    let own = alice.post(&path, &[]).await.is(403);
    assert!(own.text.contains("Somebody else must confirm it"));
    assert!(bob.page("/").await.contains("Halted at level emergency"));
    bob.post(&path, &[]).await.is(303);
    assert!(!bob.page("/").await.contains("Halted at level"));
});

on_both_databases!(a_level_and_a_reason_are_asked_for_again, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let wrong: [&[(&str, &str)]; 3] =
        [&[("level", "total"), ("reason", "x")], &[("level", "all")], &[("reason", "x")]];
    for fields in wrong {
        assert!(admin.post("/halt", fields).await.is(400).text.contains("role=\"alert\""));
    }
    assert_eq!(tenant.api.get("/halt").await.is(200)["level"], "none");
    admin.post("/halt", &[("level", "all"), ("reason", "x")]).await.is(303);
    assert_eq!(tenant.api.get("/halt").await.is(200)["level"], "all");
});
