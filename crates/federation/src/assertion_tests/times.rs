//! NumericDates (RFC 7519 section 2), the leeway to the second, and how long tokens may live.

use super::*;
use crate::assertion::{LEEWAY_SECS, MAX_LIFE_SECS};
use crate::signer::at;

const SHORT: [Purpose; 4] = [Purpose::Grant, Purpose::Workload, Purpose::Svid, Purpose::Logout];

fn needs_iat(purpose: Purpose) -> bool {
    !matches!(purpose, Purpose::Workload | Purpose::Svid)
}

#[test]
fn a_token_ends_at_its_expiry_and_half_a_minute() {
    for purpose in PURPOSES {
        let with = |exp| Claims::good().with("iat", at(-3000)).with("exp", exp);
        let verified = judge(purpose, &with(at(1 - LEEWAY_SECS))).unwrap();
        assert_eq!(verified.expires_at, NOW.plus_secs(1 - LEEWAY_SECS));
        for past in [at(-LEEWAY_SECS), at(-LEEWAY_SECS - 1), 1, 0] {
            assert_eq!(refused(purpose, &with(past)), AssertionError::Expired, "{purpose:?} {past}");
        }
        // To the millisecond, too.
        let token = ES256.token(typ(purpose), &with(at(0)));
        let end = NOW.plus_secs(LEEWAY_SECS);
        let at_time = |now| verify(&token, &key_set(&[&ES256]), purpose, Some(ISSUER), now).map(drop);
        assert_eq!(at_time(Instant(end.0 - 1)), Ok(()));
        assert_eq!(at_time(end), Err(AssertionError::Expired));
    }
}

#[test]
fn a_token_begins_half_a_minute_before_it_says() {
    for purpose in PURPOSES {
        for name in ["iat", "nbf"] {
            let with = |start: i64| Claims::good().with("exp", at(600)).with(name, start);
            assert!(judge(purpose, &with(at(LEEWAY_SECS))).is_ok(), "{purpose:?} {name}");
            let early = refused(purpose, &with(at(LEEWAY_SECS + 1)));
            assert_eq!(early, AssertionError::NotYetValid, "{purpose:?} {name}");
        }
    }
}

#[test]
fn what_stands_for_a_workload_or_counts_once_lives_an_hour_at_most() {
    let exp = |secs| Claims::good().with("exp", at(secs));
    for purpose in SHORT {
        assert!(judge(purpose, &exp(MAX_LIFE_SECS)).is_ok(), "{purpose:?}");
        assert_eq!(refused(purpose, &exp(MAX_LIFE_SECS + 1)), AssertionError::TooLong, "{purpose:?}");
        // Its whole life counts, not what is left of it.
        let old = |secs| exp(secs).with("iat", at(-3000));
        assert!(judge(purpose, &old(MAX_LIFE_SECS - 3000)).is_ok());
        assert_eq!(refused(purpose, &old(MAX_LIFE_SECS - 2999)), AssertionError::TooLong);
        if !needs_iat(purpose) {
            let unborn = |secs| exp(secs).without("iat");
            assert!(judge(purpose, &unborn(MAX_LIFE_SECS + LEEWAY_SECS)).is_ok());
            let refused = refused(purpose, &unborn(MAX_LIFE_SECS + LEEWAY_SECS + 1));
            assert_eq!(refused, AssertionError::TooLong, "{purpose:?}");
        }
    }
    for purpose in [Purpose::Subject, Purpose::IdToken] {
        assert!(judge(purpose, &exp(10 * 365 * 24 * 3600)).is_ok(), "{purpose:?}");
    }
}

#[test]
fn an_expiry_is_required_and_an_issue_date_where_its_rfc_says() {
    for purpose in PURPOSES {
        assert_eq!(refused(purpose, &Claims::good().without("exp")), AssertionError::Claim("exp"));
        let unborn = judge(purpose, &Claims::good().without("iat"));
        match needs_iat(purpose) {
            true => assert_eq!(unborn.unwrap_err(), AssertionError::Claim("iat"), "{purpose:?}"),
            false => assert!(unborn.is_ok(), "{purpose:?}"),
        }
        let dated = judge(purpose, &Claims::good().with("nbf", at(0)));
        assert!(dated.is_ok() && judge(purpose, &Claims::good().without("nbf")).is_ok());
    }
}

#[test]
fn a_date_is_a_number_of_seconds() {
    for purpose in PURPOSES {
        for name in ["exp", "iat", "nbf"] {
            for bad in [
                r#""1800000300""#,
                r#""""#,
                "null",
                "true",
                "[1800000300]",
                "{}",
                "-1",
                "-0.5",
                "-1800000300",
                "253402300800",
                "1e300",
            ] {
                let found = refused(purpose, &Claims::good().with_raw(name, bad));
                let named = matches!(found, AssertionError::Claim(found) if found == name);
                assert!(named, "{purpose:?} {name} {bad}: {found}");
            }
            // Numbers that no reader keeps as they are, and what is no JSON.
            for bad in
                ["18446744073709551615", "1e400", "01800000300", "+1", "1800000300.", "NaN", "0x6b49d200"]
            {
                let found = refused(purpose, &Claims::good().with_raw(name, bad));
                assert_eq!(found, AssertionError::Malformed, "{purpose:?} {name} {bad}");
            }
        }
    }
    // Milliseconds, as a wrong library writes them, are the year 59000.
    let millis = Claims::good().with("exp", at(300) * 1000);
    assert_eq!(refused(Purpose::IdToken, &millis), AssertionError::Claim("exp"));
}

#[test]
fn fractions_of_a_second_count_down() {
    let judge = |name: &str, json: &str| {
        let claims = Claims::good().with("iat", at(-60)).with_raw(name, json);
        self::judge(Purpose::IdToken, &claims).map(|verified| verified.expires_at)
    };
    assert_eq!(judge("exp", "1800000300.9"), Ok(NOW.plus_secs(300)));
    assert_eq!(judge("exp", "1.8000003e9"), Ok(NOW.plus_secs(300)));
    assert_eq!(judge("exp", "1799999971.5"), Ok(NOW.plus_secs(-29)));
    assert_eq!(judge("exp", "1799999970.5"), Err(AssertionError::Expired));
    assert!(judge("iat", "1800000030.5").is_ok());
    assert_eq!(judge("nbf", "1800000031.5"), Err(AssertionError::NotYetValid));
}
