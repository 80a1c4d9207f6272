//! Callers at the same time: one refresh, whoever goes away, and nobody waits for another's issuer.

use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet};

use super::*;
use crate::scripted::outage;

type Answer = Result<Vec<String>, KeysError>;

fn spawn(cache: &Arc<KeyCache>, kid: &'static str, secs: i64) -> JoinHandle<Answer> {
    let cache = cache.clone();
    let wanted = Wanted { kid: Some(kid), alg: VerifyAlg::Es256 };
    tokio::spawn(async move { ask(&cache, Some(wanted), secs).await })
}

/// Lets whoever can run do so until they wait.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

fn shared() -> (Arc<Scripted>, Arc<KeyCache>) {
    let (issuer, cache) = cache();
    (issuer, Arc::new(cache))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_callers_with_unknown_keys_cause_one_call() {
    let (issuer, cache) = shared();
    ask(&cache, Some(KNOWN), 0).await.unwrap();
    for round in 1..=3 {
        let mut callers = JoinSet::new();
        for number in 0..100_i64 {
            let cache = cache.clone();
            callers.spawn(async move {
                let kid = format!("kid-{number}");
                let wanted = Wanted { kid: Some(&kid), alg: VerifyAlg::Es256 };
                ask(&cache, Some(wanted), round * COOL_DOWN_SECS + number % 2).await
            });
        }
        while let Some(answer) = callers.join_next().await {
            assert_eq!(answer.unwrap().unwrap(), ["es"]);
        }
        assert!(issuer.count() <= 1 + usize::try_from(round).unwrap());
    }
    assert!(issuer.count() > 1);
}

#[tokio::test]
async fn one_refresh_is_under_way_and_serves_all_who_wait() {
    let (issuer, cache) = shared();
    let gate = issuer.gate(URL);
    let callers: Vec<_> = (0..50).map(|_| spawn(&cache, "es", 0)).collect();
    issuer.somebody_waits().await;
    settle().await;
    assert_eq!(issuer.count(), 1);
    gate.add_permits(1);
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap(), ["es"]);
    }
    assert_eq!(issuer.count(), 1);
}

#[tokio::test]
async fn one_refresh_that_fails_fails_for_all_who_wait() {
    let (issuer, cache) = shared();
    issuer.set_down(true);
    let gate = issuer.gate(URL);
    let callers: Vec<_> = (0..50).map(|_| spawn(&cache, "es", 0)).collect();
    issuer.somebody_waits().await;
    settle().await;
    gate.add_permits(1);
    let mut told = 0;
    for caller in callers {
        match caller.await.unwrap().unwrap_err() {
            KeysError::CoolingDown => {}
            error => {
                assert_eq!(error, KeysError::Fetch(outage()));
                told += 1;
            }
        }
    }
    assert_eq!((told, issuer.count()), (1, 1));
}

#[tokio::test]
async fn whoever_has_fresh_keys_does_not_wait_for_a_refresh() {
    let (issuer, cache) = shared();
    ask(&cache, Some(KNOWN), 0).await.unwrap();
    let gate = issuer.gate(URL);
    let waiting = spawn(&cache, "unheard-of", COOL_DOWN_SECS);
    issuer.somebody_waits().await;
    assert_eq!(ask(&cache, Some(KNOWN), COOL_DOWN_SECS).await.unwrap(), ["es"]);
    assert!(!waiting.is_finished());
    gate.add_permits(1);
    assert_eq!(waiting.await.unwrap().unwrap(), ["es"]);
}

#[tokio::test]
async fn a_caller_who_goes_away_neither_breaks_off_nor_repeats_the_call() {
    let (issuer, cache) = shared();
    let gate = issuer.gate(URL);
    let first = spawn(&cache, "es", 0);
    issuer.somebody_waits().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let next: Vec<_> = (0..10).map(|secs| spawn(&cache, "es", secs)).collect();
    settle().await;
    assert_eq!(issuer.count(), 1);
    gate.add_permits(1);
    for caller in next {
        assert_eq!(caller.await.unwrap().unwrap(), ["es"]);
    }
    assert_eq!(issuer.count(), 1);
}

#[tokio::test]
async fn callers_who_all_go_away_do_not_keep_the_next_ones_without_keys() {
    let (issuer, cache) = shared();
    for round in 0..5 {
        let gate = issuer.gate(URL);
        let stranger = spawn(&cache, "unheard-of", round * MAX_AGE_SECS);
        issuer.somebody_waits().await;
        stranger.abort();
        assert!(stranger.await.unwrap_err().is_cancelled());
        gate.add_permits(1);
        settle().await;
        // Within the cool-down of the stranger's call.
        let answer = ask(&cache, Some(KNOWN), round * MAX_AGE_SECS + 1).await;
        assert_eq!(answer.unwrap(), ["es"]);
        assert_eq!(issuer.count(), 1 + usize::try_from(round).unwrap());
    }
}

#[tokio::test]
async fn a_call_that_failed_for_somebody_who_went_away_cools_down() {
    let (issuer, cache) = shared();
    issuer.set_down(true);
    let gate = issuer.gate(URL);
    let first = spawn(&cache, "es", 0);
    issuer.somebody_waits().await;
    first.abort();
    gate.add_permits(1);
    settle().await;
    issuer.set_down(false);
    assert_eq!(ask(&cache, Some(KNOWN), COOL_DOWN_SECS - 1).await, Err(KeysError::CoolingDown));
    assert_eq!(issuer.count(), 1);
    gate.add_permits(1);
    assert_eq!(ask(&cache, Some(KNOWN), COOL_DOWN_SECS).await.unwrap(), ["es"]);
}

#[tokio::test]
async fn nobody_waits_for_another_tenants_issuer_or_another_issuer() {
    let (issuer, cache) = shared();
    let other = "https://other.example/keys";
    issuer.serve(other, set_of(&[&RS256]), None);
    let gate = issuer.gate(URL);
    let slow = spawn(&cache, "es", 0);
    issuer.somebody_waits().await;
    let source = KeySource::Url { jwks_uri: other.to_owned() };
    for tenant in ["acme", "globex"] {
        let asked = cache.provider(tenant, &source, None, at(0));
        // It ends at once or never; the patience is only so that a failure is told.
        let provider = tokio::time::timeout(Duration::from_secs(30), asked).await.unwrap().unwrap();
        assert_eq!(kids(&provider), ["rs"]);
    }
    // The same address, for another tenant: it asks itself instead of waiting in line.
    let same = tokio::spawn({
        let cache = cache.clone();
        async move { cache.provider("globex", &by_url(), None, at(0)).await.map(drop) }
    });
    issuer.somebody_waits().await;
    assert!(!slow.is_finished());
    assert_eq!(issuer.count(), 4);
    gate.add_permits(2);
    assert_eq!(slow.await.unwrap().unwrap(), ["es"]);
    assert_eq!(same.await.unwrap(), Ok(()));
}
