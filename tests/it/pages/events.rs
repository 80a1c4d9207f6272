//! `/t/{tenant}/events` and its stream: what happened and what happens, in names.

use deputy_tests::on_both_databases;
use deputy_tests::stream::EventStream;
use serde_json::json;

use super::visitor::Visitor;

on_both_databases!(the_stream_goes_on_where_the_page_ends, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.agent("crawler", &["read:docs"]).await;
    let visitor = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let page = visitor.page("/events").await;
    assert!(page.contains("crawler") && page.contains("admin key dpy_"), "names, not ids");
    // What happens between the page and its stream is not lost.
    tenant.api.post("/agents/crawler/suspend", json!({})).await.is(200);
    let path = page.split("data-stream=\"").nth(1).unwrap().split('"').next().unwrap();
    let path = path.strip_prefix(&format!("/t/{}", tenant.slug)).unwrap();
    let request = tenant.root.request(reqwest::Method::GET, path).header("cookie", visitor.cookie());
    let mut stream = EventStream::of(request).await;
    let told = stream.next().await.expect("an event").data;
    assert_eq!((&told["action"], &told["agent"]), (&json!("agent.suspended"), &json!("crawler")));
    assert_eq!(told["agent_id"], tenant.api.get("/agents/crawler").await["id"]);

    visitor.post("/sign-out", &[]).await.is(303);
    tenant.api.post("/agents/crawler/reactivate", json!({})).await.is(200);
    while let Some(told) = stream.next().await {
        assert_ne!(told.data["action"], "agent.reactivated", "a stream ends with its session");
    }
});

on_both_databases!(events_are_filtered_and_turned_over, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    for number in 0..60 {
        tenant.role(&format!("role-{number}"), &["read:docs"]).await;
    }
    tenant.agent("crawler", &["read:docs"]).await;
    let visitor = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let filtered = visitor.page("/events?q=agent.created").await;
    assert_eq!(filtered.matches("<code>").count(), 1);
    let first = visitor.page("/events").await;
    let older = first.split("href=\"").find(|link| link.contains("before=")).expect("an older page");
    let older = older.split('"').next().unwrap().strip_prefix(&format!("/t/{}", tenant.slug)).unwrap();
    let second = visitor.page(older).await;
    assert!(second.contains("tenant.created") && !second.contains("data-stream"));
});
