//! How long a set is used, and when it is asked for again.

use super::*;

#[tokio::test]
async fn fresh_keys_are_used_without_a_call() {
    let (issuer, cache) = cache();
    for secs in [0, 0, 1, 300, MAX_AGE_SECS - 1] {
        assert_eq!(ask(&cache, Some(KNOWN), secs).await.unwrap(), ["es"]);
        assert_eq!(issuer.count(), 1);
    }
    assert_eq!(ask(&cache, Some(KNOWN), MAX_AGE_SECS).await.unwrap(), ["es"]);
    assert_eq!(issuer.calls(), [URL, URL]);
    // A clock that was set back finds them fresh.
    assert!(ask(&cache, Some(KNOWN), 1).await.is_ok());
    assert_eq!(issuer.count(), 2);
}

#[tokio::test]
async fn discovery_asks_for_the_description_and_then_for_the_keys() {
    let (issuer, cache) = cache();
    issuer.serve(DISCOVERY, metadata().to_string(), None);
    issuer.serve(JWKS, set_of(&[&ES256, &RS256]), None);
    for secs in [0, MAX_AGE_SECS - 1] {
        let provider = cache.provider("acme", &by_discovery(), Some(KNOWN), at(secs)).await.unwrap();
        assert_eq!(kids(&provider), ["es", "rs"]);
        let described = provider.metadata.unwrap();
        assert_eq!((described.issuer.as_str(), described.jwks_uri.as_str()), (ISSUER, JWKS));
        assert_eq!(issuer.calls(), [DISCOVERY, JWKS]);
    }
}

#[tokio::test]
async fn a_new_key_is_found_with_one_call() {
    let (issuer, cache) = cache();
    assert_eq!(ask(&cache, Some(KNOWN), 0).await.unwrap(), ["es"]);
    issuer.serve(URL, set_of(&[&ES256, &RS256]), None);
    let new = Wanted { kid: Some("rs"), alg: VerifyAlg::Rs256 };
    assert_eq!(ask(&cache, Some(new), COOL_DOWN_SECS).await.unwrap(), ["es", "rs"]);
    assert_eq!(ask(&cache, Some(new), COOL_DOWN_SECS + 1).await.unwrap(), ["es", "rs"]);
    assert_eq!(issuer.count(), 2);
}

#[tokio::test]
async fn a_key_is_wanted_by_name_and_algorithm() {
    let (issuer, cache) = cache();
    ask(&cache, None, 0).await.unwrap();
    let mut secs = 0;
    for (kid, alg, known) in [
        (Some("es"), VerifyAlg::Es256, true),
        (None, VerifyAlg::Es256, true),
        (Some("es"), VerifyAlg::Rs256, false),
        (None, VerifyAlg::EdDsa, false),
        (Some("ES"), VerifyAlg::Es256, false),
        (Some(""), VerifyAlg::Es256, false),
    ] {
        let before = issuer.count();
        secs += COOL_DOWN_SECS;
        // The set that is known is given all the same: it is the signature that decides.
        assert_eq!(ask(&cache, Some(Wanted { kid, alg }), secs).await.unwrap(), ["es"]);
        assert_eq!(issuer.count() == before, known, "{kid:?} {alg:?}");
    }
}

#[tokio::test]
async fn within_the_cool_down_nothing_that_is_presented_causes_a_call() {
    let (issuer, cache) = cache();
    ask(&cache, Some(UNKNOWN), 0).await.unwrap();
    for number in 0..200 {
        let kid = format!("kid-{number}");
        for alg in [VerifyAlg::Es256, VerifyAlg::EdDsa, VerifyAlg::Rs256, VerifyAlg::Ps256] {
            let wanted = Wanted { kid: Some(&kid), alg };
            assert_eq!(ask(&cache, Some(wanted), number % COOL_DOWN_SECS).await.unwrap(), ["es"]);
        }
    }
    assert_eq!(issuer.count(), 1);
    let last = Instant(at(COOL_DOWN_SECS).0 - 1);
    cache.provider("acme", &by_url(), Some(UNKNOWN), last).await.unwrap();
    assert_eq!(issuer.count(), 1);
    ask(&cache, Some(UNKNOWN), COOL_DOWN_SECS).await.unwrap();
    assert_eq!(issuer.count(), 2);
    ask(&cache, Some(UNKNOWN), 2 * COOL_DOWN_SECS - 1).await.unwrap();
    assert_eq!(issuer.count(), 2);
}

