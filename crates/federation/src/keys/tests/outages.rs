//! What serves while an issuer does not answer, or answers badly.

use deputy_token::keys::JwkError;

use super::*;
use crate::scripted::outage;

fn silent() -> KeysError {
    KeysError::Fetch(outage())
}

#[tokio::test]
async fn the_last_good_set_serves_for_an_hour_and_then_nothing_does() {
    let (issuer, cache) = cache();
    ask(&cache, Some(KNOWN), 0).await.unwrap();
    issuer.set_down(true);
    for secs in [MAX_AGE_SECS, MAX_AGE_SECS + COOL_DOWN_SECS, 1800, MAX_STALE_SECS - 1] {
        assert_eq!(ask(&cache, Some(KNOWN), secs).await.unwrap(), ["es"], "{secs}");
    }
    // The last of those asked a second ago.
    assert_eq!(ask(&cache, Some(KNOWN), MAX_STALE_SECS).await, Err(KeysError::CoolingDown));
    assert_eq!(ask(&cache, Some(KNOWN), MAX_STALE_SECS + COOL_DOWN_SECS).await, Err(silent()));
    issuer.set_down(false);
    let during = MAX_STALE_SECS + 2 * COOL_DOWN_SECS - 1;
    assert_eq!(ask(&cache, Some(KNOWN), during).await, Err(KeysError::CoolingDown));
    assert_eq!(ask(&cache, Some(KNOWN), during + 1).await.unwrap(), ["es"]);
    // It is as fresh as on the first day.
    let calls = issuer.count();
    assert_eq!(ask(&cache, Some(KNOWN), during + MAX_AGE_SECS).await.unwrap(), ["es"]);
    assert_eq!(issuer.count(), calls);
}

#[tokio::test]
async fn an_outage_is_asked_about_once_per_cool_down() {
    let (issuer, cache) = cache();
    issuer.set_down(true);
    assert_eq!(ask(&cache, None, 0).await, Err(silent()));
    for secs in [0, 1, COOL_DOWN_SECS - 1] {
        for wanted in [None, Some(KNOWN), Some(UNKNOWN)] {
            assert_eq!(ask(&cache, wanted, secs).await, Err(KeysError::CoolingDown));
        }
    }
    assert_eq!(issuer.count(), 1);
    assert_eq!(ask(&cache, None, COOL_DOWN_SECS).await, Err(silent()));
    assert_eq!(issuer.count(), 2);
    issuer.set_down(false);
    assert_eq!(ask(&cache, None, 2 * COOL_DOWN_SECS).await.unwrap(), ["es"]);
}

#[tokio::test]
async fn an_unknown_key_during_an_outage_takes_nothing_from_the_others() {
    let (issuer, cache) = cache();
    ask(&cache, Some(KNOWN), 0).await.unwrap();
    issuer.set_down(true);
    assert_eq!(ask(&cache, Some(UNKNOWN), COOL_DOWN_SECS).await.unwrap(), ["es"]);
    assert_eq!(issuer.count(), 2);
    assert_eq!(ask(&cache, Some(KNOWN), COOL_DOWN_SECS + 1).await.unwrap(), ["es"]);
    assert_eq!(issuer.count(), 2);
}

#[tokio::test]
async fn a_bad_answer_is_none() {
    for bad in ["", "<html>", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        let (issuer, cache) = cache();
        ask(&cache, Some(KNOWN), 0).await.unwrap();
        issuer.serve(URL, bad, None);
        assert_eq!(ask(&cache, Some(KNOWN), MAX_AGE_SECS).await.unwrap(), ["es"], "{bad}");
        let end = MAX_STALE_SECS + MAX_AGE_SECS;
        assert_eq!(ask(&cache, Some(KNOWN), end).await, Err(KeysError::Keys(JwkError::Malformed)));
    }
}

#[tokio::test]
async fn an_answer_that_takes_back_every_key_is_believed() {
    let mut private = ES256.jwk();
    private["d"] = "AQAB".into();
    let unsupported = serde_json::json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"});
    for (answer, expected) in [
        (jwks(&[]), KeysError::NoKeys),
        (jwks(&[unsupported]), KeysError::NoKeys),
        (jwks(&[private]), KeysError::Keys(JwkError::Private("d"))),
    ] {
        let (issuer, cache) = cache();
        ask(&cache, Some(KNOWN), 0).await.unwrap();
        issuer.serve(URL, answer, None);
        // Fresh keys are not asked about.
        assert_eq!(ask(&cache, Some(KNOWN), MAX_AGE_SECS - 1).await.unwrap(), ["es"]);
        assert_eq!(ask(&cache, Some(KNOWN), MAX_AGE_SECS).await, Err(expected));
        assert_eq!(ask(&cache, Some(KNOWN), MAX_AGE_SECS + 1).await, Err(KeysError::CoolingDown));
        issuer.serve(URL, set_of(&[&RS256]), None);
        let later = MAX_AGE_SECS + COOL_DOWN_SECS;
        assert_eq!(ask(&cache, Some(KNOWN), later).await.unwrap(), ["rs"]);
    }
}
