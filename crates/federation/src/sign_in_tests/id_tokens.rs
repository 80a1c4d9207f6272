//! ID tokens for one attempt of one client (OpenID Connect Core section 3.1.3.7).

use serde_json::json;

use super::*;
use crate::assertion::{AssertionError, Verified};
use crate::sign_in::{SignInError, session_of, verify_id_token};
use crate::signer::{Claims, ED25519, ES256, NOW, RS256, Signer, at, key_set};

fn good() -> Claims {
    Claims::good().with("aud", CLIENT).with("nonce", NONCE)
}

fn verify(signer: &Signer, typ: Option<&str>, claims: &Claims) -> Result<Verified, SignInError> {
    let token = signer.token(typ, claims);
    verify_id_token(&token, &key_set(&[&ES256, &RS256]), ISSUER, CLIENT, NONCE, NOW)
}

fn refused(claims: &Claims) -> SignInError {
    verify(&ES256, None, claims).map(|verified| verified.subject).unwrap_err()
}

#[test]
fn a_good_id_token_is_accepted() {
    for signer in [&*ES256, &*RS256] {
        for typ in [None, Some("JWT")] {
            let verified = verify(signer, typ, &good()).unwrap();
            assert_eq!((verified.subject.as_str(), verified.expires_at), ("00u1abc", NOW.plus_secs(300)));
        }
    }
    assert!(verify(&ES256, None, &good().with("azp", CLIENT)).is_ok());
    assert!(verify(&ES256, None, &good().with("aud", vec![CLIENT])).is_ok());
}

#[test]
fn a_nonce_is_that_of_the_attempt() {
    let missing = good().without("nonce");
    for bad in [
        missing,
        good().with("nonce", ""),
        good().with("nonce", "another"),
        good().with("nonce", NONCE.to_lowercase()),
        good().with("nonce", format!("{NONCE} ")),
        good().with("nonce", vec![NONCE]),
        good().with("nonce", json!(null)),
        good().with("nonce", 1),
    ] {
        assert_eq!(refused(&bad), SignInError::Nonce, "{}", bad.text());
    }
    let twice = good().and("nonce", "\"another\"");
    assert_eq!(refused(&twice), SignInError::IdToken(AssertionError::Malformed));
}

#[test]
fn an_id_token_is_for_this_client_alone() {
    for azp in [json!("client-2"), json!(""), json!([CLIENT]), json!(null), json!(1)] {
        assert_eq!(refused(&good().with("azp", azp.clone())), SignInError::AuthorizedParty, "{azp}");
    }
    for aud in [json!("client-2"), json!([CLIENT, "client-2"]), json!(["client-2", CLIENT]), json!([])] {
        let several = good().with("aud", aud.clone()).with("azp", CLIENT);
        let found = aud.to_string();
        assert_eq!(refused(&several), SignInError::IdToken(AssertionError::Audience { found }));
    }
    let nobody = refused(&good().without("aud"));
    assert_eq!(nobody, SignInError::IdToken(AssertionError::Claim("aud")));
}

#[test]
fn an_id_token_is_the_issuers_and_in_time() {
    let other = "https://evil.example";
    for (bad, why) in [
        (good().with("iss", other), AssertionError::Issuer { found: other.to_owned() }),
        (good().without("iss"), AssertionError::Claim("iss")),
        (good().with("exp", at(-30)), AssertionError::Expired),
        (good().without("exp"), AssertionError::Claim("exp")),
        (good().without("iat"), AssertionError::Claim("iat")),
        (good().with("iat", at(31)), AssertionError::NotYetValid),
        (good().with("nbf", at(31)), AssertionError::NotYetValid),
        (good().without("sub"), AssertionError::Claim("sub")),
    ] {
        assert_eq!(refused(&bad), SignInError::IdToken(why), "{}", bad.text());
    }
    assert!(verify(&ES256, None, &good().with("exp", at(-29)).with("iat", at(-300))).is_ok());
}

#[test]
fn an_id_token_is_signed_and_is_one() {
    let refused = |signer: &Signer, typ: Option<&str>, claims: &Claims| {
        verify(signer, typ, claims).map(|verified| verified.subject).unwrap_err()
    };
    assert_eq!(refused(&ED25519, None, &good()), SignInError::IdToken(AssertionError::UnknownKey));
    let stranger = Signer::own("es", deputy_token::keys::Alg::Es256);
    assert_eq!(refused(&stranger, None, &good()), SignInError::IdToken(AssertionError::Signature));
    for typ in ["at+jwt", "logout+jwt", "oauth-id-jag+jwt", "secevent+jwt"] {
        let found = refused(&ES256, Some(typ), &good());
        assert_eq!(found, SignInError::IdToken(AssertionError::Typ), "{typ}");
    }
    // A logout token of a provider that gives it no type, whatever else it says.
    let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let logout = good().with("events", event);
    assert_eq!(refused(&ES256, None, &logout), SignInError::IdToken(AssertionError::Typ));
    for text in ["", "x", "x.y.z", "e30.e30."] {
        let found = verify_id_token(text, &key_set(&[&ES256]), ISSUER, CLIENT, NONCE, NOW).map(drop);
        assert!(matches!(found, Err(SignInError::IdToken(_))), "{text}");
    }
}

#[test]
fn a_session_has_a_name_that_can_be_kept() {
    let sid = |claims: &Claims| session_of(&verify(&ES256, None, claims).unwrap()).map(str::to_owned);
    assert_eq!(sid(&good().with("sid", "08a5019c")).as_deref(), Some("08a5019c"));
    assert_eq!(sid(&good().with("sid", "x".repeat(2048))).map(|sid| sid.len()), Some(2048));
    let long = json!("x".repeat(2049));
    for bad in [json!(""), json!("a\u{0}"), long, json!(1), json!(null), json!(["a"])] {
        assert_eq!(sid(&good().with("sid", bad.clone())), None, "{bad}");
    }
    assert_eq!(sid(&good()), None);
}
