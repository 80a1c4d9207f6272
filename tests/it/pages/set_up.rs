//! `/`, `/open`, `/setup`: the first minutes of an installation.

use std::time::Duration;

use deputy_tests::{Server, Starting, on_both_databases};
use reqwest::Method;

/// The link that the server prints, a moment after it listens.
pub async fn link(server: &Server) -> String {
    for _ in 0..100 {
        let log = server.log();
        if let Some(at) = log.find(&format!("{}/setup?code=", server.url()))
            && let Some((link, _)) = log[at..].split_once(char::is_whitespace)
        {
            return link.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no link in {}", server.log())
}

on_both_databases!(a_link_makes_the_first_tenant_once, async |db| {
    let server = Starting::on(db.empty()).start();
    let link = link(&server).await;
    let (_, code) = link.split_once("code=").unwrap();
    let open = server.anonymous();
    for _ in 0..2 {
        let form = open.get(&format!("/setup?code={code}")).await.is(200).text;
        assert!(form.contains("name=\"code\""), "looking does not use it up");
    }
    let submit = async |code: &str, slug: &str| {
        let request = open.request(Method::POST, "/setup").header("origin", server.url());
        let fields = [("code", code), ("name", "Acme & Sons"), ("slug", slug)];
        open.send(request.form(&fields)).await
    };
    submit("wrong", "acme").await.is(403);
    let refused = submit(code, "Not A Slug").await.is(400);
    assert!(refused.text.contains("Short name") && refused.text.contains("Acme &#38; Sons"));
    let done = submit(code, "acme").await.is(200);
    let key = done.text.split("id=\"admin-key\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(key.starts_with("dpy_"));
    assert_eq!(done.header("cache-control").as_deref(), Some("no-store"));
    submit(code, "other").await.is(409);
    let api = open.with_key(key);
    api.get("/t/acme/api/v1/agents").await.is(200);
    assert!(!server.log().contains(key));
});

on_both_databases!(a_set_up_installation_prints_no_link, async |db| {
    let server = db.server();
    server.tenant().await;
    let mut server = server;
    server.restart();
    let restarted = server.log();
    assert!(!restarted.rsplit("listening").next().unwrap().contains("/setup?code="), "{restarted}");
});

#[tokio::test]
async fn the_start_page_leads_to_a_tenant() {
    let server = deputy_tests::Database::Sqlite.server();
    let open = server.anonymous();
    assert!(open.get("/").await.is(200).text.contains("Open your tenant"));
    let answer = open.get("/open?tenant=acme").await.is(303);
    assert_eq!(answer.header("location").as_deref(), Some("/t/acme/"));
    for bad in ["", "%2F%2Fevil.example.com", "a%0d%0ab", "A"] {
        open.get(&format!("/open?tenant={bad}")).await.is(200);
    }
}
