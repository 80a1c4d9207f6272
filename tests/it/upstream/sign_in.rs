//! Sign-ins at the issuer in this process: as a relying party that we did not write sees them, and step by step.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deputy_tests::issuer::{AUTHORIZE, Alg, TOKEN};
use deputy_tests::{Issuer, foreign, jwt};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::http;

const CALLBACK: &str = "http://127.0.0.1/callback?of=a%20test";
const VERIFIER: &str = "a-code-verifier-that-is-as-long-as-it-must-be-43";

async fn issuer(alg: Alg) -> Issuer {
    let issuer = Issuer::start_with(alg).await;
    issuer.client("a client", "a secret: +/%", CALLBACK);
    issuer.sign_in_as("alice", json!({"email": "alice@example.com"}));
    issuer
}

fn authorization(issuer: &Issuer, changed: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut asked: HashMap<&str, &str> = HashMap::from([
        ("client_id", "a client"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    asked.extend(changed.iter().copied());
    let mut url = Url::parse(&issuer.at(AUTHORIZE)).unwrap();
    url.query_pairs_mut().extend_pairs(asked);
    url.into()
}

/// The parameters of the redirect back.
async fn back(issuer: &Issuer, changed: &[(&str, &str)]) -> HashMap<String, String> {
    let url = issuer.sign_in(&authorization(issuer, changed)).await;
    assert!(url.starts_with(CALLBACK), "{url}");
    Url::parse(&url).unwrap().query_pairs().into_owned().collect()
}

async fn redeemed(issuer: &Issuer, code: &str, changed: &[(&str, &str)]) -> Value {
    let mut form: HashMap<&str, &str> = HashMap::from([
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", "a client"),
        ("client_secret", "a secret: +/%"),
    ]);
    form.extend(changed.iter().copied());
    let answer = http().post(issuer.at(TOKEN)).form(&form).send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(status == 200, body["error"].is_null(), "{status} {body}");
    body
}

#[tokio::test]
async fn a_foreign_relying_party_is_content() {
    for alg in [Alg::Rs256, Alg::Es256, Alg::EdDsa] {
        let issuer = issuer(alg).await;
        let url = issuer.url();
        let input = [
            ("ISSUER", &*url),
            ("CLIENT_ID", "a client"),
            ("CLIENT_SECRET", "a secret: +/%"),
            ("REDIRECT_URI", CALLBACK),
        ];
        let Some(outcome) = foreign::node("oauth4webapi_sign_in.mjs", &input) else { return };
        for line in outcome.passed().lines() {
            let claims: Value = serde_json::from_str(line).unwrap();
            assert_eq!((&claims["sub"], &claims["email"]), (&json!("alice"), &json!("alice@example.com")));
        }
        assert_eq!(issuer.hits(TOKEN), 2);
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_for_what_it_was_asked_with() {
    let issuer = issuer(Alg::Es256).await;
    let refused = [
        ("code_verifier", "another-code-verifier-that-is-long-enough-43-or-so", "invalid_grant"),
        ("redirect_uri", "http://127.0.0.1/other", "invalid_grant"),
        ("client_secret", "another", "invalid_client"),
        ("client_id", "another", "invalid_client"),
        ("grant_type", "password", "unsupported_grant_type"),
    ];
    for (name, value, error) in refused {
        let code = back(&issuer, &[]).await["code"].clone();
        assert_eq!(redeemed(&issuer, &code, &[(name, value)]).await["error"], error, "{name}");
    }
    let given = back(&issuer, &[]).await;
    assert_eq!((&*given["state"], &given["iss"]), ("s", &issuer.url()));
    let tokens = redeemed(&issuer, &given["code"], &[]).await;
    let claims = jwt::claims(tokens["id_token"].as_str().unwrap());
    assert_eq!(claims["iss"], issuer.url());
    assert_eq!((&claims["aud"], &claims["nonce"]), (&json!("a client"), &json!("n")));
    assert_eq!(redeemed(&issuer, &given["code"], &[]).await["error"], "invalid_grant");
}

#[tokio::test]
async fn nothing_is_given_to_whom_it_is_not_meant_for() {
    let issuer = issuer(Alg::Es256).await;
    for changed in
        [("client_id", "another"), ("redirect_uri", "http://127.0.0.1/callback"), ("scope", "email")]
    {
        let answer = http().get(authorization(&issuer, &[changed])).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{changed:?}");
    }
    for (changed, error) in [
        (("code_challenge_method", "plain"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
    ] {
        let given = back(&issuer, &[changed]).await;
        assert_eq!((&*given["error"], given.get("code")), (error, None), "{changed:?}");
    }
    let nobody = Issuer::start().await;
    nobody.client("a client", "a secret: +/%", CALLBACK);
    assert_eq!(back(&nobody, &[]).await["error"], "login_required");
    nobody.sign_in_as("bob", json!({}));
    assert!(back(&nobody, &[]).await.contains_key("code"));
}

#[tokio::test]
async fn what_is_wrong_with_a_sign_in_is_what_was_asked_for() {
    let issuer = issuer(Alg::Es256).await;
    issuer.response("iss", None);
    issuer.response("state", Some("another"));
    let given = back(&issuer, &[]).await;
    assert_eq!((given.get("iss"), &*given["state"]), (None, "another"));

    issuer.id_tokens(|token| token.claim("nonce", "another").claim("aud", "other").expired());
    let tokens = redeemed(&issuer, &given["code"], &[]).await;
    let claims = jwt::claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&claims["nonce"], &claims["aud"]), (&json!("another"), &json!("other")));
    assert!(claims["exp"].as_u64().unwrap() < jwt::now());

    issuer.behave_well();
    let given = back(&issuer, &[]).await;
    assert_eq!((&*given["state"], &given["iss"]), ("s", &issuer.url()));
    let tokens = redeemed(&issuer, &given["code"], &[]).await;
    assert_eq!(jwt::claims(tokens["id_token"].as_str().unwrap())["nonce"], "n");
}
