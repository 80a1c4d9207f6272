//! A sign-in as it should be, who may not, and what the browser is told when the provider does not answer.

use std::time::Duration;

use deputy_tests::issuer::{Behaviour, TOKEN};
use deputy_tests::{eventually, on_both_databases};
use reqwest::Method;
use serde_json::json;

use super::super::visitor::{Visitor, origin};
use super::{Place, SECRET, cookie, refused, server};

on_both_databases!(who_comes_back_is_signed_in, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let tenant = &place.tenant;
    let form = Visitor::new(tenant).page("/sign-in").await;
    assert!(form.contains("Sign in with 127.0.0.1") && form.contains("id=\"key\""));

    let begun = place.press().await.is(200);
    let policy = begun.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self';") && !begun.text.contains("<form"), "{policy}");
    let line = begun.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Max-Age=900", &format!("Path=/t/{}/sign-in;", tenant.slug)] {
        assert!(line.contains(part), "{line}");
    }
    let attempt = place.begin().await;
    let query = place.query(&attempt).await;
    let answer = place.come_back(Some(&attempt.cookie), &format!("{query}&session_state=x")).await.is(200);
    let lines: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect();
    assert!(lines.iter().any(|line| line.starts_with("deputy_session=") && line.contains("SameSite=Strict")));
    assert!(lines.iter().any(|line| line.starts_with("deputy_sign_in=;") && line.contains("Max-Age=0")));
    let onward = format!("content=\"0; url=/t/{}/\"", tenant.slug);
    assert!(answer.text.contains(&onward) && answer.text.contains("You are signed in"));

    let alice = Visitor::with_cookie(tenant, &cookie(&answer, "deputy_session").unwrap());
    assert!(alice.page("/").await.contains("<span>admin</span>"));
    let done = alice.post("/halt", &[("level", "noncritical"), ("reason", "test")]).await.is(303);
    assert!(done.header("location").unwrap().ends_with("done=halted"));
    let events = tenant.events().await;
    let told = events.iter().find(|event| event["action"] == "session.started").expect("an event");
    assert_eq!(told["actor"], format!("user:{}", place.alice));
    let halted = events.iter().find(|event| event["action"] == "halt.changed").expect("an event");
    assert_eq!(halted["actor"], told["actor"]);

    let log = server.log();
    let members = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value);
    for secret in members.filter(|value| value.len() > 15 && !value.starts_with("http")) {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    assert!(!log.contains(attempt.cookie.split_once('=').unwrap().1) && !log.contains(SECRET));
});

on_both_databases!(only_an_active_person_with_a_role_is_signed_in, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    place.issuer.sign_in_as("00u9nobody", json!({"email": "alice@example.com", "email_verified": true}));
    refused(&place.attempt().await, 401, "nobody here is who it says you are");

    let bob = place.directory.user_with("bob@example.com", json!({"externalId": "00u2bob"})).await;
    place.issuer.sign_in_as("00u2bob", json!({}));
    refused(&place.attempt().await, 403, "no group of yours has a role");
    let events = place.tenant.events().await;
    let told = events.iter().find(|event| event["action"] == "session.refused").expect("an event");
    assert_eq!(told["actor"], format!("user:{bob}"));

    let auditors = place.directory.group("auditors", &[&bob]).await;
    let visitor = place.visitor().await;
    assert!(visitor.page("/").await.contains("<span>auditor</span>"), "the group's name in any case");
    visitor.post("/halt", &[("level", "all"), ("reason", "test")]).await.is(403);

    place.directory.set_active(&bob, false).await;
    refused(&place.attempt().await, 401, "nobody here is who it says you are");
    place.directory.set_active(&bob, true).await;
    place.attempt().await.is(200);
    place.directory.part(&auditors, &bob).await;
    refused(&place.attempt().await, 403, "no group of yours has a role");
});

on_both_databases!(only_a_provider_that_is_for_the_dashboard_has_a_button, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let path = format!("/identity-providers/{}", place.id);
    let nobody = Visitor::new(&place.tenant);
    let attempt = place.begin().await;
    let query = place.query(&attempt).await;
    place.tenant.api.patch(&path, json!({"dashboard": false})).await.is(200);
    assert!(!nobody.page("/sign-in").await.contains("Sign in with"));
    refused(&place.press().await, 401, "Nobody can sign in with that identity provider");
    refused(&place.come_back(Some(&attempt.cookie), &query).await, 401, "Begin again");
    for provider in ["", "no-such-provider"] {
        let answer = nobody.send(Method::POST, "/sign-in/begin", &[("provider", provider)]).await;
        assert!(matches!(answer.status, 400 | 401) && cookie(&answer, "deputy_sign_in").is_none());
    }
    let foreign = server.tenant().await;
    let other = Visitor::new(&foreign).send(Method::POST, "/sign-in/begin", &[("provider", &place.id)]).await;
    refused(&other, 401, "Nobody can sign in with that identity provider");
    place.tenant.api.patch(&path, json!({"dashboard": true})).await.is(200);
    assert!(nobody.page("/sign-in").await.contains("Sign in with"));
    place.attempt().await.is(200);
});

on_both_databases!(no_other_site_begins_a_sign_in, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    let root = place.tenant.root.without_key();
    let own = origin(&root);
    let form = [("provider", place.id.as_str())];
    for (header, value, status) in [
        ("origin", "https://evil.example.com", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("origin", own.as_str(), 200),
    ] {
        let request = root.request(Method::POST, "/sign-in/begin").header(header, value).form(&form);
        root.send(request).await.is(status);
    }
    root.get("/sign-in/begin").await.is(405);
});

on_both_databases!(a_provider_that_does_not_answer_is_said_to_be_away, async |db| {
    let server = server(db);
    let place = Place::on(&server).await;
    place.issuer.stop().await;
    refused(&place.press().await, 503, "cannot be reached right now");
    // The key is what is left then.
    Visitor::with_key(&place.tenant, place.tenant.admin_key()).await.page("/").await;
    place.issuer.start_again();
    let again = async || place.press().await.status == 200;
    eventually("it is asked again", Duration::from_secs(20), again).await;
    place.issuer.behave(TOKEN, Behaviour::Close);
    refused(&place.attempt().await, 503, "cannot be reached right now");
    place.issuer.behave_well();
    place.attempt().await.is(200);
});
