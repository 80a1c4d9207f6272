//! The header chooses neither the key nor the rules, and an algorithm belongs to its key (RFC 8725 section 3.1).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_token::keys::{Alg, JwkSet};
use serde_json::{Value, json};

use super::*;
use crate::signer::{ED25519, PS256, RS256, jwks};

fn set(keys: &[Value]) -> JwkSet {
    JwkSet::parse(&jwks(keys)).unwrap()
}

fn with(mut jwk: Value, name: &str, value: &str) -> Value {
    jwk[name] = value.into();
    jwk
}

fn try_with(keys: &JwkSet, token: &str) -> Result<(), AssertionError> {
    verify(token, keys, Purpose::IdToken, Some(ISSUER), NOW).map(drop)
}

#[test]
fn a_key_is_found_by_its_name_and_algorithm() {
    let keys = key_set(&all());
    for signer in all() {
        assert_eq!(try_with(&keys, &signer.token(None, &Claims::good())), Ok(()), "{}", signer.alg);
    }
    let payload = Claims::good().text();
    for kid in ["ed", "rs", "absent", "ES", "es ", ""] {
        let token = ES256.sign(&json!({"alg": "ES256", "kid": kid}).to_string(), &payload);
        assert_eq!(try_with(&keys, &token), Err(AssertionError::UnknownKey), "{kid}");
    }
    let token = ES256.token(None, &Claims::good());
    assert_eq!(try_with(&JwkSet::default(), &token), Err(AssertionError::UnknownKey));
    // A key without a name is none that a token could name.
    let mut unnamed = ES256.jwk();
    unnamed.as_object_mut().unwrap().remove("kid");
    assert_eq!(try_with(&set(&[unnamed.clone()]), &token), Err(AssertionError::UnknownKey));
    let silent = ES256.sign(r#"{"alg":"ES256"}"#, &payload);
    assert_eq!(try_with(&set(&[unnamed]), &silent), Ok(()));
}

#[test]
fn a_token_without_a_key_name_is_tried_with_every_key_of_its_algorithm() {
    let silent = ES256.sign(r#"{"alg":"ES256"}"#, &Claims::good().text());
    let other = Signer::own("other", Alg::Es256);
    assert_eq!(try_with(&key_set(&[&other, &RS256, &ES256]), &silent), Ok(()));
    assert_eq!(try_with(&key_set(&[&other, &RS256]), &silent), Err(AssertionError::Signature));
    assert_eq!(try_with(&key_set(&[&RS256, &ED25519]), &silent), Err(AssertionError::UnknownKey));
}

#[test]
fn of_two_keys_with_one_name_either_may_have_signed() {
    let twin = Signer::own("es", Alg::Es256);
    let keys = key_set(&[&twin, &ES256]);
    for signer in [&twin, &ES256] {
        assert_eq!(try_with(&keys, &signer.token(None, &Claims::good())), Ok(()));
    }
    let stranger = Signer::own("es", Alg::Es256);
    let forged = stranger.token(None, &Claims::good());
    assert_eq!(try_with(&keys, &forged), Err(AssertionError::Signature));
}

#[test]
fn a_key_is_bound_to_the_algorithm_that_it_states() {
    for (signer, other) in [(&*RS256, "PS256"), (&*PS256, "RS256")] {
        let token = signer.token(None, &Claims::good());
        assert_eq!(try_with(&set(&[signer.jwk()]), &token), Ok(()));
        assert_eq!(try_with(&set(&[with(signer.jwk(), "alg", signer.alg)]), &token), Ok(()));
        let bound = set(&[with(signer.jwk(), "alg", other)]);
        assert_eq!(try_with(&bound, &token), Err(AssertionError::UnknownKey));
        // Saying the other algorithm than the one that signed.
        let header = json!({"alg": other, "kid": signer.kid}).to_string();
        let token = signer.sign(&header, &Claims::good().text());
        assert_eq!(try_with(&set(&[signer.jwk()]), &token), Err(AssertionError::Signature));
    }
    // A key's name with another type's algorithm.
    for (signer, alg) in [(&*ES256, "RS256"), (&*RS256, "ES256"), (&*ED25519, "ES256"), (&*RS256, "EdDSA")] {
        let header = json!({"alg": alg, "kid": signer.kid}).to_string();
        let token = signer.sign(&header, &Claims::good().text());
        assert_eq!(try_with(&key_set(&all()), &token), Err(AssertionError::UnknownKey), "{alg}");
    }
}

#[test]
fn there_is_no_algorithm_without_a_public_key() {
    let payload = Claims::good().text();
    for signer in all() {
        assert_eq!(try_with(&key_set(&all()), &signer.token(None, &Claims::good())), Ok(()));
        for alg in ["none", "None", "NONE", "nOnE", "HS256", "HS384", "HS512", "ES384", "RS512", "es256", ""]
        {
            let header = json!({"alg": alg, "kid": signer.kid}).to_string();
            let input = format!("{}.{}", B64.encode(&header), B64.encode(&payload));
            let tokens = [signer.sign(&header, &payload), format!("{input}."), format!("{input}.AA")];
            for token in tokens {
                let refused = try_with(&key_set(&all()), &token).unwrap_err();
                assert!(matches!(refused, AssertionError::Header(_)), "{alg}: {refused}");
            }
        }
        // The public key taken for an HMAC secret, in each form in which an issuer gives it away.
        let header = json!({"alg": "HS256", "kid": signer.kid}).to_string();
        let input = format!("{}.{}", B64.encode(&header), B64.encode(&payload));
        let jwk = signer.jwk();
        let number = B64.decode(jwk.get("n").or(jwk.get("x")).unwrap().as_str().unwrap()).unwrap();
        for secret in [jwk.to_string().into_bytes(), number, Vec::new()] {
            let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), input.as_bytes());
            let forged = format!("{input}.{}", B64.encode(mac));
            let refused = try_with(&key_set(&all()), &forged).unwrap_err();
            assert!(matches!(refused, AssertionError::Header(_)));
        }
    }
}

