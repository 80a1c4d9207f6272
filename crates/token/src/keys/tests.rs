//! Keys: read strictly, bound to their algorithms.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};

use super::*;

fn generate(alg: Alg) -> SigningKey {
    SigningKey::generate(Kid::new("k1").unwrap(), alg, &SystemRandom::new()).unwrap()
}

/// RFC 7515 appendix A.3, public part.
fn ec() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

/// RFC 8037 appendix A.2.
fn okp() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
}

/// RFC 7638 section 3.1.
fn rsa() -> Value {
    json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    })
}

fn parse(jwk: &Value) -> Result<Jwk, JwkError> {
    Jwk::parse(&jwk.to_string())
}

fn with(mut jwk: Value, name: &str, value: impl Into<Value>) -> Value {
    jwk[name] = value.into();
    jwk
}

#[test]
fn signs_and_verifies_and_survives_storage() {
    for alg in [Alg::Es256, Alg::EdDsa] {
        let key = generate(alg);
        let stored = SigningKey::from_pkcs8(key.kid().clone(), alg, &key.pkcs8().unwrap()).unwrap();
        let signature = stored.sign(b"message").unwrap();
        let verify = |alg, message: &[u8]| key.public().verify(alg, message, &signature);
        assert_eq!(verify(alg.verified_as(), b"message"), Ok(()));
        assert_eq!(verify(alg.verified_as(), b"massage"), Err(SignatureInvalid));
        for other in [VerifyAlg::Es256, VerifyAlg::EdDsa, VerifyAlg::Rs256, VerifyAlg::Ps256] {
            assert_eq!(verify(other, b"message").is_ok(), other == alg.verified_as());
        }
        assert_eq!(Jwk::parse(&serde_json::to_string(key.jwk()).unwrap()).as_ref(), Ok(key.jwk()));
        assert!(!format!("{key:?}").contains("pair"));
    }
}

#[test]
fn a_stored_key_has_one_algorithm() {
    let stored = generate(Alg::Es256).pkcs8().unwrap();
    let load = |alg, bytes: &[u8]| SigningKey::from_pkcs8(Kid::new("k").unwrap(), alg, bytes).unwrap_err();
    assert_eq!(load(Alg::EdDsa, &stored), KeyError::Rejected(Alg::EdDsa));
    assert_eq!(load(Alg::Es256, b""), KeyError::Rejected(Alg::Es256));
    assert_eq!(load(Alg::Es256, &stored[1..]), KeyError::Rejected(Alg::Es256));
}

#[test]
fn key_identifiers_need_no_escaping() {
    assert!(Kid::new("2026-11_a.b~C").is_ok());
    for bad in ["", "a b", "a\"", "ä", "a/b", &"x".repeat(129)] {
        assert_eq!(Kid::new(bad), Err(KeyError::Kid), "{bad}");
    }
}

#[test]
fn thumbprints_and_signatures_are_those_of_the_rfcs() {
    assert_eq!(parse(&rsa()).unwrap().thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let ed25519 = parse(&okp()).unwrap();
    assert_eq!(ed25519.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let signature = B64.decode(signature).unwrap();
    assert_eq!(ed25519.key().verify(VerifyAlg::EdDsa, message, &signature), Ok(()));

    let message = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let signature = B64.decode(signature).unwrap();
    assert_eq!(parse(&ec()).unwrap().key().verify(VerifyAlg::Es256, message, &signature), Ok(()));
}

#[test]
fn an_rsa_key_is_bound_to_the_algorithm_it_states_or_to_both() {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    // PKCS#1 RSAPublicKey of 2048 bits: 9 bytes of header, the modulus, 2 of header, the exponent.
    let der = pair.public_key().as_ref();
    let jwk = json!({"kty": "RSA", "n": B64.encode(&der[9..265]), "e": B64.encode(&der[267..])});
    let sign = |padding: &'static dyn aws_lc_rs::signature::RsaEncoding| {
        let mut signature = vec![0; 256];
        pair.sign(padding, &SystemRandom::new(), b"m", &mut signature).unwrap();
        signature
    };
    let (pkcs1, pss) = (sign(&RSA_PKCS1_SHA256), sign(&RSA_PSS_SHA256));
    for (stated, rs256, ps256) in
        [(None, true, true), (Some("RS256"), true, false), (Some("PS256"), false, true)]
    {
        let jwk = stated.map_or_else(|| jwk.clone(), |alg| with(jwk.clone(), "alg", alg));
        let jwk = parse(&jwk).unwrap();
        assert_eq!(jwk.key().verify(VerifyAlg::Rs256, b"m", &pkcs1).is_ok(), rs256);
        assert_eq!(jwk.key().verify(VerifyAlg::Ps256, b"m", &pss).is_ok(), ps256);
        assert!(jwk.key().verify(VerifyAlg::Rs256, b"m", &pss).is_err());
        assert!(jwk.key().verify(VerifyAlg::Ps256, b"m", &pkcs1).is_err());
        assert_eq!(jwk.key().is_bound_to(VerifyAlg::Ps256), ps256);
    }
}

#[test]
fn refuses_what_is_private_or_not_for_signatures() {
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let refused = parse(&with(ec(), private, "AQAB")).unwrap_err();
        assert!(matches!(refused, JwkError::Private(name) if name == private), "{private}");
    }
    assert_eq!(parse(&json!({"kty": "oct", "k": "AQAB"})).unwrap_err(), JwkError::Private("k"));
    assert_eq!(parse(&with(ec(), "use", "enc")).unwrap_err(), JwkError::Use);
    assert_eq!(parse(&with(ec(), "key_ops", json!(["sign"]))).unwrap_err(), JwkError::Use);
    assert!(parse(&with(with(ec(), "key_ops", json!(["verify"])), "ext", true)).is_ok());
    assert!(parse(&with(ec(), "use", "sig")).is_ok());
}

