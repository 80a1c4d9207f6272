//! Rotation, with an issuer that answers what the test says.

use std::sync::atomic::{AtomicUsize, Ordering};

use deputy_token::keys::{Alg, JwkSet, Kid, SigningKey};
use parking_lot::Mutex as Set;

use super::*;

const NOW: Instant = Instant::from_secs(1_800_000_000);
const PACE: Pace = Pace { cool_down_ms: 30_000, max_stale_ms: 3_600_000 };

#[derive(Default)]
struct Issuer {
    kids: Set<Option<Vec<&'static str>>>,
    fetches: AtomicUsize,
}

impl FetchKeys for Arc<Issuer> {
    async fn fetch(&self) -> Result<Fetched, FetchError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let kids = self.kids.lock().clone().ok_or(FetchError::Status(503))?;
        let key = |kid: &'static str| {
            let rng = aws_lc_rs::rand::SystemRandom::new();
            let key = SigningKey::generate(Kid::new(kid).unwrap(), Alg::EdDsa, &rng).unwrap();
            key.jwk().clone()
        };
        let set = JwkSet { keys: kids.into_iter().map(key).collect() };
        Ok(Fetched { text: serde_json::to_string(&set).unwrap(), max_age: Some(60) })
    }
}

impl Issuer {
    fn publish(&self, kids: &[&'static str]) {
        *self.kids.lock() = Some(kids.to_vec());
    }

    fn fall_silent(&self) {
        *self.kids.lock() = None;
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

async fn ring() -> (Arc<Issuer>, KeyRing<Arc<Issuer>>) {
    let issuer = Arc::new(Issuer::default());
    issuer.publish(&["a"]);
    let ring = KeyRing::start(issuer.clone(), PACE, NOW).await.unwrap();
    (issuer, ring)
}

async fn has(ring: &KeyRing<Arc<Issuer>>, kid: &str, now: Instant) -> bool {
    ring.keys_for(Some(kid), now).await.find(kid).is_some()
}

#[tokio::test]
async fn a_new_key_is_fetched_when_it_is_first_seen() {
    let (issuer, ring) = ring().await;
    assert!(has(&ring, "a", NOW).await);
    assert_eq!(issuer.fetches(), 1, "a known key asks nobody");
    issuer.publish(&["a", "b"]);
    assert!(has(&ring, "b", NOW).await);
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test]
async fn unknown_keys_fetch_once_per_cool_down() {
    let (issuer, ring) = ring().await;
    for kid in ["x", "y", "x"] {
        assert!(!has(&ring, kid, NOW).await);
    }
    issuer.publish(&["a", "b"]);
    assert!(!has(&ring, "b", Instant(NOW.0 + 29_999)).await);
    assert_eq!(issuer.fetches(), 2);
    assert!(has(&ring, "b", Instant(NOW.0 + 30_000)).await);
    assert_eq!(issuer.fetches(), 3);
}

#[tokio::test]
async fn of_many_that_wait_one_fetches() {
    let (issuer, ring) = ring().await;
    issuer.publish(&["a", "b"]);
    let ring = Arc::new(ring);
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let ring = ring.clone();
            tokio::spawn(async move { has(&ring, "b", NOW).await })
        })
        .collect();
    for one in waiting {
        assert!(one.await.unwrap());
    }
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_goes_with_the_next_refresh() {
    let (issuer, ring) = ring().await;
    issuer.publish(&["b"]);
    assert_eq!(ring.times().1, NOW.plus_secs(60), "the issuer says how long");
    ring.refresh(NOW.plus_secs(60)).await;
    assert!(!has(&ring, "a", NOW.plus_secs(60)).await);
    assert!(has(&ring, "b", NOW.plus_secs(60)).await);
}

#[tokio::test]
async fn the_last_good_set_is_used_until_it_is_too_old() {
    let (issuer, ring) = ring().await;
    issuer.fall_silent();
    ring.refresh(NOW.plus_secs(60)).await;
    assert!(has(&ring, "a", NOW.plus_secs(3599)).await);
    assert!(!has(&ring, "a", NOW.plus_secs(3600)).await, "closed");
    issuer.publish(&["a"]);
    assert!(!has(&ring, "a", NOW.plus_secs(3601)).await, "the cool-down holds here too");
    assert!(has(&ring, "a", NOW.plus_secs(3630)).await, "and open again");
}

#[tokio::test]
async fn a_set_that_cannot_be_read_replaces_nothing() {
    struct Garbled;
    impl FetchKeys for Garbled {
        async fn fetch(&self) -> Result<Fetched, FetchError> {
            Ok(Fetched { text: r#"{"keys": [{"kty": "oct", "k": "AA"}]}"#.into(), max_age: None })
        }
    }
    assert!(matches!(KeyRing::start(Garbled, PACE, NOW).await, Err(FetchError::Malformed)));
}
