//! The dashboard, as a person with a browser meets it.

use deputy_tests::{Browser, on_both_databases};

on_both_databases!(a_browser_reaches_the_server, async |db| {
    let server = db.server();
    let Some(browser) = Browser::open().await else { return };
    browser.goto(&format!("{}/healthz", server.url())).await.unwrap();
    assert!(!browser.page_text().await.is_empty());
});
