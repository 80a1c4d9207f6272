//! One audience, alone and byte for byte: a token that is also for somebody else may come from there.

use serde_json::json;

use super::*;

#[test]
fn a_token_is_for_one_of_the_registered_audiences_alone() {
    for purpose in PURPOSES {
        for good in [json!(AUDIENCE), json!([AUDIENCE]), json!("client-1"), json!(["client-1"])] {
            assert!(judge(purpose, &Claims::good().with("aud", good.clone())).is_ok(), "{good}");
        }
        for other in [
            json!(""),
            json!("https://deputy.example/t/acme/"),
            json!("https://deputy.example/t/ACME"),
            json!(" client-1"),
            json!("client-1 "),
            json!("client-1\u{0}"),
            json!("client"),
            json!("*"),
            json!([]),
            json!([AUDIENCE, "client-1"]),
            json!([AUDIENCE, AUDIENCE]),
            json!([AUDIENCE, "https://other.example"]),
            json!(["https://other.example", AUDIENCE]),
            json!(["https://other.example"]),
            json!([[AUDIENCE]]),
            json!([1]),
            json!([{"aud": AUDIENCE}]),
        ] {
            let found = refused(purpose, &Claims::good().with("aud", other.clone()));
            assert_eq!(found, AssertionError::Audience { found: other.to_string() }, "{purpose:?}");
        }
        let absent = Claims::good().without("aud");
        for bad in [json!(null), json!(1), json!(true), json!({ "0": AUDIENCE })] {
            let bad = Claims::good().with("aud", bad);
            assert_eq!(refused(purpose, &bad), AssertionError::Claim("aud"), "{}", bad.text());
        }
        assert_eq!(refused(purpose, &absent), AssertionError::Claim("aud"));
    }
}

#[test]
fn without_a_registered_audience_nothing_is_for_us() {
    let token = ES256.token(None, &Claims::good());
    let keys = key_set(&[&ES256]);
    for (audiences, holds) in [(BTreeSet::new(), false), (BTreeSet::from([AUDIENCE.to_owned()]), true)] {
        let expected = Expected { issuer: Some(ISSUER), audiences: &audiences, purpose: Purpose::Subject };
        let found = Assertion::parse(&token).unwrap().verify(&keys, &expected, NOW);
        assert_eq!(found.is_ok(), holds);
    }
}

#[test]
fn what_is_told_of_a_long_audience_is_short() {
    let long = Claims::good().with("aud", "é".repeat(9000));
    let AssertionError::Audience { found } = refused(Purpose::Subject, &long) else { panic!() };
    assert_eq!(found.chars().count(), 2048);
}
