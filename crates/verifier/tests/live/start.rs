//! What a verifier needs to start, and from whom it takes it.

use deputy_token::capability::CapabilitySecret;
use deputy_verifier::{DiscoveryError, FetchError, Kid, StartError, Verifier};
use serde_json::json;

use crate::issuer::{CRM, Issuer, KEY, METADATA, check};

#[tokio::test]
async fn the_key_goes_below_the_issuer_only() {
    let issuer = Issuer::start().await;
    let _verifier = issuer.builder().start().await.unwrap();
    let sent = |path: &str| issuer.came(path)[0].authorization.clone();
    assert_eq!(sent("/t/acme/revocations/stream"), Some(format!("Bearer {KEY}")));
    assert_eq!((sent(METADATA), sent("/t/acme/jwks.json")), (None, None));
}

#[tokio::test]
async fn what_is_missing_or_mixed_up_is_said() {
    let issuer = Issuer::start().await;
    assert!(issuer.builder().start().await.is_ok());
    let plain = || Verifier::builder(&issuer.url);
    assert!(matches!(plain().key(KEY).start().await, Err(StartError::NoAudience)));
    assert!(matches!(plain().audience(CRM).start().await, Err(StartError::NoKey)));
    assert!(plain().audience(CRM).expiry_only().start().await.is_ok());
    let metered = plain().audience(CRM).expiry_only().online_meter();
    assert!(matches!(metered.start().await, Err(StartError::NoKeyForMeter)));
    let key =
        |audience| CapabilitySecret::from_bytes(&[7; 32]).audience_key(&Kid::new("c1").unwrap(), audience);
    assert!(issuer.builder().capability_key(key(CRM)).start().await.is_ok());
    let foreign = issuer.builder().capability_key(key("https://mail.example.com/")).start().await;
    assert!(matches!(foreign, Err(StartError::CapabilityKey { .. })));
    for url in ["http://deputy.example.com/t/acme", "deputy", "https://user@deputy.example.com/t/acme"] {
        let started = Verifier::builder(url).audience(CRM).key(KEY).start().await;
        assert!(matches!(started, Err(StartError::Setup(FetchError::Url(_)))), "{url}");
    }
}

#[tokio::test]
async fn the_metadata_is_the_issuers_own() {
    let issuer = Issuer::start().await;
    let other = json!({"issuer": "https://deputy.example/t/other", "jwks_uri": issuer.jwks_uri()});
    issuer.answers(METADATA, 200, other);
    let refused = issuer.builder().start().await;
    assert!(matches!(refused, Err(StartError::Discovery(DiscoveryError::OtherIssuer { .. }))));
    issuer.answers(METADATA, 200, json!({"issuer": issuer.url}));
    let refused = issuer.builder().start().await;
    assert!(matches!(refused, Err(StartError::Discovery(DiscoveryError::Malformed))));
    let outside = json!({"issuer": issuer.url, "jwks_uri": "http://10.0.0.1/jwks.json"});
    issuer.answers(METADATA, 200, outside);
    assert!(matches!(issuer.builder().start().await, Err(StartError::Keys(FetchError::Url(_)))));
}

#[tokio::test]
async fn the_metadata_may_stand_behind_the_path() {
    let issuer = Issuer::start().await;
    issuer.answers(METADATA, 404, json!(""));
    let behind = "/t/acme/.well-known/oauth-authorization-server";
    let refused = issuer.builder().start().await;
    assert!(matches!(refused, Err(StartError::Discovery(DiscoveryError::Fetch(FetchError::Status(404))))));
    issuer.answers(behind, 200, json!({"issuer": issuer.url, "jwks_uri": issuer.jwks_uri()}));
    let verifier = issuer.builder().start().await.unwrap();
    assert!(check(&verifier, &issuer.token()).await.is_allow());
}

#[tokio::test]
async fn nothing_is_followed_and_nothing_is_endless() {
    let issuer = Issuer::start().await;
    issuer.answers("/t/acme/jwks.json", 302, json!(""));
    issuer.answers("/elsewhere", 200, json!({"keys": []}));
    assert!(matches!(issuer.builder().start().await, Err(StartError::Keys(FetchError::Status(302)))));
    assert!(issuer.came("/elsewhere").is_empty());
    let long = json!({"keys": [], "filler": "x".repeat(1024 * 1024)});
    issuer.answers("/t/acme/jwks.json", 200, long);
    assert!(matches!(issuer.builder().start().await, Err(StartError::Keys(FetchError::TooLong))));
    issuer.answers("/t/acme/jwks.json", 200, json!("{}"));
    assert!(matches!(issuer.builder().start().await, Err(StartError::Keys(FetchError::Malformed))));
}

#[tokio::test]
async fn a_key_that_the_feed_refuses_is_said_at_once() {
    let issuer = Issuer::start().await;
    issuer.feed(401);
    assert!(matches!(issuer.builder().start().await, Err(StartError::Feed(FetchError::Status(401)))));
    issuer.feed(200);
    assert!(issuer.builder().start().await.is_ok());
}
