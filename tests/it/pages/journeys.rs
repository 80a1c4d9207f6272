//! The main journeys in a real Chromium, with nothing refused by the page's own policy.

use deputy_tests::{Browser, Starting, Tenant, on_both_databases};
use fantoccini::Locator;
use serde_json::json;

use super::set_up::link;

/// Signs in as the tenant's administrator.
pub async fn sign_in(browser: &Browser, tenant: &Tenant) {
    browser.goto(&tenant.root.url("/")).await.unwrap();
    browser.until("Sign in").await;
    browser.fill("#key", tenant.admin_key()).await;
    browser.click("button.primary").await;
    browser.until("Overview").await;
}

/// Nothing broke the page's own policy.
pub async fn nothing_was_refused(browser: &Browser) {
    let said = browser.console().await;
    assert!(said.is_empty(), "{said:#?}");
}

on_both_databases!(from_the_set_up_link_to_the_agents, async |db| {
    let Some(browser) = Browser::open().await else { return };
    let server = Starting::on(db.empty()).start();
    browser.goto(&link(&server).await).await.unwrap();
    browser.fill("#name", "Acme <b>Corporation</b>").await;
    browser.fill("#slug", "acme").await;
    browser.click("button.primary").await;
    browser.until("Acme <b>Corporation</b> is ready").await;
    let key = browser.find(Locator::Css("#admin-key")).await.unwrap().text().await.unwrap();
    assert!(key.starts_with("dpy_"));
    browser.click("a.button.primary").await;
    browser.fill("#key", "dpy_wrong").await;
    browser.click("button.primary").await;
    browser.until("That key is not known here.").await;
    browser.console().await; // The 401 of the wrong key.
    browser.fill("#key", &key).await;
    browser.click("button.primary").await;
    browser.until("Overview").await;
    browser.click("nav a[href$='/agents']").await;
    browser.until("No agents yet").await;
    browser.click("form[action$='/sign-out'] button").await;
    browser.until("Sign in").await;
    browser.goto(&format!("{}/t/acme/agents", server.url())).await.unwrap();
    browser.until("Sign in").await;
    nothing_was_refused(&browser).await;
});

on_both_databases!(from_an_agent_over_its_reach_to_its_end, async |db| {
    let Some(browser) = Browser::open().await else { return };
    let server = db.server();
    let tenant = server.tenant().await;
    let agent = tenant.agent("crawler", &["read:docs"]).await;
    let token = agent.access_token("read:docs").await;
    sign_in(&browser, &tenant).await;
    browser.click("nav a[href$='/agents']").await;
    browser.click("th.name a").await;
    browser.until("Live tokens").await;
    browser.click("a.quiet-danger[href*='kind=agent']").await;
    browser.until("live token ends").await;
    assert!(tenant.is_active(&token).await, "looking changes nothing");
    browser.fill("#reason", "the laptop was stolen").await;
    browser.click("button.danger").await;
    browser.until("Revoked, and in force now.").await;
    assert!(!tenant.is_active(&token).await);
    nothing_was_refused(&browser).await;
});

on_both_databases!(events_appear_as_they_happen, async |db| {
    let Some(browser) = Browser::open().await else { return };
    let server = db.server();
    let tenant = server.tenant().await;
    tenant.agent("crawler", &["read:docs"]).await;
    sign_in(&browser, &tenant).await;
    browser.click("nav a[href$='/events']").await;
    browser.until("Live").await;
    tenant.api.post("/agents/crawler/suspend", json!({})).await.is(200);
    browser.until("agent.suspended").await;
    let row = browser.find(Locator::Css("tr.fresh a")).await.unwrap();
    assert_eq!(row.text().await.unwrap(), "crawler");
    row.click().await.unwrap();
    browser.until("Suspended: it gets no token").await;
    nothing_was_refused(&browser).await;
});

on_both_databases!(a_halt_asks_before_it_halts, async |db| {
    let Some(browser) = Browser::open().await else { return };
    let server = db.server();
    let tenant = server.tenant().await;
    sign_in(&browser, &tenant).await;
    browser.click("nav a[href$='/halt']").await;
    let set = async |accept: bool| {
        browser.click("input[value='all']").await;
        browser.fill("#reason", "a drill").await;
        browser.click("button.danger").await;
        if accept { browser.accept_alert().await } else { browser.dismiss_alert().await }.unwrap();
    };
    set(false).await;
    assert_eq!(tenant.api.get("/halt").await.is(200)["level"], "none");
    set(true).await;
    browser.until("Halted at level all").await;
    assert_eq!(tenant.api.get("/halt").await.is(200)["level"], "all");
    nothing_was_refused(&browser).await;
});
