//! SPIFFE trust bundles (SPIFFE Trust Domain and Bundle section 4).

use deputy_token::keys::JwkError;

use super::*;

fn of_use(signer: &Signer, purpose: &str) -> Value {
    let mut jwk = signer.jwk();
    jwk["use"] = purpose.into();
    jwk
}

fn without(mut jwk: Value, name: &str) -> Value {
    jwk.as_object_mut().unwrap().remove(name).unwrap();
    jwk
}

fn with(mut jwk: Value, name: &str, value: impl Into<Value>) -> Value {
    jwk[name] = value.into();
    jwk
}

fn names(text: &str) -> Result<Vec<String>, JwkError> {
    let set = svid_keys(text)?;
    Ok(set.keys.iter().filter_map(|jwk| jwk.kid()).map(str::to_owned).collect())
}

#[test]
fn only_keys_for_jwt_svids_are_taken() {
    let good = of_use(&ES256, "jwt-svid");
    assert_eq!(names(&jwks(&[good.clone(), of_use(&RS256, "jwt-svid")])).unwrap(), ["es", "rs"]);
    for other in [
        without(RS256.jwk(), "use"),
        RS256.jwk(),
        of_use(&RS256, "x509-svid"),
        of_use(&RS256, "JWT-SVID"),
        of_use(&RS256, "jwt-svid "),
        of_use(&RS256, ""),
        of_use(&RS256, "wit-svid"),
        with(RS256.jwk(), "use", json!(["jwt-svid"])),
        with(RS256.jwk(), "use", Value::Null),
        // An authority for X.509 as SPIRE publishes it: it has no `kid`.
        with(without(of_use(&RS256, "x509-svid"), "kid"), "x5c", json!(["AA"])),
        json!({"use": "jwt-svid", "kty": "EC", "crv": "P-384", "kid": "x", "x": "AA", "y": "AA"}),
        json!({"use": "jwt-svid", "kty": "unheard-of", "kid": "x"}),
        json!({"use": "jwt-svid", "kty": "RSA", "kid": "x", "n": "AQAB", "e": "AQAB"}),
        with(of_use(&RS256, "jwt-svid"), "alg", "RS512"),
        with(of_use(&RS256, "jwt-svid"), "key_ops", json!(["encrypt"])),
        json!({}),
    ] {
        assert_eq!(names(&jwks(&[other.clone(), good.clone()])).unwrap(), ["es"], "{other}");
        assert_eq!(names(&jwks(std::slice::from_ref(&other))).unwrap().len(), 0, "{other}");
    }
}

#[test]
fn a_key_for_jwt_svids_has_a_name_and_nothing_private() {
    let good = of_use(&ES256, "jwt-svid");
    let bundle = |key: Value| names(&jwks(&[good.clone(), key]));
    let other = of_use(&RS256, "jwt-svid");
    assert_eq!(bundle(other.clone()).unwrap(), ["es", "rs"]);
    assert_eq!(bundle(without(other.clone(), "kid")), Err(JwkError::Kid));
    assert_eq!(bundle(with(other.clone(), "kid", "")), Err(JwkError::Kid));
    assert_eq!(bundle(with(other.clone(), "d", "AQAB")), Err(JwkError::Private("d")));
    assert_eq!(bundle(json!({"use": "jwt-svid", "kty": "oct", "k": "AQAB"})), Err(JwkError::Private("k")));
    assert_eq!(bundle(without(other.clone(), "n")), Err(JwkError::Missing("n")));
    assert_eq!(bundle(with(other.clone(), "kid", 1)), Err(JwkError::Malformed));
    assert_eq!(bundle(with(other, "e", "AQ")), Err(JwkError::NotAKey));
}

#[test]
fn a_bundle_is_an_object_with_keys() {
    let key = of_use(&ES256, "jwt-svid").to_string();
    for bad in [
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
        format!("[{key}]"),
        format!(r#"[[{key}]]"#),
        format!(r#"{{"keys":{key}}}"#),
        r#"{"keys":[1]}"#.to_owned(),
        r#"{"keys":null}"#.to_owned(),
        format!(r#"{{"keys":[{key}],"keys":[{key}]}}"#),
        format!(r#"{{"keys":[{}]}}"#, key.replacen('{', r#"{"use":"x509-svid","#, 1)),
        format!(r#"{{"keys":[{key}]}} x"#),
    ] {
        assert_eq!(names(&bad), Err(JwkError::Malformed), "{bad}");
    }
    let many = |count| names(&jwks(&vec![of_use(&ES256, "jwt-svid"); count])).map(|names| names.len());
    assert_eq!((many(64), many(65)), (Ok(64), Err(JwkError::Malformed)));
    // Whatever else it says, numbers of 64 bits among it.
    let more = r#""spiffe_sequence":18446744073709551615,"spiffe_refresh_hint":300"#;
    assert_eq!(names(&format!(r#" {{"keys":[{key}],{more}}}"#)).unwrap(), ["es"]);
}

#[tokio::test]
async fn a_bundle_is_kept_like_any_set() {
    let (issuer, cache) = cache();
    let source = KeySource::Bundle { url: URL.to_owned() };
    issuer.serve(URL, jwks(&[of_use(&ES256, "jwt-svid"), of_use(&RS256, "x509-svid")]), None);
    for secs in [0, MAX_AGE_SECS - 1] {
        let provider = cache.provider("acme", &source, Some(KNOWN), at(secs)).await.unwrap();
        assert_eq!((kids(&provider), provider.metadata.is_none()), (vec!["es"], true));
    }
    assert_eq!(issuer.count(), 1);
    // A trust domain that signs no JWT-SVIDs any more.
    issuer.serve(URL, jwks(&[of_use(&RS256, "x509-svid")]), None);
    let gone = cache.provider("acme", &source, Some(KNOWN), at(MAX_AGE_SECS)).await;
    assert_eq!(gone.map(drop), Err(KeysError::NoKeys));
}