#[test]
fn refuses_an_algorithm_that_does_not_fit() {
    for (jwk, good, bad) in [
        (ec(), "ES256", ["RS256", "EdDSA", "ES384", "none", "HS256"]),
        (okp(), "EdDSA", ["ES256", "RS256", "PS256", "none", "HS256"]),
        (rsa(), "PS256", ["ES256", "EdDSA", "RS512", "none", "HS256"]),
    ] {
        assert!(parse(&with(jwk.clone(), "alg", good)).is_ok());
        for alg in bad {
            assert_eq!(parse(&with(jwk.clone(), "alg", alg)).unwrap_err(), JwkError::Alg, "{alg}");
        }
    }
}

#[test]
fn refuses_numbers_of_the_wrong_size_or_off_the_curve() {
    let short = B64.encode([7u8; 31]);
    assert_eq!(parse(&with(ec(), "x", short.clone())).unwrap_err(), JwkError::Size("x"));
    assert_eq!(parse(&with(okp(), "x", short)).unwrap_err(), JwkError::Size("x"));
    assert_eq!(parse(&with(ec(), "y", B64.encode([7u8; 32]))).unwrap_err(), JwkError::NotAKey);
    assert_eq!(
        parse(&with(ec(), "x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU=")).unwrap_err(),
        JwkError::Size("x")
    );
    assert_eq!(parse(&with(rsa(), "n", B64.encode([0xffu8; 128]))).unwrap_err(), JwkError::Size("n"));
    assert_eq!(
        parse(&with(rsa(), "n", B64.encode([&[0u8][..], &[0xff; 256]].concat()))).unwrap_err(),
        JwkError::Size("n")
    );
    assert_eq!(parse(&with(rsa(), "e", "")).unwrap_err(), JwkError::Size("e"));
    assert_eq!(parse(&with(rsa(), "e", "AQ")).unwrap_err(), JwkError::NotAKey);
    assert_eq!(parse(&with(ec(), "crv", "P-384")).unwrap_err(), JwkError::Unsupported);
    assert_eq!(parse(&with(okp(), "crv", "X25519")).unwrap_err(), JwkError::Unsupported);
    assert_eq!(parse(&json!({"kty": "EC", "crv": "P-256"})).unwrap_err(), JwkError::Missing("x"));
    for malformed in ["", "[]", "null", r#"{"kty":"EC","kty":"EC"}"#, r#"{"kty":1}"#] {
        assert_eq!(Jwk::parse(malformed).unwrap_err(), JwkError::Malformed, "{malformed}");
    }
}

#[test]
fn a_set_skips_what_it_cannot_use_and_refuses_what_is_private() {
    let set = |keys: Value| JwkSet::parse(&json!({"keys": keys, "x": 1}).to_string());
    let encryption = with(ec(), "use", "enc");
    let read = set(json!([encryption, {"kty": "unheard-of"}, with(ec(), "kid", "a"), rsa()])).unwrap();
    assert_eq!(read.keys.len(), 2);
    let count = |kid, alg| read.candidates(kid, alg).count();
    assert_eq!(count(Some("a"), VerifyAlg::Es256), 1);
    assert_eq!(count(Some("a"), VerifyAlg::Rs256), 0);
    assert_eq!(count(None, VerifyAlg::Rs256), 1);
    assert_eq!(count(None, VerifyAlg::Ps256), 0);
    assert_eq!(set(json!([with(ec(), "d", "AQAB")])).unwrap_err(), JwkError::Private("d"));
    assert_eq!(set(json!([1])).unwrap_err(), JwkError::Malformed);
    assert_eq!(JwkSet::parse("{}").unwrap_err(), JwkError::Malformed);
    assert_eq!(JwkSet::parse(&serde_json::to_string(&read).unwrap()).as_ref(), Ok(&read));
}
