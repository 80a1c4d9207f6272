//! `/t/{tenant}/revoke`: the reach before, and the end after.

use deputy_tests::on_both_databases;
use serde_json::json;

use super::visitor::Visitor;

on_both_databases!(a_reach_is_shown_and_then_revoked, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let (crawler, other) =
        (tenant.agent("crawler", &["read:docs"]).await, tenant.agent("other", &["read:docs"]).await);
    let (dies, lives) = (crawler.access_token("read:docs").await, other.access_token("read:docs").await);
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let shown = admin.page("/revoke?kind=agent&id=crawler").await;
    assert!(shown.contains("<b>1</b>live token ends") && shown.contains("<b>1</b>agent is reached"));
    assert!(tenant.is_active(&dies).await, "looking changes nothing");

    let fields = [("kind", "agent"), ("id", "crawler"), ("reason", "")];
    let refused = admin.post("/revoke", &fields).await.is(400);
    assert!(refused.text.contains("Reason: ") && tenant.is_active(&dies).await);
    let fields = [("kind", "agent"), ("id", "crawler"), ("reason", "leaked")];
    admin.post("/revoke", &fields).await.is(303);
    assert!(!tenant.is_active(&dies).await && tenant.is_active(&lives).await);
    let made = tenant.api.get("/revocations").await.is(200);
    assert_eq!(made.items()[0]["reason"], json!("leaked"));
});

on_both_databases!(a_target_that_is_none_is_explained_in_the_page, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    foreign.agent("theirs", &["read:docs"]).await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    for (query, words) in [
        ("kind=agent&id=theirs", "names no agent of this tenant"),
        ("kind=agent&id=nobody", "names no agent of this tenant"),
        ("kind=owner&id=nobody", "is not known in this tenant"),
    ] {
        let page = admin.page(&format!("/revoke?{query}")).await;
        assert!(page.contains(words) && !page.contains("2. What it reaches"), "{query}");
    }
    assert!(admin.page("/revoke?kind=tenant&id=").await.contains("2. What it reaches"));
    assert!(!admin.page("/revoke?kind=agent&id=").await.contains("2. What it reaches"));
});
