//! `/t/{tenant}/connect`: a key is made, used, rotated and ended, and what it does is seen.

use std::time::Duration;

use deputy_tests::{Browser, Tenant, eventually, on_both_databases};
use fantoccini::Locator;
use serde_json::json;

use super::journeys::{nothing_was_refused, sign_in};
use super::visitor::Visitor;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The key that an answer shows.
fn shown_key(page: &str) -> String {
    let key = page.split("id=\"new-key\">").nth(1).expect("a key").split('<').next().unwrap();
    assert!(key.starts_with("dpy_"), "{key}");
    key.to_owned()
}

/// Waits until the page says it.
async fn says(visitor: &Visitor, words: &str) {
    eventually(words, Duration::from_secs(10), async || visitor.page("/connect").await.contains(words)).await;
}

/// The paths of the forms that end keys, the newest key's first.
fn ends(page: &str) -> Vec<String> {
    let path = |rest: &str| format!("/connect/keys/{}", rest.split('"').next().unwrap());
    page.split("/connect/keys/").skip(1).map(path).collect()
}

async fn asks(tenant: &Tenant, key: &str) -> u16 {
    tenant.root.below("/scim/v2").with_key(key).get("/Users").await.status
}

on_both_databases!(a_key_is_made_used_rotated_and_ended, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let empty = admin.page("/connect").await;
    assert!(empty.contains("No identity provider is connected yet"));
    assert!(empty.contains(&format!("id=\"base-url\">{}/scim/v2<", tenant.issuer)));

    let made = admin.post("/connect", &[("expires", "90d")]).await.is(200);
    assert_eq!(made.header("cache-control").as_deref(), Some("no-store"));
    let first = shown_key(&made.text);
    let page = admin.page("/connect").await;
    assert!(!page.contains(&first) && page.contains("not used yet") && page.contains(&first[..8]));
    assert!(!server.log().contains(&first));
    assert!(!tenant.events().await.iter().any(|event| event.to_string().contains(&first)));

    let scim = tenant.root.below("/scim/v2").with_key(&first);
    scim.post("/Users", json!({"schemas": [USER], "userName": "ada@example.com"})).await.is(201);
    says(&admin, "syncing").await;
    scim.post("/Users", json!({"schemas": [USER], "userName": "ada@example.com"})).await.is(409);
    says(&admin, "there is a user with the userName `ada@example.com` already").await;
    says(&admin, "refused lately").await;

    let second = shown_key(&admin.post("/connect", &[("expires", "")]).await.is(200).text);
    assert!(admin.page("/connect").await.contains("Two keys are alive"));
    let third = admin.post("/connect", &[("expires", "365d")]).await.is(409);
    assert!(third.text.contains("end the one that is not in use first") && !third.text.contains("new-key"));
    let ended = ends(&third.text)[1].clone();
    let done = admin.post(&ended, &[]).await.is(303);
    assert!(done.header("location").unwrap().ends_with("/connect?done=key_ended"));
    assert_eq!((asks(&tenant, &first).await, asks(&tenant, &second).await), (401, 200));
    assert!(admin.page("/connect?done=key_ended").await.contains("The key has ended"));
    admin.post(&ended, &[]).await.is(404);
    shown_key(&admin.post("/connect", &[("expires", "365d")]).await.is(200).text);
});

on_both_databases!(only_keys_of_identity_providers_end_there, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let other = tenant.api.post("/keys", json!({"role": "importer"})).await.is(201);
    admin.post(&format!("/connect/keys/{}/end", other.text_of("id")), &[]).await.is(404);
    let kept = tenant.api.get("/keys").await.is(200);
    assert!(kept.items().iter().any(|key| key["id"] == other["id"]));
    let refused = admin.post("/connect", &[("expires", "soon")]).await.is(400);
    assert!(refused.text.contains("role=\"alert\"") && ends(&refused.text).is_empty());
    // The bound is the page's: a program is given what it asks for.
    for _ in 0..3 {
        tenant.key("scim", json!({})).await;
    }
    assert_eq!(ends(&admin.page("/connect").await).len(), 3);
    admin.post("/connect", &[("expires", "365d")]).await.is(409);
});

on_both_databases!(an_auditor_sees_the_keys_and_no_button, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let admin = Visitor::with_key(&tenant, tenant.admin_key()).await;
    let auditor = Visitor::with_key(&tenant, &tenant.key("auditor", json!({})).await).await;
    let forms = |page: &str| page.matches("method=\"post\"").count();
    assert!(auditor.page("/connect").await.contains("An administrator makes a key"));
    let key = shown_key(&admin.post("/connect", &[("expires", "365d")]).await.is(200).text);
    let page = auditor.page("/connect").await;
    assert!(page.contains(&key[..8]) && page.contains("not used yet"));
    assert_eq!((forms(&page), forms(&admin.page("/connect").await)), (1, 3), "one signs out");
    let end = ends(&admin.page("/connect").await)[0].clone();
    auditor.post("/connect", &[("expires", "365d")]).await.is(403);
    auditor.post(&end, &[]).await.is(403);
    assert_eq!(asks(&tenant, &key).await, 200);
});

on_both_databases!(from_the_empty_page_to_a_sync_and_the_end, async |db| {
    let Some(browser) = Browser::open().await else { return };
    let server = db.server();
    let tenant = server.tenant().await;
    sign_in(&browser, &tenant).await;
    browser.click("nav a[href$='/connect']").await;
    browser.until("No identity provider is connected yet").await;
    browser.click(".make button").await;
    browser.until("cannot be shown again").await;
    let key = browser.find(Locator::Css("#new-key")).await.unwrap().text().await.unwrap();
    assert!(!browser.current_url().await.unwrap().as_str().contains(&key));
    assert_eq!(asks(&tenant, &key).await, 200);
    eventually("the first sync", Duration::from_secs(10), async || {
        browser.click("nav a[href$='/connect']").await;
        browser.page_text().await.contains("syncing")
    })
    .await;
    assert!(!browser.page_text().await.contains(&key));
    browser.click(".make button").await;
    browser.until("Two keys are alive").await;
    let end = async |accept: bool| {
        browser.click(".keys tr:last-child .quiet-danger").await;
        if accept { browser.accept_alert().await } else { browser.dismiss_alert().await }.unwrap();
    };
    end(false).await;
    assert_eq!(asks(&tenant, &key).await, 200);
    end(true).await;
    browser.until("The key has ended").await;
    assert_eq!(asks(&tenant, &key).await, 401);
    nothing_was_refused(&browser).await;
});
