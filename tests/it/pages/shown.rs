//! What pages show: names that try to break out, counts that are true, searches and pages of lists.

use deputy_tests::on_both_databases;
use serde_json::json;

use super::visitor::Visitor;

const EVIL: &str = "\"><script>alert(1)</script>";

on_both_databases!(names_are_escaped_wherever_they_stand, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.agent_with("crawler", &["read:docs"], json!({"display_name": EVIL}), json!({})).await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    tenant.api.put("/halt", json!({"level": "noncritical", "reason": EVIL})).await.is(200);
    let query = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let pages = [
        "/".to_owned(),
        "/agents".to_owned(),
        "/agents/crawler".to_owned(),
        format!("/agents?q={query}&owner={query}&state={query}"),
        format!("/events?q={query}"),
        format!("/revoke?kind=agent&id={query}"),
        "/halt".to_owned(),
    ];
    for path in pages {
        let answer = admin.get(&path).await.is(200);
        assert!(!answer.text.contains("<script>alert"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"), "{path}");
    }
    assert!(admin.page("/halt").await.contains("&#60;script&#62;"), "the reason is there, escaped");
});

on_both_databases!(counts_are_of_what_lives, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let agent = tenant.agent("crawler", &["read:docs"]).await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    assert!(admin.page("/agents/crawler").await.contains("No token of this agent is alive."));
    agent.access_token("read:docs").await;
    agent.access_token("read:docs").await;
    let page = admin.page("/agents/crawler").await;
    assert_eq!(page.matches("kind=credential").count(), 2, "a row for each");
    assert!(admin.page("/").await.contains("held by 1 agent"));
    tenant.revoke(json!({"agent": "crawler"})).await;
    assert!(admin.page("/agents/crawler").await.contains("No token of this agent is alive."));
    assert!(admin.page("/").await.contains("no agent holds one"));
});

on_both_databases!(agents_are_searched_and_turned_over, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let body = |name: &str| json!({"name": name, "owners": ["user:bob@example.com"]});
    for number in 0..52 {
        let name = format!("worker-{number:02}");
        tenant.api.post("/agents?create_owners=true", body(&name)).await.is(201);
    }
    tenant.agent("crawler", &["read:docs"]).await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let first = admin.page("/agents?q=worker").await;
    assert!(first.contains("worker-49") && !first.contains("worker-50") && !first.contains("crawler"));
    let next = first.split("href=\"").find(|link| link.contains("cursor=")).expect("a next page");
    let next = next.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    let second = admin.page(next.strip_prefix(&format!("/t/{}", tenant.slug)).unwrap()).await;
    assert!(second.contains("worker-50") && second.contains("worker-51") && !second.contains("worker-49"));
    let alices = admin.page("/agents?owner=alice%40example.com").await;
    assert!(alices.contains("crawler") && !alices.contains("worker-00"));
    tenant.api.post("/agents/worker-07/suspend", json!({})).await.is(200);
    let suspended = admin.page("/agents?state=suspended").await;
    assert!(suspended.contains("worker-07") && !suspended.contains("worker-08"));
    assert!(admin.page("/agents?q=nobody").await.contains("No agent matches"));
});

on_both_databases!(the_ceiling_says_which_leg_refuses, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let tools =
        json!({"tools": {"transfer": {"amount": {"constraint_type": "range", "min": 0, "max": 500}}}});
    tenant.agent_with("crawler", &["read:docs"], json!({"allowed_scopes": ["write:docs"]}), tools).await;
    let page = Visitor::with_key(&tenant, tenant.admin_key()).await.page("/agents/crawler").await;
    for words in ["Role bindings", "Allowed scopes", "read:docs", "write:docs", "amount 0 to 500", "15 min"] {
        assert!(page.contains(words), "{words}");
    }
});
