//! One kind of token is never taken for another (RFC 8725 section 3.12).

use serde_json::json;

use super::*;

const TYPS: [&str; 18] = [
    "JWT",
    "jwt",
    "at+jwt",
    "AT+JWT",
    "application/at+jwt",
    "oauth-id-jag+jwt",
    "application/oauth-id-jag+jwt",
    "logout+jwt",
    "application/logout+jwt",
    "JOSE",
    "secevent+jwt",
    "dpop+jwt",
    "client-authentication+jwt",
    "JWT ",
    "",
    "at",
    "*",
    "oauth-id-jag+jwt\u{0}",
];

fn accepted(purpose: Purpose) -> &'static [&'static str] {
    match purpose {
        Purpose::Subject => &["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"],
        Purpose::IdToken | Purpose::Workload => &["JWT", "jwt"],
        Purpose::Grant => &["oauth-id-jag+jwt", "application/oauth-id-jag+jwt"],
        Purpose::Svid => &["JWT", "jwt", "JOSE"],
        Purpose::Logout => &["JWT", "jwt", "logout+jwt", "application/logout+jwt"],
    }
}

#[test]
fn a_type_is_good_for_its_purposes_alone() {
    for purpose in PURPOSES {
        for typ in TYPS {
            let found = check(&ES256, purpose, &ES256.token(Some(typ), &Claims::good()));
            match accepted(purpose).contains(&typ) {
                true => assert!(found.is_ok(), "{purpose:?} {typ}"),
                false => assert_eq!(found.unwrap_err(), AssertionError::Typ, "{purpose:?} {typ}"),
            }
        }
        // Only an identity assertion grant has to say what it is.
        let silent = check(&ES256, purpose, &ES256.token(None, &Claims::good()));
        match purpose {
            Purpose::Grant => assert_eq!(silent.unwrap_err(), AssertionError::Typ),
            _ => assert!(silent.is_ok(), "{purpose:?}"),
        }
    }
}

#[test]
fn a_token_that_says_its_kind_is_refused_as_every_other_kind() {
    for (typ, good_for) in [
        ("at+jwt", Purpose::Subject),
        ("oauth-id-jag+jwt", Purpose::Grant),
        ("logout+jwt", Purpose::Logout),
        ("JOSE", Purpose::Svid),
    ] {
        for purpose in PURPOSES {
            let found = check(&ES256, purpose, &ES256.token(Some(typ), &Claims::good()));
            assert_eq!(found.is_ok(), purpose == good_for, "{typ} as {purpose:?}");
        }
    }
}

#[test]
fn a_security_event_without_a_type_is_nothing_else() {
    let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    for events in [event, json!({}), json!(null)] {
        let claims = Claims::good().with("events", events);
        for purpose in PURPOSES {
            match purpose {
                Purpose::Logout => assert!(judge(purpose, &claims).is_ok()),
                _ => assert_eq!(refused(purpose, &claims), AssertionError::Typ, "{purpose:?}"),
            }
            assert!(judge(purpose, &claims.clone().without("events")).is_ok());
        }
    }
}

#[test]
fn what_is_used_once_has_an_id() {
    for purpose in PURPOSES {
        let once = matches!(purpose, Purpose::Grant | Purpose::Logout);
        let without = judge(purpose, &Claims::good().without("jti"));
        match once {
            true => assert_eq!(without.unwrap_err(), AssertionError::Claim("jti"), "{purpose:?}"),
            false => assert!(without.is_ok(), "{purpose:?}"),
        }
        for bad in [json!(1), json!(""), json!("a\u{0}"), json!("x".repeat(2049)), json!(null), json!(["j"])]
        {
            let found = judge(purpose, &Claims::good().with("jti", bad.clone()));
            assert_eq!(found.is_err(), once, "{purpose:?} {bad}");
        }
    }
}
