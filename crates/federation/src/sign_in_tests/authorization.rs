//! The request (OpenID Connect Core section 3.1.2.1, RFC 7636) and who answers it (RFC 9207).

use url::Url;

use super::*;
use crate::sign_in::{Attempt, SignInError, authorization_url, verify_response_issuer};

const ATTEMPT: Attempt<'static> = Attempt { state: "a b&c=d", nonce: NONCE, verifier: VERIFIER };

fn pairs(endpoint: &str, hosted_domain: Option<&str>) -> Vec<(String, String)> {
    let metadata = Metadata { authorization_endpoint: Some(endpoint.to_owned()), ..metadata() };
    let url = authorization_url(&metadata, &client(Some("secret")), &ATTEMPT, hosted_domain).unwrap();
    assert!(!url.contains("secret") && !url.contains(VERIFIER), "{url}");
    let url = Url::parse(&url).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn usual() -> Vec<(String, String)> {
    [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", "https://deputy.example/t/acme/callback?x=1"),
        ("scope", "openid email profile"),
        ("state", "a b&c=d"),
        ("nonce", NONCE),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

#[test]
fn a_request_says_exactly_what_it_must() {
    assert_eq!(pairs("https://id.example/authorize", None), usual());
    let mut hosted = usual();
    hosted.push(("hd".to_owned(), "acme.com".to_owned()));
    assert_eq!(pairs("https://id.example/authorize", Some("acme.com")), hosted);
}

#[test]
fn the_endpoint_keeps_its_query() {
    let mut kept = vec![("p".to_owned(), "b2c_1 sign&in".to_owned()), ("empty".to_owned(), String::new())];
    kept.extend(usual());
    assert_eq!(pairs("https://id.example/authorize?p=b2c_1%20sign%26in&empty=", None), kept);
    let endpoint = Some("https://id.example:8443/a%20b/authorize?p=1".to_owned());
    let metadata = Metadata { authorization_endpoint: endpoint, ..metadata() };
    let url = authorization_url(&metadata, &client(None), &ATTEMPT, None).unwrap();
    assert!(url.starts_with("https://id.example:8443/a%20b/authorize?p=1&response_type=code&"), "{url}");
}

#[test]
fn a_browser_is_sent_to_https_or_to_this_machine() {
    let to = |endpoint: Option<&str>| {
        let metadata = Metadata { authorization_endpoint: endpoint.map(str::to_owned), ..metadata() };
        authorization_url(&metadata, &client(None), &ATTEMPT, None)
    };
    for good in [
        "https://id.example/a",
        "https://id.example",
        "https://192.0.2.1/a",
        "http://127.0.0.1:8080/a",
        "http://127.9.9.9/a",
        "http://[::1]/a",
        "http://localhost/a",
    ] {
        assert!(to(Some(good)).is_ok(), "{good}");
    }
    for bad in [
        None,
        Some(""),
        Some("/authorize"),
        Some("//id.example/a"),
        Some("id.example"),
        Some("http://id.example/a"),
        Some("http://localhost.evil.example/a"),
        Some("http://192.0.2.1/a"),
        Some("javascript:alert(1)"),
        Some("data:text/html,x"),
        Some("ftp://id.example/a"),
        Some("mailto:a@id.example"),
        Some("https://id.example/a#fragment"),
    ] {
        assert_eq!(to(bad), Err(SignInError::NoEndpoint("authorization_endpoint")), "{bad:?}");
    }
}

#[test]
fn an_answer_comes_from_the_issuer_that_was_asked() {
    let other = "https://evil.example";
    for (says_issuer, iss, good) in [
        (true, Some(ISSUER), true),
        (true, Some(other), false),
        (true, Some(""), false),
        (true, Some("https://id.example/tenant/"), false),
        (true, None, false),
        (false, Some(ISSUER), true),
        (false, Some(other), false),
        (false, Some(""), false),
        (false, None, true),
    ] {
        let metadata = Metadata { says_issuer, ..metadata() };
        let expected = if good { Ok(()) } else { Err(SignInError::Issuer) };
        assert_eq!(verify_response_issuer(&metadata, iss), expected, "{says_issuer} {iss:?}");
    }
}