#[test]
fn a_header_that_brings_its_key_or_its_rules_is_refused() {
    let stranger = Signer::own("es", Alg::Es256);
    let own_key = stranger.jwk().to_string();
    for signer in [&*ES256, &stranger] {
        for (name, value) in [
            ("jwk", own_key.as_str()),
            ("jku", r#""https://evil.example/keys""#),
            ("x5u", r#""https://evil.example/cert""#),
            ("x5c", r#"["AA"]"#),
            ("crit", r#"["exp"]"#),
            ("crit", "[]"),
            ("b64", "true"),
        ] {
            let header = format!(r#"{{"alg":"ES256","kid":"es","{name}":{value}}}"#);
            let refused = try_with(&key_set(&[&ES256]), &signer.sign(&header, &Claims::good().text()));
            assert_eq!(refused, Err(AssertionError::Header(format!("the header carries `{name}`"))));
        }
    }
    // What only describes the key is ignored (RFC 7515 section 4).
    let described = r#"{"alg":"ES256","kid":"es","x5t":"AA","x5t#S256":"AA","nonce":"n","cty":"x"}"#;
    assert_eq!(try_with(&key_set(&[&ES256]), &ES256.sign(described, &Claims::good().text())), Ok(()));
}

#[test]
fn a_member_of_the_header_stands_there_once_and_is_text() {
    let keys = key_set(&[&ES256]);
    let payload = Claims::good().text();
    for header in [
        r#"{"alg":"ES256","alg":"ES256","kid":"es"}"#,
        r#"{"alg":"none","alg":"ES256","kid":"es"}"#,
        r#"{"alg":"ES256","kid":"evil","kid":"es"}"#,
        r#"{"alg":"ES256","k\u0069d":"evil","kid":"es"}"#,
        r#"{"alg":"ES256","kid":"es","typ":"at+jwt","typ":"JWT"}"#,
        r#"{"alg":"ES256","kid":"es","x":1,"x":1}"#,
        r#"{"alg":["ES256"],"kid":"es"}"#,
        r#"{"alg":"ES256","kid":1}"#,
        r#"{"alg":"ES256","kid":null}"#,
        r#"{"alg":"ES256","kid":"es","typ":["JWT"]}"#,
        r#"{"alg":"ES256","kid":"es"} x"#,
        r#"{"kid":"es"}"#,
        "{}",
    ] {
        let refused = try_with(&keys, &ES256.sign(header, &payload)).unwrap_err();
        assert!(matches!(refused, AssertionError::Header(_)), "{header}: {refused}");
    }
    for header in [r#"["ES256"]"#, "null", "", r#""ES256""#] {
        assert_eq!(try_with(&keys, &ES256.sign(header, &payload)), Err(AssertionError::Malformed));
    }
    assert_eq!(try_with(&keys, &ES256.sign(r#"{"alg":"ES256","kid":"es"}"#, &payload)), Ok(()));
}
