//! Methods, whatever the path is (RFC 9110 §9.3.2, §15.5.6).

use deputy_tests::{Answer, Api, on_both_databases};
use reqwest::Method;

async fn head(api: &Api, path: &str) -> Answer {
    api.send(api.request(Method::HEAD, path)).await
}

on_both_databases!(head_is_get_without_the_content, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let (root, auditor) = (&tenant.root, tenant.api_as("auditor").await);
    let agent = format!("/agents/{}", client.id);
    for (api, path) in [
        (root, "/jwks.json"),
        (root, "/.well-known/openid-configuration"),
        (root, "/"),
        (&auditor, "/agents"),
        (&auditor, &*agent),
        (&auditor, "/events"),
        (&auditor, "/agents/no-such-agent"),
        (&tenant.api.without_key(), "/agents"),
    ] {
        let (get, head) = (api.get(path).await, head(api, path).await);
        assert_eq!((head.status, &*head.text), (get.status, ""), "{path}");
        for name in ["content-type", "etag", "cache-control", "location", "www-authenticate"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
        assert_eq!(head.header("content-length"), Some(get.text.len().to_string()), "{path}");
    }
});

on_both_databases!(content_without_an_end_is_not_waited_for, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    for (path, accept) in [("/events/stream", "text/event-stream"), ("/events", "application/x-ndjson")] {
        let request = tenant.api.request(Method::HEAD, path).header("accept", accept);
        let answer = tenant.api.send(request).await.is(200);
        assert!(answer.header("content-type").is_some_and(|is| is.starts_with(accept)), "{path}");
        assert_eq!((&*answer.text, answer.header("content-length")), ("", None), "{path}");
    }
});

on_both_databases!(a_path_says_which_methods_it_takes, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    for (method, path, allow) in [
        (Method::DELETE, "/jwks.json", "GET, HEAD"),
        (Method::PUT, "/api/v1/agents", "GET, HEAD, POST"),
        (Method::HEAD, "/oauth/token", "POST"),
        // What a link or a code opens is opened by the person, not by a program that looks at the link.
        (Method::HEAD, "/sign-in?code=x", "GET, POST"),
        (Method::HEAD, "/sign-in/callback?code=x&state=y", "GET"),
        (Method::from_bytes(b"PURGE").unwrap(), "/access/v1/evaluation", "POST"),
    ] {
        let answer = tenant.root.send(tenant.root.request(method.clone(), path)).await.is(405);
        assert_eq!(answer.header("allow").as_deref(), Some(allow), "{method} {path}");
    }
});
