//! Documents that are wrong, slow, huge or not there.

use std::time::{Duration, Instant};

use deputy_tests::Issuer;
use deputy_tests::issuer::{Behaviour, DISCOVERY, JWKS};
use serde_json::json;

use super::{get, http, kids, read};

#[tokio::test]
async fn discovery_is_right_until_it_is_changed() {
    for under in ["", "/", "/realms/acme"] {
        let issuer = Issuer::start_under(under).await;
        assert!(issuer.url().ends_with(under));
        let document = read(&issuer.at(DISCOVERY)).await;
        assert_eq!(document["issuer"], issuer.url());
        assert_eq!(document["jwks_uri"], issuer.at(JWKS));
        assert_eq!(kids(&read(&issuer.at(JWKS)).await), [issuer.key().kid()]);

        issuer.discovery("issuer", "https://other.example.com");
        issuer.discovery_without("jwks_uri");
        let document = read(&issuer.at(DISCOVERY)).await;
        assert_eq!(document["issuer"], "https://other.example.com");
        assert_eq!(document.get("jwks_uri"), None);
    }
}

#[tokio::test]
async fn a_path_behaves_as_it_is_told_and_no_other_does() {
    let issuer = Issuer::start().await;
    let url = issuer.at(JWKS);
    let right = read(&url).await;

    issuer.behave(JWKS, Behaviour::Status(503));
    assert_eq!(get(&url).await.status().as_u16(), 503);
    assert_eq!(get(&issuer.at(DISCOVERY)).await.status().as_u16(), 200);

    issuer.behave(JWKS, Behaviour::Redirect("http://169.254.169.254/".to_owned()));
    let answer = get(&url).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (302, &"http://169.254.169.254/".parse().unwrap())
    );

    issuer.behave(JWKS, Behaviour::Text("{\"keys\": [".to_owned()));
    let answer = get(&url).await;
    assert_eq!(answer.status().as_u16(), 200);
    assert!(serde_json::from_str::<serde_json::Value>(&answer.text().await.unwrap()).is_err());

    issuer.behave(JWKS, Behaviour::Huge);
    let answer = get(&url).await;
    assert!(answer.content_length().unwrap() > 2 * 1024 * 1024);
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["keys"], right["keys"]);

    issuer.behave(JWKS, Behaviour::Endless);
    let mut answer = get(&url).await;
    assert_eq!(answer.content_length(), None);
    let mut length = 0;
    while length < 4 * 1024 * 1024 {
        length += answer.chunk().await.unwrap().expect("more").len();
    }

    issuer.behave(JWKS, Behaviour::Close);
    assert!(http().get(&url).send().await.is_err());

    issuer.behave(JWKS, Behaviour::Drip(Duration::from_millis(1)));
    let start = Instant::now();
    assert_eq!(read(&url).await, right);
    assert!(start.elapsed() > Duration::from_millis(100));

    issuer.behave(JWKS, Behaviour::Hang);
    let brief = http().get(&url).timeout(Duration::from_millis(200));
    assert!(brief.send().await.unwrap_err().is_timeout());

    issuer.behave_well();
    assert!(get(&url).await.headers().get("cache-control").is_none());
    issuer.cache_control(JWKS, "max-age=60");
    assert_eq!(get(&url).await.headers()["cache-control"], "max-age=60");
    assert_eq!(read(&url).await, right);
    assert_eq!(issuer.hits(JWKS), 12);
    assert_eq!(issuer.hits(DISCOVERY), 1);
}

#[tokio::test]
async fn an_outage_ends_on_the_same_port() {
    let issuer = Issuer::start().await;
    let (url, name) = (issuer.at(JWKS), issuer.url());
    let kept = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(kept.get(&url).send().await.unwrap().status().is_success());
    for _ in 0..3 {
        issuer.stop().await;
        assert!(http().get(&url).send().await.unwrap_err().is_connect());
        assert!(
            kept.get(&url).timeout(Duration::from_secs(5)).send().await.is_err(),
            "an open connection lives on"
        );
        issuer.start_again();
        assert_eq!(read(&url).await, json!({"keys": [issuer.key().jwk()]}));
        assert!(kept.get(&url).send().await.unwrap().status().is_success());
    }
    assert_eq!(issuer.url(), name);
}
