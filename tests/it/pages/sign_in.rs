//! `/t/{tenant}/sign-in`, `/sign-out`: sessions, and who has none.

use deputy_tests::on_both_databases;
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::visitor::Visitor;

const PAGES: [&str; 7] = ["/", "/agents", "/agents/nobody", "/orphans", "/events", "/revoke", "/halt"];

on_both_databases!(a_page_without_a_session_leads_to_the_sign_in, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let nobody = Visitor::new(&tenant);
    for page in PAGES {
        let answer = nobody.get(page).await.is(303);
        assert_eq!(answer.header("location"), Some(format!("/t/{}/sign-in", tenant.slug)), "{page}");
    }
    for form in ["/sign-out", "/revoke", "/halt", "/agents/a/suspend", "/orphans/a/assign"] {
        nobody.send(Method::POST, form, &[]).await.is(401);
    }
    let stream = tenant.root.request(Method::GET, "/events/stream").header("accept", "text/event-stream");
    tenant.root.send(stream).await.is(401);
    let signed = Visitor::with_key(&tenant, tenant.admin_key()).await;
    for page in PAGES {
        signed.get(page).await.is(if page == "/agents/nobody" { 404 } else { 200 });
    }
    // The cookie is sent below the slash only.
    let bare = server.anonymous().get(&format!("/t/{}", tenant.slug)).await.is(303);
    assert_eq!(bare.header("location"), Some(format!("/t/{}/", tenant.slug)));
});

on_both_databases!(a_key_becomes_a_session_and_only_the_cookie_knows_it, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let mut visitor = Visitor::new(&tenant);
    let answer = visitor.sign_in(tenant.admin_key()).await;
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", &format!("Path=/t/{}/;", tenant.slug)] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "over http it would never come back: {cookie}");
    assert_eq!(answer.header("location"), Some(format!("/t/{}/", tenant.slug)));
    let secret = visitor.cookie().split_once('=').unwrap().1.to_owned();
    let page = visitor.page("/agents").await;
    assert!(!page.contains(&secret) && !page.contains(tenant.admin_key()));
    assert!(!server.log().contains(&secret) && !server.log().contains(tenant.admin_key()));

    visitor.post("/sign-out", &[]).await.is(303);
    visitor.get("/agents").await.is(303);
    let actions: Vec<_> = tenant.events().await.iter().map(|event| event["action"].clone()).collect();
    assert!(actions.contains(&json!("session.started")) && actions.contains(&json!("session.ended")));
});

on_both_databases!(only_a_key_for_people_of_this_tenant_signs_in, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let nobody = Visitor::new(&tenant);
    let scim = tenant.key("scim", json!({})).await;
    let platform = server.platform().key().unwrap().to_owned();
    for (key, status) in
        [("dpy_wrong", 401), ("", 401), (foreign.admin_key(), 401), (&platform, 401), (&scim, 403)]
    {
        let answer = nobody.send(Method::POST, "/sign-in", &[("key", key)]).await.is(status);
        assert!(answer.header("set-cookie").is_none(), "{key}");
        assert!(answer.text.contains("id=\"key\"") && !answer.text.contains("dpy_w"), "the form again");
    }
    let auditor = tenant.key("auditor", json!({})).await;
    Visitor::with_key(&tenant, &auditor).await.page("/").await;

    // Whether there is such a tenant is nobody's business.
    let gone = server.anonymous().get("/t/no-such-tenant/sign-in").await.is(200).text;
    let here = server.anonymous().get(&format!("/t/{}/sign-in", tenant.slug)).await.is(200).text;
    assert_eq!(gone.replace("no-such-tenant", &tenant.slug), here);
    let answer = server.anonymous().form("/t/no-such-tenant/sign-in", &[("key", "dpy_wrong")]).await;
    answer.is(401);
});

on_both_databases!(a_session_opens_its_own_tenant_and_ends_with_its_key, async |db| {
    let server = db.server();
    let (tenant, foreign) = (server.tenant().await, server.tenant().await);
    let made = tenant.api.post("/keys", json!({"role": "admin"})).await.is(201);
    let visitor = Visitor::with_key(&tenant, &made.text_of("key")).await;
    visitor.get("/agents").await.is(200);
    visitor.at(&foreign).get("/agents").await.is(303);
    visitor.at(&foreign).send(Method::POST, "/halt", &[]).await.is(401);
    tenant.api.delete(&format!("/keys/{}", made.text_of("id"))).await.is(204);
    visitor.get("/agents").await.is(303);
});

on_both_databases!(who_fails_too_often_has_to_wait, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let mut tries = JoinSet::new();
    for _ in 0..20 {
        let root = tenant.root.clone();
        tries.spawn(async move {
            for _ in 0..100 {
                let answer = root.form("/sign-in", &[("key", "dpy_wrong")]).await;
                if answer.status != 401 {
                    return Some(answer.is(429).header("retry-after").expect("how long"));
                }
            }
            None
        });
    }
    let waits: Vec<u64> =
        tries.join_all().await.into_iter().flatten().flat_map(|secs| secs.parse()).collect();
    let longest = waits.into_iter().max().expect("somebody has to wait");
    tokio::time::sleep(std::time::Duration::from_secs(longest + 1)).await;
    Visitor::with_key(&tenant, tenant.admin_key()).await;
});
