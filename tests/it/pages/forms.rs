//! Every form: its token, its origin, and the role behind it.

use deputy_tests::{Tenant, on_both_databases};
use reqwest::Method;
use serde_json::json;

use super::visitor::{Visitor, form_token, origin};

async fn level(tenant: &Tenant) -> String {
    tenant.api.get("/halt").await.is(200).text_of("level")
}

on_both_databases!(a_form_without_its_sessions_token_is_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let visitor = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let other = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let others = form_token(&other.page("/halt").await);
    let fields = [("level", "all"), ("reason", "test")];
    visitor.send(Method::POST, "/halt", &fields).await.is(403);
    for token in ["", "sample", others.as_str()] {
        let mut fields = fields.to_vec();
        fields.push(("csrf", token));
        visitor.send(Method::POST, "/halt", &fields).await.is(403);
    }
    assert_eq!(level(&tenant).await, "none");
    visitor.post("/halt", &fields).await.is(303);
    assert_eq!(level(&tenant).await, "all");
});

on_both_databases!(a_form_of_another_site_is_refused, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let visitor = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let csrf = form_token(&visitor.page("/halt").await);
    let fields = [("csrf", csrf.as_str()), ("level", "all"), ("reason", "test")];
    let own = origin(&tenant.root);
    for (header, value, status) in [
        ("origin", "https://evil.example.com", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", own.as_str(), 303),
    ] {
        let request = tenant.root.without_key().request(Method::POST, "/halt");
        let request = request.header("cookie", visitor.cookie()).header(header, value).form(&fields);
        tenant.root.send(request).await.is(status);
    }
    // Signing somebody in without their knowledge would be a trick too.
    let request = tenant.root.without_key().request(Method::POST, "/sign-in");
    let request = request.header("origin", "https://evil.example.com");
    tenant.root.send(request.form(&[("key", tenant.admin_key())])).await.is(403);
});

on_both_databases!(an_auditor_sees_everything_and_changes_nothing, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let agent = tenant.agent("crawler", &["read:docs"]).await;
    let token = agent.access_token("read:docs").await;
    let auditor = Visitor::with_key(&tenant, &tenant.key("auditor", json!({})).await).await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    for page in ["/agents/crawler", "/revoke?kind=agent&id=crawler", "/halt"] {
        // The one form that is left signs out.
        assert_eq!(auditor.page(page).await.matches("method=\"post\"").count(), 1, "{page}");
        assert!(admin.page(page).await.matches("method=\"post\"").count() > 1, "{page}");
    }
    let forms: [(&str, &[(&str, &str)]); 6] = [
        ("/agents/crawler/suspend", &[]),
        ("/agents/crawler/reactivate", &[]),
        ("/revoke", &[("kind", "agent"), ("id", "crawler"), ("reason", "test")]),
        ("/halt", &[("level", "all"), ("reason", "test")]),
        ("/halt/approvals/none", &[]),
        ("/orphans/crawler/assign", &[("owner", "user:alice@example.com")]),
    ];
    for (path, fields) in forms {
        auditor.post(path, fields).await.is(403);
    }
    assert!(tenant.is_active(&token).await);
    admin.post(forms[0].0, forms[0].1).await.is(303);
    assert!(!tenant.is_active(&token).await);
    auditor.post("/sign-out", &[]).await.is(303);
});

on_both_databases!(an_agent_is_suspended_and_reactivated, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let agent = tenant.agent("crawler", &["read:docs"]).await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let done = admin.post("/agents/crawler/suspend", &[]).await.is(303);
    let page = done.header("location").unwrap();
    assert_eq!(page, format!("/t/{}/agents/{}?done=suspended", tenant.slug, agent.id));
    let shown = admin.page(page.strip_prefix(&format!("/t/{}", tenant.slug)).unwrap()).await;
    assert!(shown.contains("its tokens are dead") && shown.contains("/reactivate\""));
    agent.token(&[("scope", "read:docs")]).await.is(401);
    admin.post("/agents/crawler/reactivate", &[]).await.is(303);
    agent.token(&[("scope", "read:docs")]).await.is(200);
    admin.get("/agents/crawler?done=%3Cb%3E").await.is(400);
});
