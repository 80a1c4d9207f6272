//! The browser's secret is replaced after an hour, without anybody noticing.

use deputy_tests::stream::EventStream;
use deputy_tests::{Answer, Server, on_both_databases};
use reqwest::Method;

use super::super::visitor::{Visitor, form_token};
use super::{ALICE, CLIENT, Place, cookie, server};

/// What was begun is an hour older than it was.
async fn an_hour_passes(server: &Server) {
    server.store().execute("UPDATE sessions SET created_at = created_at - 3700000").await;
}

/// A minute passes for what was replaced.
async fn a_minute_passes(server: &Server) {
    let text = "UPDATE sessions SET expires_at = expires_at - 61000";
    server.store().execute(text).await;
}

fn fresh(answer: &Answer) -> Option<String> {
    cookie(answer, "deputy_session")
}

on_both_databases!(a_page_brings_a_new_secret_and_the_old_one_soon_ends, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let tenant = &place.tenant;
    for by_key in [false, true] {
        let visitor = match by_key {
            true => Visitor::with_key(tenant, tenant.admin_key()).await,
            false => place.visitor().await,
        };
        assert_eq!(fresh(&visitor.get("/agents").await.is(200)), None, "it is young");
        an_hour_passes(&server).await;
        let line = visitor.get("/agents").await.is(200).header("set-cookie").expect("a new secret");
        for part in ["HttpOnly", "SameSite=Strict", &format!("Path=/t/{}/", tenant.slug)] {
            assert!(line.contains(part), "{line}");
        }
        let renewed = Visitor::with_cookie(tenant, line.split(';').next().unwrap());
        assert_ne!(renewed.cookie(), visitor.cookie());
        assert_eq!(fresh(&renewed.get("/agents").await.is(200)), None, "it is young again");
        // What is under way with the old one ends well, and brings no third.
        assert_eq!(fresh(&visitor.get("/agents").await.is(200)), None);
        a_minute_passes(&server).await;
        visitor.get("/agents").await.is(303);
        renewed.get("/agents").await.is(200);
    }
});

on_both_databases!(two_tabs_go_on_in_any_order, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let alice = place.visitor().await;
    let csrf = form_token(&alice.page("/events").await);
    an_hour_passes(&server).await;
    let (one, other) = tokio::join!(alice.get("/agents"), alice.get("/halt"));
    let (one, other) = (fresh(&one.is(200)), fresh(&other.is(200)));
    a_minute_passes(&server).await;
    let all: Vec<String> = [one, other].into_iter().flatten().collect();
    assert!(!all.is_empty(), "somebody brings a new secret");
    // The browser keeps whichever came last; a form of before goes with it.
    for secret in &all {
        let tab = Visitor::with_cookie(&place.tenant, secret);
        tab.get("/agents").await.is(200);
        let fields = [("csrf", csrf.as_str()), ("level", "noncritical"), ("reason", "test")];
        tab.send(Method::POST, "/halt", &fields).await.is(303);
    }
});

on_both_databases!(neither_a_form_nor_a_stream_brings_a_secret, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let alice = place.visitor().await;
    let csrf = form_token(&alice.page("/events").await);
    an_hour_passes(&server).await;
    let fields = [("csrf", csrf.as_str()), ("level", "noncritical"), ("reason", "test")];
    assert_eq!(fresh(&alice.send(Method::POST, "/halt", &fields).await.is(303)), None);
    let root = place.tenant.root.without_key();
    let request = root.request(Method::GET, "/events/stream").header("cookie", alice.cookie());
    let answer = request.header("accept", "text/event-stream").send().await.unwrap();
    assert!(answer.status().is_success() && answer.headers().get("set-cookie").is_none());
    assert!(fresh(&alice.get("/agents").await.is(200)).is_some());
});

on_both_databases!(signing_out_ends_the_secrets_of_before_too, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let (alice, at_home) = (place.visitor().await, place.visitor().await);
    an_hour_passes(&server).await;
    let renewed = fresh(&alice.get("/agents").await.is(200)).expect("a new secret");
    let renewed = Visitor::with_cookie(&place.tenant, &renewed);
    let request = place.tenant.root.request(Method::GET, "/events/stream").header("cookie", alice.cookie());
    let mut stream = EventStream::of(request).await;
    alice.get("/agents").await.is(200);
    renewed.post("/sign-out", &[]).await.is(303);
    renewed.get("/agents").await.is(303);
    alice.get("/agents").await.is(303);
    at_home.get("/agents").await.is(200);
    place.tenant.agent("crawler", &["read:docs"]).await;
    while let Some(told) = stream.next().await {
        assert_ne!(told.data["action"], "agent.created", "a stream ends with its session");
    }
});

on_both_databases!(the_provider_ends_what_was_renewed, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let alice = place.visitor().await;
    an_hour_passes(&server).await;
    let renewed = fresh(&alice.get("/agents").await.is(200)).expect("a new secret");
    let renewed = Visitor::with_cookie(&place.tenant, &renewed);
    renewed.get("/agents").await.is(200);
    let token = place.issuer.logout_token(CLIENT, Some(ALICE), None).seal();
    place.tenant.root.without_key().form("/sign-in/logout", &[("logout_token", &token)]).await.is(200);
    alice.get("/agents").await.is(303);
    renewed.get("/agents").await.is(303);
});
