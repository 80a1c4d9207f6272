//! The verifier that runs by itself, against an issuer that does what the test says.

#![expect(clippy::unwrap_used, reason = "a test may stop anywhere")]
#![expect(clippy::needless_pass_by_value, reason = "`json!` is written where it is used")]

mod issuer;
mod meter;
mod reports;
mod start;

use std::time::{Duration, Instant};

use deputy_verifier::ReasonCode;
use issuer::{Issuer, check, signing_key};

const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until it holds.
pub(crate) async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !holds().await {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_revocation_that_comes_by_the_feed_denies() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().start().await.unwrap();
    let token = issuer.token();
    assert!(check(&verifier, &token).await.is_allow());
    issuer.revoke(serde_json::json!({"agent": "a1"}));
    eventually("the revocation is known", async || !check(&verifier, &token).await.is_allow()).await;
    let verdict = check(&verifier, &token).await;
    assert_eq!(verdict.codes().collect::<Vec<_>>(), [ReasonCode::Revoked]);
    assert_eq!(verifier.status().revocations, 1);
}

#[tokio::test]
async fn an_issuer_that_falls_silent_denies_until_it_speaks_again() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().max_staleness(Duration::from_secs(4)).start().await.unwrap();
    let token = issuer.token();
    assert!(check(&verifier, &token).await.is_allow());
    issuer.feed(503);
    let codes = async || check(&verifier, &token).await.codes().collect::<Vec<_>>();
    eventually("knowledge is too old", async || codes().await == [ReasonCode::RevocationStale]).await;
    issuer.feed(200);
    eventually("and new again", async || codes().await.is_empty()).await;
}

#[tokio::test]
async fn expiry_only_needs_no_feed() {
    let issuer = Issuer::start().await;
    issuer.feed(503);
    let verifier = issuer.builder().expiry_only().start().await.unwrap();
    assert!(check(&verifier, &issuer.token()).await.is_allow());
}

#[tokio::test]
async fn a_key_that_is_not_known_is_fetched() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().start().await.unwrap();
    let (next, stranger) = (signing_key("k2"), signing_key("k3"));
    issuer.publish(&[&issuer.key, &next]);
    assert!(check(&verifier, &issuer.token_by(&next, None)).await.is_allow());
    let forged = check(&verifier, &issuer.token_by(&stranger, None)).await;
    assert_eq!(forged.codes().collect::<Vec<_>>(), [ReasonCode::SignatureInvalid]);
    assert_eq!(issuer.came("/t/acme/jwks.json").len(), 2, "the first, and one for what was not known");
}

#[tokio::test]
async fn the_background_ends_with_the_last_clone() {
    let issuer = Issuer::start().await;
    let verifier = issuer.builder().start().await.unwrap();
    let clone = verifier.clone();
    drop(verifier);
    let asked = || issuer.came("/t/acme/revocations/stream").len();
    let then = asked();
    eventually("the clone follows", async || asked() > then + 1).await;
    drop(clone);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let then = asked();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(asked(), then);
}
