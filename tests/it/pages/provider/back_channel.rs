//! `POST /sign-in/logout` (OpenID Connect Back-Channel Logout 1.0): what ends at the provider ends here.

use deputy_tests::issuer::{Alg, Key, Token};
use deputy_tests::{Answer, Issuer, Tenant, on_both_databases};
use serde_json::json;

use super::{ALICE, CLIENT, Place, server};

async fn told(tenant: &Tenant, token: Token) -> Answer {
    told_text(tenant, &token.seal()).await
}

async fn told_text(tenant: &Tenant, token: &str) -> Answer {
    tenant.root.without_key().form("/sign-in/logout", &[("logout_token", token)]).await
}

on_both_databases!(sessions_end_by_person_and_by_name, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let bob = place.directory.user_with("bob@example.com", json!({"externalId": "00u2bob"})).await;
    place.directory.join(&place.admins, &bob).await;
    let mut sessions = Vec::new();
    for (person, sid) in [(ALICE, "s-1"), (ALICE, "s-2"), (ALICE, "s-3"), ("00u2bob", "s-1")] {
        place.issuer.sign_in_as(person, json!({"sid": sid}));
        sessions.push(place.visitor().await);
    }
    let alive = async || {
        let mut alive = Vec::new();
        for visitor in &sessions {
            alive.push(visitor.get("/agents").await.status == 200);
        }
        alive
    };
    let (tenant, issuer) = (&place.tenant, &place.issuer);
    assert_eq!(alive().await, [true; 4]);
    // Of a person and a session both have to fit.
    let done = told(tenant, issuer.logout_token(CLIENT, Some(ALICE), Some("s-1"))).await.is(200);
    assert_eq!(done.header("cache-control").as_deref(), Some("no-store"));
    assert_eq!(alive().await, [false, true, true, true]);
    told(tenant, issuer.logout_token(CLIENT, None, Some("s-2"))).await.is(200);
    assert_eq!(alive().await, [false, false, true, true]);
    // About nobody who is signed in.
    told(tenant, issuer.logout_token(CLIENT, Some("00u9nobody"), None)).await.is(200);
    assert_eq!(alive().await, [false, false, true, true]);
    told(tenant, issuer.logout_token(CLIENT, Some(ALICE), None)).await.is(200);
    assert_eq!(alive().await, [false, false, false, true]);
    let events = tenant.events().await;
    let told = events.iter().filter(|event| event["action"] == "session.ended_by_provider");
    assert_eq!(told.count(), 4);
});

on_both_databases!(only_a_logout_token_of_the_provider_for_this_client_counts_and_once, async |db| {
    let server = server(db);
    let (place, elsewhere) = (Place::on(&server).await, Place::on(&server).await);
    let (tenant, issuer) = (&place.tenant, &place.issuer);
    let alice = place.visitor().await;
    let good = || issuer.logout_token(CLIENT, Some(ALICE), None);
    let stranger = Issuer::start().await;
    let (rogue, now) = (Key::generate(Alg::Es256), deputy_tests::jwt::now());
    let id_token = issuer.token(ALICE, CLIENT).claim("nonce", "n").claim("jti", "j").claim("sid", "s");
    let bad = [
        ("an ID token", id_token),
        ("an ID token in disguise", good().claim("nonce", "n")),
        ("no event", good().without("events")),
        ("another event", good().claim("events", json!({"http://example.com/event": {}}))),
        ("about nobody", good().without("sub")),
        ("without an id", good().without("jti")),
        ("for another client", good().claim("aud", "another")),
        ("of an unknown issuer", stranger.logout_token(CLIENT, Some(ALICE), None)),
        ("of another tenant's", elsewhere.issuer.logout_token(CLIENT, Some(ALICE), None)),
        ("signed by another", good().signed_by(&rogue)),
        ("unsigned", good().unsigned()),
        ("over", good().claim("iat", now - 900).claim("exp", now - 600)),
    ];
    for (what, token) in bad {
        let answer = told(tenant, token).await;
        assert_eq!((answer.status, &answer["error"]), (400, &json!("invalid_request")), "{what}");
        assert_eq!(alice.get("/agents").await.status, 200, "{what}");
    }
    told_text(tenant, "not.a.token").await.is_oauth_error(400, "invalid_request");
    let root = tenant.root.without_key();
    root.form("/sign-in/logout", &[]).await.is_oauth_error(400, "invalid_request");
    root.post("/sign-in/logout", json!({"logout_token": good().seal()}))
        .await
        .is_oauth_error(400, "invalid_request");
    root.get("/sign-in/logout").await.is(405);
    let (open, token) = (server.anonymous(), good().seal());
    let nobodys = open.form("/t/no-such-tenant/sign-in/logout", &[("logout_token", &token)]).await;
    nobodys.is_oauth_error(400, "invalid_request");
    alice.get("/agents").await.is(200);

    let token = good().seal();
    told_text(tenant, &token).await.is(200);
    alice.get("/agents").await.is(303);
    let again = place.visitor().await;
    told_text(tenant, &token).await.is_oauth_error(400, "invalid_request");
    again.get("/agents").await.is(200);
    assert!(!server.log().contains(&token));
    // A provider that is not for the dashboard has begun no session.
    let path = format!("/identity-providers/{}", place.id);
    tenant.api.patch(&path, json!({"dashboard": false})).await.is(200);
    told(tenant, good()).await.is_oauth_error(400, "invalid_request");
});
