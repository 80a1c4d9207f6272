//! `GET /t/{tenant}/jwks.json`.

use deputy_tests::{jwt, on_both_databases};

on_both_databases!(it_has_the_key_of_a_token_and_nothing_secret, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let token = tenant.agent("crawler", &["read:docs"]).await.access_token("read:docs").await;
    let keys = tenant.root.get("/jwks.json").await.is(200);
    let keys = keys["keys"].as_array().unwrap();
    let kid = &jwt::header(&token)["kid"];
    let key = keys.iter().find(|key| key["kid"] == *kid).expect("the key of the token");
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&"EC".into(), &"P-256".into(), &"ES256".into()));
    for key in keys {
        for secret in ["d", "k", "p", "q"] {
            assert!(key.get(secret).is_none(), "`{secret}` is published");
        }
    }
});

on_both_databases!(tenants_do_not_share_keys, async |db| {
    let server = db.server();
    let (one, other) = (server.tenant().await, server.tenant().await);
    let kids = async |tenant: &deputy_tests::Tenant| {
        let keys = tenant.root.get("/jwks.json").await.is(200);
        keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].to_string()).collect::<Vec<_>>()
    };
    let (mine, theirs) = (kids(&one).await, kids(&other).await);
    assert!(!mine.is_empty() && mine.iter().all(|kid| !theirs.contains(kid)), "{mine:?} {theirs:?}");
});

on_both_databases!(it_may_be_cached_for_a_moment_and_only_for_known_tenants, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let answer = tenant.root.get("/jwks.json").await.is(200);
    assert_eq!(answer.header("cache-control").as_deref(), Some("public, max-age=60"));
    let head = tenant.root.send(tenant.root.request(reqwest::Method::HEAD, "/jwks.json")).await.is(200);
    assert_eq!(head.text, "");
    server.anonymous().get("/t/nobody/jwks.json").await.is_problem(404);
});
