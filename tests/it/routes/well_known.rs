//! Authorization server metadata (RFC 8414): one document in three places, and it tells the truth.

use deputy_tests::{Api, on_both_databases};

const INSIDE: [&str; 2] = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

on_both_databases!(the_same_document_in_all_three_places, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let path = format!("/.well-known/oauth-authorization-server/t/{}", tenant.slug);
    let document = server.anonymous().get(&path).await.is(200);
    for path in INSIDE {
        assert_eq!(tenant.root.get(path).await.is(200).json, document.json, "{path}");
    }
    assert_eq!(document["issuer"], tenant.issuer);
    assert_eq!(tenant.issuer, format!("{}/t/{}", server.url(), tenant.slug));
});

on_both_databases!(what_it_names_is_there, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let document = tenant.root.get(INSIDE[0]).await.is(200);
    let open = Api::new(server.http().clone(), "");
    open.get(&document.text_of("jwks_uri")).await.is(200);
    for endpoint in ["token_endpoint", "introspection_endpoint", "revocation_endpoint"] {
        // Nobody has authenticated: a 401 says that somebody listens.
        open.form(&document.text_of(endpoint), &[("token", "x"), ("grant_type", "client_credentials")])
            .await
            .is(401);
    }
    let methods = document["token_endpoint_auth_methods_supported"].as_array().unwrap();
    for method in ["client_secret_basic", "client_secret_post", "private_key_jwt"] {
        assert!(methods.iter().any(|one| one == method), "{method}");
    }
    let grants = document["grant_types_supported"].as_array().unwrap();
    for grant in ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"] {
        assert!(grants.iter().any(|known| known == grant), "{grants:?}");
    }
    let proofs = serde_json::json!(["ES256", "EdDSA", "Ed25519"]);
    assert_eq!(document["dpop_signing_alg_values_supported"], proofs);
    // No endpoint for a browser, so no response type: RFC 8414 wants the member all the same.
    assert_eq!(document["response_types_supported"], serde_json::json!([]));
});

on_both_databases!(no_tenant_no_document, async |db| {
    let server = db.server();
    for path in
        ["/.well-known/oauth-authorization-server/t/nobody", "/t/nobody/.well-known/openid-configuration"]
    {
        server.anonymous().get(path).await.is(404);
    }
});

on_both_databases!(the_issuer_never_comes_from_a_host_header, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let request = tenant.root.request(reqwest::Method::GET, INSIDE[0]).header("host", "evil.example.com");
    let document = tenant.root.send(request.header("x-forwarded-host", "evil.example.com")).await.is(200);
    assert_eq!(document["issuer"], tenant.issuer);
    assert!(!document.text.contains("evil"), "{}", document.text);
});
