//! Keys of the installation over months.

use serde_json::Value;

use crate::started::{SetClock, start};

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn a_key_is_known_before_it_signs_and_until_what_it_signed_is_over() {
    let home = tempfile::tempdir().unwrap();
    let clock = SetClock::at(1_700_000_000_000);
    let engine = start(home.path(), clock.clone()).await;
    let mut sequence = -1;
    let mut published = async |passes: i64| {
        clock.pass(passes * HOUR);
        let bundle = serde_json::to_value(engine.spiffe_bundle().await.unwrap()).unwrap();
        let next = bundle["spiffe_sequence"].as_i64().unwrap();
        assert!(next >= sequence, "it never goes back");
        let changed = next > sequence;
        sequence = next;
        let kids = bundle["keys"].as_array().unwrap().iter().map(|key| {
            assert_eq!(key["use"], "jwt-svid");
            assert_eq!(key.get("d"), None::<&Value>);
            key["kid"].as_str().unwrap().to_owned()
        });
        let signs = engine.open_svid_key().await.unwrap().kid().as_str().to_owned();
        (kids.collect::<Vec<_>>(), signs, changed)
    };
    let (first, signs, _) = published(0).await;
    assert_eq!(first, std::slice::from_ref(&signs), "one key alone");
    let (same, _, changed) = published(24 * 28).await;
    assert!(same == first && !changed);
    let (both, still, changed) = published(24 + 1).await;
    assert!(both.len() == 2 && changed, "the next is known a day before");
    assert_eq!(still, signs);
    let (both_again, next, changed) = published(23).await;
    assert!(changed && next != signs);
    assert_eq!(both_again, [next.clone(), signs], "what the first signed lives on");
    assert_eq!(both, [both_again[1].clone(), next.clone()]);
    let (last, signs, changed) = published(2).await;
    assert!(changed && last == [next.clone()] && signs == next, "then the first is gone");
}
