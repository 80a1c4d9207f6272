//! In a real Chromium, with a provider that we did not write, on another site than ours: set up, tried, used, left.

use std::time::Duration;

use deputy_tests::{Browser, Directory, Upstream, eventually, on_both_databases};
use fantoccini::Locator;
use serde_json::json;

use super::super::journeys::sign_in;
use super::{CLIENT, SECRET, server};

on_both_databases!(from_an_empty_page_to_a_sign_in_and_its_end, async |db| {
    let Some(browser) = Browser::open().await else { return };
    let Some(upstream) = Upstream::start_cross_site(json!([]), json!({})) else { return };
    let server = server(db);
    let tenant = server.tenant().await;
    let directory = Directory::of(&tenant).await;
    let alice = directory.user_with("alice@example.com", json!({"externalId": "alice"})).await;
    directory.group("Auditors", &[&alice]).await;
    tenant.api.patch("/settings", json!({"dashboard_roles": {"Auditors": "auditor"}})).await.is(200);

    sign_in(&browser, &tenant).await;
    browser.click("nav a[href$='/identity-providers']").await;
    browser.until("No identity provider is registered yet").await;
    browser.click(".empty a.primary").await;
    browser.fill("#issuer", upstream.issuer()).await;
    browser.fill("#client_id", CLIENT).await;
    browser.fill("#client_secret", SECRET).await;
    browser.click("label[for='dashboard']").await;
    let text = async |css: &str| browser.find(Locator::Css(css)).await.unwrap().text().await.unwrap();
    let (redirect, logout) = (text("#redirect-uri").await, text("#logout-uri").await);
    upstream.clients(json!([{
        "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [redirect],
        "backchannel_logout_uri": logout,
    }]));
    browser.click("main button.primary").await;
    browser.until("Registered.").await;
    browser.click("form[action$='/test#test'] button").await;
    browser.until("the client id and secret are accepted").await;
    browser.fill("#token", &upstream.id_token("alice").await).await;
    browser.click("form[action$='/test#test'] button").await;
    browser.until("list its audience").await;
    assert_eq!(browser.find(Locator::Css("#token")).await.unwrap().text().await.unwrap(), "");

    browser.click("form[action$='/sign-out'] button").await;
    browser.until("Sign in with localhost").await;
    browser.click(".ways button").await;
    browser.fill("#account", "alice").await;
    assert!(browser.current_url().await.unwrap().as_str().starts_with(upstream.issuer()));
    browser.click("#sign-in").await;
    browser.until("Recent events").await;
    assert_eq!(browser.current_url().await.unwrap().path(), format!("/t/{}/", tenant.slug));
    assert_eq!(text(".whose span").await, "auditor");
    browser.click("nav a[href$='/agents']").await;
    browser.until("No agents yet").await;
    let said = browser.console().await;
    let ours: Vec<_> = said.iter().filter(|line| !line.starts_with(upstream.issuer())).collect();
    assert!(ours.is_empty(), "{ours:#?}");

    let end = upstream.metadata().await["end_session_endpoint"].as_str().unwrap().to_owned();
    browser.goto(&end).await.unwrap();
    browser.click("button[name='logout']").await;
    eventually("the session ends", Duration::from_secs(10), async || {
        browser.goto(&tenant.root.url("/agents")).await.unwrap();
        browser.page_text().await.contains("Sign in with localhost")
    })
    .await;
    let events = tenant.events().await;
    assert!(events.iter().any(|event| event["action"] == "session.ended_by_provider"));
});
