//! Authlib, requests-oauthlib and PyJWT, and verifiers written from the published vectors
//! (`tests/clients/python`).

use deputy_tests::{foreign, on_both_databases, setup};

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

#[test]
fn verifiers_written_from_the_vectors_alone() {
    let vectors = setup::root().join("tests/vectors");
    let input = [("VECTORS", vectors.to_str().expect("a path in UTF-8"))];
    for script in ["aat_vectors.py", "dpop_vectors.py"] {
        let Some(outcome) = foreign::python(script, &input) else { return };
        outcome.passed();
    }
}