#[tokio::test]
async fn an_issuer_may_ask_for_a_shorter_age_but_not_for_a_longer() {
    for (said, age) in [
        (None, MAX_AGE_SECS),
        (Some(60), 60),
        (Some(599), 599),
        (Some(600), MAX_AGE_SECS),
        (Some(86_400), MAX_AGE_SECS),
        (Some(u64::MAX), MAX_AGE_SECS),
        // `no-store`: once per cool-down all the same.
        (Some(0), COOL_DOWN_SECS),
        (Some(3), COOL_DOWN_SECS),
    ] {
        let (issuer, cache) = cache();
        issuer.serve(URL, set_of(&[&ES256]), said);
        for secs in [0, age - 1] {
            assert_eq!(ask(&cache, Some(KNOWN), secs).await.unwrap(), ["es"]);
            assert_eq!(issuer.count(), 1, "{said:?}");
        }
        ask(&cache, Some(KNOWN), age).await.unwrap();
        assert_eq!(issuer.count(), 2, "{said:?}");
    }
}

#[tokio::test]
async fn a_withdrawn_key_is_dead_when_the_set_is_too_old() {
    for (said, age) in [(None, MAX_AGE_SECS), (Some(60), 60), (Some(86_400), MAX_AGE_SECS)] {
        let (issuer, cache) = cache();
        issuer.serve(URL, set_of(&[&ES256, &RS256]), said);
        ask(&cache, Some(KNOWN), 0).await.unwrap();
        issuer.serve(URL, set_of(&[&RS256]), said);
        assert_eq!(ask(&cache, Some(KNOWN), age - 1).await.unwrap(), ["es", "rs"]);
        assert_eq!(ask(&cache, Some(KNOWN), age).await.unwrap(), ["rs"]);
    }
}

#[tokio::test]
async fn configured_keys_are_never_asked_for() {
    let (issuer, cache) = cache();
    let fixed = KeySource::Fixed(Arc::new(crate::signer::key_set(&[&ED25519])));
    for wanted in [None, Some(UNKNOWN)] {
        let provider = cache.provider("acme", &fixed, wanted, at(0)).await.unwrap();
        assert_eq!((kids(&provider), provider.metadata.is_none()), (vec!["ed"], true));
    }
    assert_eq!(kids(&cache.probe(&fixed).await.unwrap()), ["ed"]);
    assert_eq!(issuer.count(), 0);
}

#[tokio::test]
async fn a_probe_asks_and_keeps_nothing() {
    let (issuer, cache) = cache();
    assert_eq!(kids(&cache.probe(&by_url()).await.unwrap()), ["es"]);
    assert_eq!(kids(&cache.probe(&by_url()).await.unwrap()), ["es"]);
    assert_eq!(issuer.count(), 2);
    ask(&cache, None, 0).await.unwrap();
    assert_eq!(issuer.count(), 3);
    // What a probe sees is not what others are judged by.
    issuer.serve(URL, set_of(&[&RS256]), None);
    assert_eq!(kids(&cache.probe(&by_url()).await.unwrap()), ["rs"]);
    assert_eq!(ask(&cache, Some(KNOWN), 1).await.unwrap(), ["es"]);
    issuer.set_down(true);
    assert!(matches!(cache.probe(&by_url()).await, Err(KeysError::Fetch(_))));
    assert_eq!(ask(&cache, Some(KNOWN), 2).await.unwrap(), ["es"]);
}

#[tokio::test]
async fn tenants_and_sources_share_nothing() {
    let (issuer, cache) = cache();
    ask(&cache, None, 0).await.unwrap();
    // Another tenant that trusts the same issuer asks for itself, and sees what there is now.
    issuer.serve(URL, set_of(&[&ED25519]), None);
    let other = cache.provider("globex", &by_url(), None, at(1)).await.unwrap();
    assert_eq!(kids(&other), ["ed"]);
    assert_eq!(ask(&cache, None, 1).await.unwrap(), ["es"]);
    assert_eq!(issuer.count(), 2);
    // One address as three kinds of source.
    let discovery = KeySource::Discovery { issuer: URL.to_owned() };
    let bundle = KeySource::Bundle { url: URL.to_owned() };
    for source in [discovery, bundle] {
        assert!(cache.provider("acme", &source, None, at(1)).await.is_err());
    }
    assert_eq!(ask(&cache, None, 1).await.unwrap(), ["es"]);
    assert!(format!("{cache:?}").contains("issuers: 4"));
}
