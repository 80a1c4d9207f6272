//! oidc-provider on Node, as other tests use it.

use std::time::Duration;

use deputy_tests::{Browser, Issuer, Upstream, foreign, jwt};
use reqwest::Url;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{http, kids, read};

const API: &str = "https://api.example.com";

/// jose is of this opinion about a token.
async fn judged(upstream: &Upstream, audience: &str, token: &str, code: &str) {
    let keys = upstream.metadata().await["jwks_uri"].as_str().unwrap().to_owned();
    let tokens = json!([{"name": code, "token": token, "code": code}]).to_string();
    let input =
        [("ISSUER", upstream.issuer()), ("AUDIENCE", audience), ("JWKS_URI", &keys), ("TOKENS", &tokens)];
    foreign::node("jose_verify.mjs", &input).unwrap().passed();
}

fn start() -> Option<Upstream> {
    Upstream::start(json!([]), json!({"alice": {"groups": ["admins"], "department": "R&D"}}))
}

/// Where the client `deputy` sends somebody, with the challenge of RFC 7636, appendix B.
fn authorization(upstream: &Upstream, callback: &str) -> String {
    let mut url = Url::parse(&format!("{}/auth", upstream.issuer())).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("client_id", "deputy"),
        ("response_type", "code"),
        ("redirect_uri", callback),
        ("scope", "openid"),
        ("state", "s"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ]);
    url.into()
}

fn client(callback: &str) -> Value {
    json!({"client_id": "deputy", "client_secret": "a secret", "redirect_uris": [callback]})
}

#[tokio::test]
async fn tokens_verify_until_their_key_is_withdrawn() {
    let Some(upstream) = start() else { return };
    let metadata = upstream.metadata().await;
    assert_eq!(metadata["issuer"], upstream.issuer());
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);

    let (id, es256) = (upstream.id_token("alice").await, upstream.id_token_es256("bob").await);
    let access = upstream.access_token("alice", API).await;
    let claims = jwt::claims(&id);
    assert_eq!(claims["sub"], "alice");
    assert_eq!((&claims["email"], &claims["email_verified"]), (&json!("alice@example.com"), &json!(true)));
    assert_eq!((&claims["groups"], &claims["department"]), (&json!(["admins"]), &json!("R&D")));
    assert_eq!(claims["preferred_username"], "alice");
    assert_eq!(jwt::header(&id)["alg"], "RS256");
    assert_eq!(jwt::header(&es256)["alg"], "ES256");
    assert_eq!(jwt::claims(&es256)["groups"], json!([]));
    assert_eq!(jwt::header(&access)["typ"], "at+jwt");
    assert_eq!(jwt::claims(&access)["aud"], API);
    assert_eq!(jwt::claims(&access)["groups"], json!(["admins"]));

    judged(&upstream, "tests", &id, "accepted").await;
    judged(&upstream, "tests-es256", &es256, "accepted").await;
    judged(&upstream, API, &access, "accepted").await;

    let new = upstream.rotate_keys();
    let set = upstream.jwks().await;
    assert_eq!(kids(&set), new);
    let old = jwt::header(&id)["kid"].as_str().unwrap().to_owned();
    assert!(!new.contains(&old));
    judged(&upstream, "tests", &id, "ERR_JWKS_NO_MATCHING_KEY").await;
    let id = upstream.id_token("alice").await;
    judged(&upstream, "tests", &id, "accepted").await;
}

#[tokio::test]
async fn a_client_of_the_test_is_signed_in_at_and_told_of_the_sign_out() {
    let told = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let logout = format!("http://{}/logout", told.local_addr().unwrap());
    let Some(upstream) = start() else { return };
    let callback = "http://127.0.0.1:1/callback";
    let unknown = http().get(authorization(&upstream, callback)).send().await.unwrap();
    assert_eq!(unknown.status().as_u16(), 400);

    let mut client = client(callback);
    client["backchannel_logout_uri"] = json!(logout);
    upstream.clients(json!([client]));
    let back = upstream.sign_in(&authorization(&upstream, callback), "alice").await;
    assert!(back.starts_with(callback), "{back}");
    let back = Url::parse(&back).unwrap();
    let of =
        |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!((of("state").as_deref(), of("iss").as_deref()), (Some("s"), Some(upstream.issuer())));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*of("code").expect("a code")),
        ("redirect_uri", callback),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ];
    let request =
        http().post(format!("{}/token", upstream.issuer())).basic_auth("deputy", Some("a%20secret"));
    let answer: Value = request.form(&form).send().await.unwrap().json().await.unwrap();
    let claims = jwt::claims(answer["id_token"].as_str().unwrap_or_else(|| panic!("{answer}")));

    let (token, ()) = tokio::join!(posted(&told), upstream.sign_out("alice"));
    assert_eq!(jwt::header(&token)["typ"], "logout+jwt");
    assert_eq!((&jwt::claims(&token)["sub"], &jwt::claims(&token)["sid"]), (&claims["sub"], &claims["sid"]));
    judged(&upstream, "deputy", &token, "accepted").await;
}

/// The logout token of the next request.
async fn posted(listener: &TcpListener) -> String {
    let come = async {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut text = String::new();
        let mut buffer = [0; 4096];
        while !whole(&text) {
            let count = connection.read(&mut buffer).await.unwrap();
            assert!(count > 0, "{text}");
            text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        }
        connection
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await
            .unwrap();
        text.split_once("\r\n\r\nlogout_token=").unwrap().1.to_owned()
    };
    tokio::time::timeout(Duration::from_secs(20), come).await.expect("a logout token in time")
}

/// Whether a request has come with all of its body.
fn whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    length.is_some_and(|length: usize| body.len() >= length)
}

#[tokio::test]
async fn a_browser_is_shown_a_form() {
    let Some(browser) = Browser::open().await else { return };
    // Somebody who answers there.
    let target = Issuer::start().await;
    let callback = target.at("/callback");
    for start in [Upstream::start, Upstream::start_cross_site] {
        let Some(upstream) = start(json!([client(&callback)]), json!({})) else { return };
        browser.goto(&authorization(&upstream, &callback)).await.unwrap();
        browser.fill("#account", "alice").await;
        browser.click("#sign-in").await;
        browser.until("nothing here").await;
        let url = browser.current_url().await.unwrap();
        assert!(url.as_str().starts_with(&format!("{callback}?code=")), "{url}");
    }
    assert_eq!(target.hits("/callback"), 2);
}

#[tokio::test]
async fn an_outage_ends() {
    let Some(upstream) = start() else { return };
    let discovery = format!("{}/.well-known/openid-configuration", upstream.issuer());
    upstream.stop();
    assert!(http().get(&discovery).send().await.is_err());
    upstream.answer();
    assert_eq!(read(&discovery).await["issuer"], upstream.issuer());
}
