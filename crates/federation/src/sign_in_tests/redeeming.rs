//! The token endpoint: the form of each kind of client, and each kind of answer (RFC 6749 sections 4.1.3 and 5).

use super::*;
use crate::fetch::FormPost;
use crate::scripted::{Scripted, outage};
use crate::sign_in::{SignInError, redeem};

const GOOD: &str = r#"{"access_token":"a","token_type":"Bearer","expires_in":300,"id_token":"x.y.z"}"#;

async fn form(methods: &[&str], secret: Option<&str>) -> FormPost {
    let provider = Scripted::default();
    provider.answer(200, GOOD);
    let token_auth_methods = methods.iter().map(|method| (*method).to_owned()).collect();
    let metadata = Metadata { token_auth_methods, ..metadata() };
    let token = redeem(&provider, &metadata, &client(secret), VERIFIER, "c o&de").await.unwrap();
    assert_eq!(token.as_str(), "x.y.z");
    let mut posted = provider.posted();
    let (url, form) = posted.pop().unwrap();
    assert!(posted.is_empty() && provider.calls().is_empty());
    assert_eq!(url, "https://id.example/token");
    form
}

fn fields(form: &FormPost) -> Vec<(&str, &str)> {
    form.fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

const USUAL: [(&str, &str); 4] = [
    ("grant_type", "authorization_code"),
    ("code", "c o&de"),
    ("redirect_uri", "https://deputy.example/t/acme/callback?x=1"),
    ("code_verifier", VERIFIER),
];

#[tokio::test]
async fn a_secret_goes_into_the_header_unless_only_the_form_takes_it() {
    for methods in [
        &[][..],
        &["client_secret_basic"],
        &["client_secret_basic", "client_secret_post"],
        &["client_secret_post", "client_secret_basic"],
        &["private_key_jwt"],
        &["CLIENT_SECRET_POST"],
    ] {
        let form = form(methods, Some("s:e%c")).await;
        assert_eq!(fields(&form), USUAL, "{methods:?}");
        let (id, secret) = form.basic.as_ref().unwrap();
        assert_eq!((id.as_str(), secret.as_str()), (CLIENT, "s:e%c"));
    }
    for methods in [&["client_secret_post"][..], &["none", "client_secret_post", "private_key_jwt"]] {
        let form = form(methods, Some("s:e%c")).await;
        assert!(form.basic.is_none());
        let with_secret = [&USUAL[..], &[("client_id", CLIENT), ("client_secret", "s:e%c")]].concat();
        assert_eq!(fields(&form), with_secret, "{methods:?}");
    }
}

#[tokio::test]
async fn a_public_client_says_its_name() {
    for methods in [&[][..], &["none"], &["client_secret_basic"], &["client_secret_post"]] {
        let form = form(methods, None).await;
        assert!(form.basic.is_none());
        assert_eq!(fields(&form), [&USUAL[..], &[("client_id", CLIENT)]].concat());
    }
}

#[tokio::test]
async fn what_is_sent_and_answered_is_not_shown() {
    let form = form(&["client_secret_post"], Some("very-secret")).await;
    let shown = format!("{form:?}");
    assert!(shown.contains("client_secret") && !shown.contains("very-secret") && !shown.contains(VERIFIER));
}

async fn answered(status: u16, body: &str) -> Result<String, SignInError> {
    let provider = Scripted::default();
    provider.answer(status, body);
    redeem(&provider, &metadata(), &client(None), VERIFIER, "code").await.map(|token| token.to_string())
}

#[tokio::test]
async fn only_a_200_with_an_id_token_is_an_answer() {
    assert_eq!(answered(200, GOOD).await.unwrap(), "x.y.z");
    for bad in [
        "",
        "<html>",
        "null",
        "[]",
        "{}",
        r#"{"access_token":"a"}"#,
        r#"{"id_token":null}"#,
        r#"{"id_token":["x.y.z"]}"#,
        r#"{"id_token":"x.y.z","id_token":"x.y.z"}"#,
        r#"{"error":"invalid_grant"}"#,
        r#"{"id_token":"x.y.z"} x"#,
    ] {
        assert_eq!(answered(200, bad).await, Err(SignInError::Answer), "{bad}");
    }
    for status in [201, 204, 400, 401, 500, 503] {
        let refused = answered(status, GOOD).await;
        assert_eq!(refused, Err(SignInError::Refused { code: "unknown_error".to_owned() }), "{status}");
        assert_eq!(answered(status, "<html>").await, Err(SignInError::Answer));
    }
}

#[tokio::test]
async fn an_error_is_told_in_a_few_plain_characters() {
    let long = "x".repeat(500);
    for (error, code) in [
        (r#""invalid_grant""#, "invalid_grant"),
        (r#""invalid_client""#, "invalid_client"),
        (r#""a\nb\u0000 <c>é\u202e""#, "ab<c>"),
        (&format!("\"{long}\""), &"x".repeat(64)),
        (r#""""#, ""),
    ] {
        let body = format!(r#"{{"error":{error},"error_description":"the secret is wrong"}}"#);
        assert_eq!(answered(400, &body).await, Err(SignInError::Refused { code: code.to_owned() }));
    }
    let odd = answered(400, r#"{"error":1}"#).await.unwrap_err();
    assert_eq!(odd, SignInError::Refused { code: "unknown_error".to_owned() });
}

#[tokio::test]
async fn who_cannot_be_asked_is_told_apart() {
    let provider = Scripted::default();
    let silent = redeem(&provider, &metadata(), &client(None), VERIFIER, "code").await.map(drop);
    assert_eq!(silent, Err(SignInError::Fetch(outage())));
    let nowhere = Metadata { token_endpoint: None, ..metadata() };
    let refused = redeem(&provider, &nowhere, &client(None), VERIFIER, "code").await.map(drop);
    assert_eq!(refused, Err(SignInError::NoEndpoint("token_endpoint")));
    assert_eq!(provider.posted().len(), 1);
}
