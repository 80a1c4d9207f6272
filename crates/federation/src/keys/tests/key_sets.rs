//! Key sets as issuers publish them: what cannot be used stands beside what can, and nothing private does.

use deputy_token::keys::JwkError;

use super::*;

fn with(mut jwk: Value, name: &str, value: impl Into<Value>) -> Value {
    jwk[name] = value.into();
    jwk
}

fn refused(error: JwkError) -> Result<Vec<String>, KeysError> {
    Err(KeysError::Keys(error))
}

#[tokio::test]
async fn unsupported_keys_are_left_out() {
    for odd in [
        json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "odd"}),
        json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}),
        json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"}),
        json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
        with(RS256.jwk(), "use", "enc"),
        with(RS256.jwk(), "alg", "RSA-OAEP"),
        with(RS256.jwk(), "alg", "RS512"),
        with(RS256.jwk(), "key_ops", json!(["encrypt"])),
    ] {
        assert_eq!(read(&jwks(&[odd.clone(), ES256.jwk()])).await.unwrap(), ["es"], "{odd}");
        assert_eq!(read(&jwks(std::slice::from_ref(&odd))).await, Err(KeysError::NoKeys), "{odd}");
    }
    let described = with(with(RS256.jwk(), "x5c", json!(["AA"])), "x5t", "AA");
    assert_eq!(read(&jwks(&[described])).await.unwrap(), ["rs"]);
}

#[tokio::test]
async fn a_set_with_a_private_key_is_refused_as_a_whole() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let leaked = with(RS256.jwk(), member, "AQAB");
        for keys in [vec![leaked.clone()], vec![ES256.jwk(), leaked.clone()], vec![leaked, ES256.jwk()]] {
            assert_eq!(read(&jwks(&keys)).await, refused(JwkError::Private(member)), "{member}");
        }
    }
    let secret = json!({"kty": "oct", "k": "AQAB", "kid": "es"});
    assert_eq!(read(&jwks(&[ES256.jwk(), secret])).await, refused(JwkError::Private("k")));
    // Also of a kind that would be left out.
    let encryption = with(with(RS256.jwk(), "use", "enc"), "d", "AQAB");
    assert_eq!(read(&jwks(&[ES256.jwk(), encryption])).await, refused(JwkError::Private("d")));
    assert_eq!(read(&jwks(&[ES256.jwk(), RS256.jwk()])).await.unwrap(), ["es", "rs"]);
}

#[tokio::test]
async fn a_set_is_an_object_with_keys_that_are_keys() {
    for bad in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[[]]}"#,
        r#"{"keys":[{"kty":"EC","kty":"EC"}]}"#,
        r#"{"keys":[{"kty":1}]}"#,
        r#"{"keys":[],"keys":[]}"#,
        &format!("[{}]", ES256.jwk()),
        &format!("{} x", set_of(&[&ES256])),
    ] {
        assert_eq!(read(bad).await, refused(JwkError::Malformed), "{bad}");
    }
    let mut incomplete = ES256.jwk();
    incomplete.as_object_mut().unwrap().remove("y");
    assert_eq!(read(&jwks(&[incomplete])).await, refused(JwkError::Missing("y")));
    assert_eq!(read(&jwks(&[with(ES256.jwk(), "kid", "")])).await, refused(JwkError::Kid));
    assert_eq!(read(r#"{"keys":[]}"#).await, Err(KeysError::NoKeys));
    let many = |count| jwks(&vec![ES256.jwk(); count]);
    assert_eq!(read(&many(64)).await.unwrap().len(), 64);
    assert_eq!(read(&many(65)).await, refused(JwkError::Malformed));
}
