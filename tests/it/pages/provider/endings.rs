//! A session is worth what its person and its provider are worth now: it ends, or changes, with them at once.

use deputy_tests::on_both_databases;
use deputy_tests::stream::EventStream;
use reqwest::Method;
use serde_json::json;

use super::super::visitor::Visitor;
use super::{Place, entry, server};

on_both_databases!(a_session_ends_with_its_provider, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let (alice, root) = (place.visitor().await, place.tenant.root.without_key());
    let with_key = Visitor::with_key(&place.tenant, place.tenant.admin_key()).await;
    let path = format!("/identity-providers/{}", place.id);
    alice.get("/agents").await.is(200);
    place.tenant.api.patch(&path, json!({"dashboard": false})).await.is(200);
    alice.get("/agents").await.is(303);
    place.tenant.api.patch(&path, json!({"dashboard": true})).await.is(200);
    alice.get("/agents").await.is(200);

    let request = root.request(Method::GET, "/events/stream").header("cookie", alice.cookie());
    let mut stream = EventStream::of(request).await;
    place.tenant.api.delete(&path).await.is(204);
    alice.get("/agents").await.is(303);
    alice.send(Method::POST, "/halt", &[("level", "all"), ("reason", "test")]).await.is(401);
    while let Some(told) = stream.next().await {
        assert_ne!(told.data["action"], "identity_provider.deleted", "a stream ends with its session");
    }
    with_key.get("/agents").await.is(200);
    // Registered anew it begins sessions again.
    let made = place.tenant.api.post("/identity-providers", entry(&place.issuer)).await.is(201);
    let place = Place { id: made.text_of("id"), ..place };
    place.visitor().await.get("/agents").await.is(200);
});

on_both_databases!(a_role_at_the_dashboard_is_that_of_the_groups_now, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let directory = &place.directory;
    let alice = place.visitor().await;
    let role = async || {
        let page = alice.get("/").await;
        let of = |role: &str| page.text.contains(&format!("<span>{role}</span>"));
        if of("admin") {
            "admin"
        } else if of("auditor") {
            "auditor"
        } else {
            "none"
        }
    };
    assert_eq!(role().await, "admin");
    let auditors = directory.group("Auditors", &[&place.alice]).await;
    assert_eq!(role().await, "admin", "the stronger of two");
    directory.part(&place.admins, &place.alice).await;
    assert_eq!(role().await, "auditor");
    alice.post("/halt", &[("level", "all"), ("reason", "test")]).await.is(403);
    directory.part(&auditors, &place.alice).await;
    assert_eq!(role().await, "none");
    alice.get("/").await.is(303);
    directory.join(&place.admins, &place.alice).await;
    assert_eq!(role().await, "admin");
    alice.post("/halt", &[("level", "noncritical"), ("reason", "test")]).await.is(303);
    place.tenant.api.patch("/settings", json!({"dashboard_roles": {"Admins": null}})).await.is(200);
    assert_eq!(role().await, "none");
});

on_both_databases!(a_session_ends_with_its_person, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let bob = place.directory.user_with("bob@example.com", json!({"externalId": "00u2bob"})).await;
    place.directory.join(&place.admins, &bob).await;
    let alice = place.visitor().await;
    place.issuer.sign_in_as("00u2bob", json!({}));
    let bobs = place.visitor().await;
    place.directory.set_active(&place.alice, false).await;
    alice.get("/agents").await.is(303);
    bobs.get("/agents").await.is(200);
    place.directory.scim.delete(&format!("/Users/{bob}")).await.is(204);
    bobs.get("/agents").await.is(303);
});

on_both_databases!(who_signs_out_is_signed_out_here, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let (alice, at_home) = (place.visitor().await, place.visitor().await);
    alice.post("/sign-out", &[]).await.is(303);
    alice.get("/agents").await.is(303);
    at_home.get("/agents").await.is(200);
    let foreign = Place::on(&server).await;
    at_home.at(&foreign.tenant).get("/agents").await.is(303);
});
