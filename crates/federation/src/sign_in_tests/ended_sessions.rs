//! Logout tokens (OpenID Connect Back-Channel Logout sections 2.4 and 2.6).

use serde_json::{Value, json};

use super::*;
use crate::assertion::AssertionError;
use crate::sign_in::{EndedSession, verify_id_token, verify_logout_token};
use crate::signer::{Claims, ED25519, ES256, NOW, Signer, at, key_set};

fn event() -> Value {
    json!({"http://schemas.openid.net/event/backchannel-logout": {}})
}

fn good() -> Claims {
    Claims::good().with("aud", CLIENT).with("exp", at(120)).with("events", event())
}

fn verify(signer: &Signer, typ: Option<&str>, claims: &Claims) -> Result<EndedSession, AssertionError> {
    let token = signer.token(typ, claims);
    verify_logout_token(&token, &key_set(&[&ES256]), ISSUER, CLIENT, NOW)
}

fn judge(claims: &Claims) -> Result<EndedSession, AssertionError> {
    verify(&ES256, Some("logout+jwt"), claims)
}

fn ended(subject: Option<&str>, sid: Option<&str>) -> Result<EndedSession, AssertionError> {
    let (subject, sid) = (subject.map(str::to_owned), sid.map(str::to_owned));
    Ok(EndedSession { subject, sid, jti: "j1".to_owned(), expires_at: NOW.plus_secs(120) })
}

#[test]
fn a_person_a_session_or_both_are_named() {
    assert_eq!(judge(&good()), ended(Some("00u1abc"), None));
    assert_eq!(judge(&good().with("sid", "s1")), ended(Some("00u1abc"), Some("s1")));
    assert_eq!(judge(&good().without("sub").with("sid", "s1")), ended(None, Some("s1")));
    assert_eq!(judge(&good().without("sub")), Err(AssertionError::Claim("sub")));
    for typ in [None, Some("JWT"), Some("application/logout+jwt")] {
        assert!(verify(&ES256, typ, &good()).is_ok(), "{typ:?}");
    }
}

#[test]
fn a_name_is_text() {
    for bad in [json!(""), json!(null), json!(1), json!(["a"]), json!("a\u{0}"), json!("x".repeat(2049))] {
        for (name, other) in [("sub", "sid"), ("sid", "sub")] {
            let claims = good().with(other, "other").with(name, bad.clone());
            assert_eq!(judge(&claims), Err(AssertionError::Claim(name)), "{name} {bad}");
        }
        assert_eq!(judge(&good().with("jti", bad.clone())), Err(AssertionError::Claim("jti")), "{bad}");
    }
    assert_eq!(judge(&good().without("jti")), Err(AssertionError::Claim("jti")));
}

#[test]
fn the_event_makes_it_a_logout_token() {
    let uri = "http://schemas.openid.net/event/backchannel-logout";
    for bad in [
        json!(null),
        json!(uri),
        json!([uri]),
        json!({}),
        json!({ uri: null }),
        json!({ uri: true }),
        json!({ uri: [] }),
        json!({ uri: "{}" }),
        json!({"http://schemas.openid.net/event/backchannel-logout/": {}}),
        json!({"HTTP://schemas.openid.net/event/backchannel-logout": {}}),
        json!({"https://schemas.openid.net/secevent/caep/event-type/session-revoked": {}}),
    ] {
        assert_eq!(judge(&good().with("events", bad.clone())), Err(AssertionError::Claim("events")), "{bad}");
    }
    assert_eq!(judge(&good().without("events")), Err(AssertionError::Claim("events")));
    // More may be said of the event, and other events beside it.
    let more = json!({ uri: {"reason": "x"}, "urn:other": {} });
    assert!(judge(&good().with("events", more)).is_ok());
    let twice = good().with_raw("events", &format!(r#"{{"{uri}":{{}},"{uri}":{{}}}}"#));
    assert_eq!(judge(&twice), Err(AssertionError::Malformed));
}

#[test]
fn an_id_token_is_no_logout_token_and_the_other_way_round() {
    for nonce in [json!(NONCE), json!(null), json!("")] {
        assert_eq!(judge(&good().with("nonce", nonce)), Err(AssertionError::Claim("nonce")));
    }
    let id_token = Claims::good().with("aud", CLIENT).with("nonce", NONCE);
    assert_eq!(verify(&ES256, None, &id_token), Err(AssertionError::Claim("events")));
    for typ in ["at+jwt", "secevent+jwt", "oauth-id-jag+jwt", "JOSE"] {
        assert_eq!(verify(&ES256, Some(typ), &good()), Err(AssertionError::Typ), "{typ}");
    }
    let as_id_token = |claims: &Claims| {
        let token = ES256.token(None, claims);
        verify_id_token(&token, &key_set(&[&ES256]), ISSUER, CLIENT, NONCE, NOW).is_ok()
    };
    assert!(as_id_token(&id_token));
    assert!(!as_id_token(&good()) && !as_id_token(&good().with("nonce", NONCE)));
}

#[test]
fn a_logout_token_is_the_issuers_for_this_client_and_in_time() {
    let other = "https://evil.example";
    for (bad, why) in [
        (good().with("iss", other), AssertionError::Issuer { found: other.to_owned() }),
        (good().without("iss"), AssertionError::Claim("iss")),
        (good().with("aud", "client-2"), AssertionError::Audience { found: "\"client-2\"".to_owned() }),
        (good().without("aud"), AssertionError::Claim("aud")),
        (good().with("exp", at(-30)), AssertionError::Expired),
        (good().without("exp"), AssertionError::Claim("exp")),
        (good().with("exp", at(3601)), AssertionError::TooLong),
        (good().without("iat"), AssertionError::Claim("iat")),
        (good().with("iat", at(31)), AssertionError::NotYetValid),
    ] {
        assert_eq!(judge(&bad), Err(why), "{}", bad.text());
    }
    assert!(judge(&good().with("exp", at(3600))).is_ok());
    assert!(judge(&good().with("aud", vec![CLIENT])).is_ok());
    assert_eq!(verify(&ED25519, None, &good()), Err(AssertionError::UnknownKey));
    let stranger = Signer::own("es", deputy_token::keys::Alg::Es256);
    assert_eq!(verify(&stranger, None, &good()), Err(AssertionError::Signature));
}
