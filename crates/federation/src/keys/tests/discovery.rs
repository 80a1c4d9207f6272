//! Discovery documents (OpenID Connect Discovery sections 3 and 4).

use super::*;

fn parse(document: &Value) -> Result<Metadata, DiscoveryError> {
    Metadata::parse(&document.to_string(), ISSUER)
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut document = metadata();
    document[name] = value.into();
    document
}

#[test]
fn a_document_is_below_its_issuer() {
    for (issuer, url) in [
        ("https://id.example", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/", "https://id.example/.well-known/openid-configuration"),
        ("https://id.example/a/b", "https://id.example/a/b/.well-known/openid-configuration"),
        ("https://id.example/a/b/", "https://id.example/a/b/.well-known/openid-configuration"),
        ("https://id.example:8443/a", "https://id.example:8443/a/.well-known/openid-configuration"),
        (
            "https://login.microsoftonline.com/8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b/v2.0",
            "https://login.microsoftonline.com/8d2a6d6e-3f0c-4b7a-9f39-2b7f0f1f2a3b/v2.0/.well-known/openid-configuration",
        ),
    ] {
        assert_eq!(discovery_url(issuer), url);
    }
}

#[test]
fn what_matters_is_read() {
    let bare = parse(&metadata()).unwrap();
    let expected = Metadata { issuer: ISSUER.to_owned(), jwks_uri: JWKS.to_owned(), ..Metadata::default() };
    assert_eq!(bare, expected);
    let full = json!({
        "issuer": ISSUER,
        "jwks_uri": JWKS,
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "none"],
        "authorization_response_iss_parameter_supported": true,
        "code_challenge_methods_supported": ["plain", "S256"],
        "backchannel_logout_supported": true,
        "claims_supported": ["sub"],
        "mtls_endpoint_aliases": {"token_endpoint": "https://mtls.id.example/token"},
    });
    let full = parse(&full).unwrap();
    assert_eq!(full.authorization_endpoint.as_deref(), Some("https://id.example/authorize"));
    assert_eq!(full.token_endpoint.as_deref(), Some("https://id.example/token"));
    assert_eq!(full.token_auth_methods, ["client_secret_post", "none"]);
    assert_eq!(full.code_challenge_methods, ["plain", "S256"]);
    assert!(full.says_issuer && full.backchannel_logout);
}

#[test]
fn a_document_names_the_very_issuer_that_was_asked() {
    assert!(parse(&metadata()).is_ok());
    for other in [
        "https://id.example/tenant/",
        "https://id.example/Tenant",
        "https://ID.example/tenant",
        "http://id.example/tenant",
        "https://id.example:443/tenant",
        "https://evil.example",
        "https://id.example/{tenantid}",
    ] {
        let found = other.to_owned();
        assert_eq!(parse(&with("issuer", other)), Err(DiscoveryError::Issuer { found }));
    }
}

#[test]
fn members_are_required_and_typed() {
    for name in ["issuer", "jwks_uri"] {
        let mut document = metadata();
        document.as_object_mut().unwrap().remove(name);
        assert_eq!(parse(&document), Err(DiscoveryError::Member(name)));
    }
    for name in ["issuer", "jwks_uri", "authorization_endpoint", "token_endpoint"] {
        for bad in [json!(""), json!(1), json!(null), json!(["https://id.example"]), json!({})] {
            assert_eq!(parse(&with(name, bad.clone())), Err(DiscoveryError::Member(name)), "{bad}");
        }
    }
    for name in ["token_endpoint_auth_methods_supported", "code_challenge_methods_supported"] {
        assert!(parse(&with(name, json!([]))).is_ok());
        for bad in [json!("S256"), json!([1]), json!(["S256", null]), json!(null), json!({})] {
            assert_eq!(parse(&with(name, bad.clone())), Err(DiscoveryError::Member(name)), "{bad}");
        }
    }
    for name in ["authorization_response_iss_parameter_supported", "backchannel_logout_supported"] {
        assert!(parse(&with(name, false)).is_ok());
        for bad in [json!("true"), json!(1), json!(null), json!([true])] {
            assert_eq!(parse(&with(name, bad.clone())), Err(DiscoveryError::Member(name)), "{bad}");
        }
    }
}

#[test]
fn a_document_is_an_object_in_which_every_name_stands_once() {
    let good = metadata().to_string();
    assert!(Metadata::parse(&good, ISSUER).is_ok());
    for bad in [
        String::new(),
        "<html>".to_owned(),
        "null".to_owned(),
        format!("[{good}]"),
        format!("{good}{good}"),
        good.replacen('{', r#"{"jwks_uri":"https://evil.example/keys","#, 1),
        good.replacen('{', r#"{"\u0069ssuer":"https://evil.example","#, 1),
        good.replacen('{', r#"{"other":{"a":1,"a":1},"#, 1),
    ] {
        assert_eq!(Metadata::parse(&bad, ISSUER), Err(DiscoveryError::Malformed), "{bad}");
    }
}

#[tokio::test]
async fn a_bad_document_leads_to_no_keys() {
    for (document, expected) in [
        (
            with("issuer", "https://evil.example"),
            DiscoveryError::Issuer { found: "https://evil.example".into() },
        ),
        (json!({"issuer": ISSUER}), DiscoveryError::Member("jwks_uri")),
        (json!([]), DiscoveryError::Malformed),
    ] {
        let (issuer, cache) = cache();
        issuer.serve(JWKS, set_of(&[&ES256]), None);
        issuer.serve(DISCOVERY, document.to_string(), None);
        let refused = cache.provider("acme", &by_discovery(), None, at(0)).await.map(drop);
        assert_eq!(refused, Err(KeysError::Discovery(expected.clone())));
        assert_eq!(cache.probe(&by_discovery()).await.map(drop), Err(KeysError::Discovery(expected)));
        assert_eq!(issuer.calls(), [DISCOVERY, DISCOVERY]);
        issuer.serve(DISCOVERY, metadata().to_string(), None);
        let later = cache.provider("acme", &by_discovery(), None, at(COOL_DOWN_SECS)).await;
        assert_eq!(kids(&later.unwrap()), ["es"]);
    }
}

#[tokio::test]
async fn a_new_address_of_the_keys_is_followed_but_the_issuer_stays() {
    let (issuer, cache) = cache();
    issuer.serve(DISCOVERY, metadata().to_string(), None);
    issuer.serve(JWKS, set_of(&[&ES256]), None);
    let kids_at = async |secs| {
        let provider = cache.provider("acme", &by_discovery(), Some(KNOWN), at(secs)).await.unwrap();
        kids(&provider).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(kids_at(0).await, ["es"]);
    issuer.serve(DISCOVERY, with("jwks_uri", URL).to_string(), None);
    issuer.serve(URL, set_of(&[&RS256]), None);
    assert_eq!(kids_at(MAX_AGE_SECS).await, ["rs"]);
    // Whoever takes over the document cannot make it another issuer's.
    let other = json!({"issuer": "https://evil.example", "jwks_uri": JWKS});
    issuer.serve(DISCOVERY, other.to_string(), None);
    assert_eq!(kids_at(2 * MAX_AGE_SECS).await, ["rs"]);
}
