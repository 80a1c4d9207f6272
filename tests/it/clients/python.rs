//! Authlib, requests-oauthlib and PyJWT (`tests/clients/python`).

use deputy_tests::{foreign, on_both_databases};

on_both_databases!(authlib_requests_oauthlib_and_pyjwt, async |db| {
    let server = db.server();
    let tenant = server.tenant().await;
    let client = tenant.agent("crawler", &["read:docs"]).await;
    let input = [
        ("ISSUER", tenant.issuer.as_str()),
        ("CLIENT_ID", &client.id),
        ("CLIENT_SECRET", &client.secret),
        ("SCOPE", "read:docs"),
    ];
    for script in ["authlib_client.py", "requests_oauthlib_client.py", "pyjwt_verifier.py"] {
        let Some(outcome) = foreign::python(script, &input) else { return };
        outcome.passed();
    }
});
