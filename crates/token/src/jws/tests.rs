//! Compact JWS: algorithm confusion and malformed headers are refused.

use aws_lc_rs::rand::SystemRandom;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::keys::{Alg, Kid, SigningKey};

const TYP: &str = "test+jwt";

fn key(alg: Alg) -> SigningKey {
    SigningKey::generate(Kid::new("k1").unwrap(), alg, &SystemRandom::new()).unwrap()
}

/// Signs any header and payload, also those that `seal` would never write.
fn forge(key: &SigningKey, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", B64.encode(header), B64.encode(payload));
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", B64.encode(signature))
}

fn check(key: &SigningKey, token: &str) -> Result<VerifiedJws, JwsError> {
    UnverifiedJws::parse(token)?.verify(key.public(), TYP)
}

#[test]
fn reads_back_what_it_seals() {
    for alg in [Alg::Es256, Alg::EdDsa] {
        let key = key(alg);
        let token = seal(TYP, &json!({"a": 1}), &key).unwrap();
        let parsed = UnverifiedJws::parse(&token).unwrap();
        assert_eq!((parsed.kid(), parsed.typ(), parsed.alg()), (Some("k1"), Some(TYP), alg.verified_as()));
        assert_eq!(check(&key, &token).unwrap().payload(), br#"{"a":1}"#);
    }
}

#[test]
fn agrees_with_another_implementation() {
    let claims = json!({"sub": "x", "exp": 4_000_000_000_i64});
    for (alg, theirs) in
        [(Alg::Es256, jsonwebtoken::Algorithm::ES256), (Alg::EdDsa, jsonwebtoken::Algorithm::EdDSA)]
    {
        let key = key(alg);
        let pkcs8 = key.pkcs8().unwrap();
        let (encoding, header) = match alg {
            Alg::Es256 => (jsonwebtoken::EncodingKey::from_ec_der(&pkcs8), jsonwebtoken::Header::new(theirs)),
            Alg::EdDsa => (jsonwebtoken::EncodingKey::from_ed_der(&pkcs8), jsonwebtoken::Header::new(theirs)),
        };
        let token = jsonwebtoken::encode(&header, &claims, &encoding).unwrap();
        assert!(UnverifiedJws::parse(&token).unwrap().verify(key.public(), "JWT").is_ok());

        let jwk = serde_json::from_value(serde_json::to_value(key.jwk()).unwrap()).unwrap();
        let decoding = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
        let sealed = seal(TYP, &claims, &key).unwrap();
        let read = jsonwebtoken::decode::<Value>(&sealed, &decoding, &jsonwebtoken::Validation::new(theirs))
            .unwrap();
        assert_eq!(read.claims, claims);
    }
}

#[test]
fn every_changed_bit_is_found() {
    for alg in [Alg::Es256, Alg::EdDsa] {
        let key = key(alg);
        let token = seal(TYP, &json!({"a": 1}), &key).unwrap();
        for position in 0..token.len() {
            for bit in 0..8 {
                let mut changed = token.clone().into_bytes();
                changed[position] ^= 1 << bit;
                if let Ok(changed) = String::from_utf8(changed) {
                    assert!(check(&key, &changed).is_err(), "byte {position} bit {bit}");
                }
            }
        }
    }
}

#[test]
fn has_one_spelling() {
    let key = key(Alg::Es256);
    let token = seal(TYP, &json!({"a": 1}), &key).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    for bad in [
        format!("{token}="),
        format!("{token}."),
        format!(".{token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}..{}", parts[0], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}.{}", parts[0], parts[1], parts[2], parts[2]),
        token.replace('.', ":"),
        String::new(),
    ] {
        assert!(check(&key, &bad).is_err(), "{bad}");
    }
    // 86 characters carry 64 bytes and four unused bits; any but zero are refused.
    let last = token.chars().last().unwrap();
    let unused = char::from(last as u8 + 1);
    assert!(UnverifiedJws::parse(&format!("{}{unused}", &token[..token.len() - 1])).is_err());
}

#[test]
fn the_header_does_not_choose_the_key_or_the_rules() {
    let key = key(Alg::Es256);
    let good = r#"{"alg":"ES256","typ":"test+jwt","kid":"k1","unknown":{"a":[1]}}"#;
    assert!(check(&key, &forge(&key, good, "{}")).is_ok());
    let jwk = serde_json::to_string(key.jwk()).unwrap();
    for (name, value) in [
        ("jwk", jwk.as_str()),
        ("jku", r#""https://evil.example/""#),
        ("x5u", r#""https://evil.example/""#),
        ("x5c", r#"["AA"]"#),
        ("crit", r#"["exp"]"#),
        ("crit", "[]"),
        ("b64", "false"),
    ] {
        let header = format!(r#"{{"alg":"ES256","typ":"test+jwt","kid":"k1","{name}":{value}}}"#);
        let refused = check(&key, &forge(&key, &header, "{}")).unwrap_err();
        assert!(
            matches!(refused, JwsError::Header(HeaderError::Forbidden(found)) if found == name),
            "{name}"
        );
    }
}

#[test]
fn the_algorithm_belongs_to_the_key() {
    let key = key(Alg::Es256);
    for alg in ["none", "None", "NONE", "HS256", "ES384", "es256", ""] {
        let header = format!(r#"{{"alg":"{alg}","typ":"test+jwt"}}"#);
        assert_eq!(
            check(&key, &forge(&key, &header, "{}")).unwrap_err(),
            JwsError::Header(HeaderError::Alg),
            "{alg}"
        );
        let unsigned = format!("{}.{}.", B64.encode(&header), B64.encode("{}"));
        assert!(check(&key, &unsigned).is_err());
    }
    for alg in ["EdDSA", "RS256", "PS256"] {
        let header = format!(r#"{{"alg":"{alg}","typ":"test+jwt"}}"#);
        assert_eq!(check(&key, &forge(&key, &header, "{}")).unwrap_err(), JwsError::Signature, "{alg}");
    }
    // The public key taken for an HMAC secret.
    let header = B64.encode(r#"{"alg":"HS256","typ":"test+jwt","kid":"k1"}"#);
    let input = format!("{header}.{}", B64.encode("{}"));
    let secret = serde_json::to_vec(key.jwk()).unwrap();
    let mut mac = <hmac::Hmac<sha2::Sha256> as hmac::KeyInit>::new_from_slice(&secret).unwrap();
    hmac::Mac::update(&mut mac, input.as_bytes());
    let forged = format!("{input}.{}", B64.encode(hmac::Mac::finalize(mac).into_bytes()));
    assert_eq!(check(&key, &forged).unwrap_err(), JwsError::Header(HeaderError::Alg));
    // Right in everything but made by another key.
    let other = self::key(Alg::Es256);
    assert_eq!(check(&key, &seal(TYP, &json!({}), &other).unwrap()).unwrap_err(), JwsError::Signature);
}

#[test]
fn another_type_of_token_is_refused() {
    let key = key(Alg::Es256);
    for typ in
        [r#","typ":"JWT""#, r#","typ":"TEST+JWT""#, r#","typ":"application/test+jwt""#, r#","typ":"""#, ""]
    {
        let token = forge(&key, &format!(r#"{{"alg":"ES256"{typ}}}"#), "{}");
        assert_eq!(check(&key, &token).unwrap_err(), JwsError::Typ, "{typ}");
    }
}

#[test]
fn malformed_headers_are_refused() {
    let key = key(Alg::Es256);
    for header in [
        r#"{"alg":"ES256","alg":"ES256","typ":"test+jwt"}"#,
        r#"{"alg":"ES256","typ":"test+jwt","x":1,"x":1}"#,
        r#"{"alg":"ES256","typ":"test+jwt","typ":"test+jwt"}"#,
        r#"{"alg":"ES256","typ":1}"#,
        r#"{"alg":["ES256"],"typ":"test+jwt"}"#,
        r#"["ES256","test+jwt","k1"]"#,
        r#"{"alg":"ES256","typ":"test+jwt"}x"#,
        "null",
        "",
    ] {
        assert!(check(&key, &forge(&key, header, "{}")).is_err(), "{header}");
    }
    let many: String = (0..20).map(|i| format!(r#","m{i}":0"#)).collect();
    let header = format!(r#"{{"alg":"ES256","typ":"test+jwt"{many}}}"#);
    assert_eq!(
        check(&key, &forge(&key, &header, "{}")).unwrap_err(),
        JwsError::Header(HeaderError::Malformed)
    );
}

#[test]
fn a_payload_is_an_object_of_bounded_size() {
    let key = key(Alg::Es256);
    let header = r#"{"alg":"ES256","typ":"test+jwt"}"#;
    assert!(check(&key, &forge(&key, header, "[1]")).is_err());
    assert!(check(&key, &forge(&key, header, "")).is_err());
    let large = json!({"a": "x".repeat(MAX_JWS_LEN)});
    assert_eq!(seal(TYP, &large, &key).unwrap_err(), SealError::TooLong);
    assert_eq!(check(&key, &forge(&key, header, &large.to_string())).unwrap_err(), JwsError::TooLong);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn survives_any_text(text in "[A-Za-z0-9._=-]{0,120}|.{0,60}") {
        let _ = UnverifiedJws::parse(&text);
    }

    #[test]
    fn survives_any_header(header in r#"\{("(alg|typ|kid|crit|x)":("ES256"|"JWT"|1|null|\[\]|\{\}),?){0,6}\}?"#) {
        let _ = UnverifiedJws::parse(&format!("{}.e30.AA", B64.encode(header)));
    }
}
