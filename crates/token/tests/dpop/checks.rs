//! The checks of RFC 9449 section 4.3, each with what passes it.

use deputy_mandate::ReasonCode;
use deputy_token::dpop::{self, BoundToken, Expected, Proof, ProofError, token_hash};
use deputy_token::jws::{HeaderError, JwsError, UnverifiedJws};
use deputy_token::keys::JwkError;
use serde_json::{Value, json};

use super::forge::{EXPECTED, NOW, PROOF, URI, check, claims, ed25519, es256, header, made, sign};

fn with_claim(name: &str, value: Value) -> Result<(), ProofError> {
    let key = ed25519(1);
    let mut claims = claims();
    claims[name] = value;
    check(&sign(&header(&key).to_string(), &claims.to_string(), &key), &EXPECTED).map(drop)
}

fn with_header(change: impl FnOnce(&mut Value)) -> Result<(), ProofError> {
    let key = ed25519(1);
    let mut header = header(&key);
    change(&mut header);
    check(&sign(&header.to_string(), &claims().to_string(), &key), &EXPECTED).map(drop)
}

#[test]
fn a_client_proves_its_key() {
    for key in [ed25519(1), es256()] {
        let proof = dpop::seal(&Proof { nonce: Some("n"), ..PROOF }, &key).unwrap();
        let verified = check(&proof, &EXPECTED).unwrap();
        assert_eq!(verified.jkt(), key.jwk().thumbprint());
        assert_eq!((verified.jti(), verified.iat(), verified.nonce()), (PROOF.jti, NOW, Some("n")));
        assert_eq!(verified.ath(), None);
        assert_eq!(verified.once().until, NOW.plus_secs(60));
    }
}

#[test]
fn the_example_of_the_rfc_reads() {
    // RFC 9449 section 4.2, figure 2.
    let proof = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    let now = deputy_mandate::Instant::from_secs(1_562_262_616);
    let expected = Expected { uri: "https://server.example.com/token", now, ..EXPECTED };
    assert_eq!(check(proof, &expected).unwrap().jkt(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

#[test]
fn the_header_is_that_of_a_proof() {
    assert_eq!(with_header(|_| {}), Ok(()));
    assert_eq!(with_header(|header| header["kid"] = json!("x")), Ok(()));
    assert_eq!(with_header(|header| header["x"] = json!({"y": 1})), Ok(()));
    let jws = |error| Err(ProofError::Jws(error));
    for typ in [json!("JWT"), json!("DPOP+JWT"), json!("application/dpop+jwt")] {
        assert_eq!(with_header(|header| header["typ"] = typ), jws(JwsError::Typ));
    }
    for alg in ["none", "HS256", "ES384", ""] {
        let refused = with_header(|header| header["alg"] = json!(alg));
        assert_eq!(refused, jws(JwsError::Header(HeaderError::Alg)), "{alg}");
    }
    for alg in ["ES256", "RS256"] {
        assert_eq!(with_header(|header| header["alg"] = json!(alg)), Err(ProofError::Alg), "{alg}");
    }
    for name in ["jku", "x5u", "x5c", "crit", "b64"] {
        let refused = with_header(|header| header[name] = json!(["x"]));
        assert_eq!(refused, jws(JwsError::Header(HeaderError::Forbidden(name))), "{name}");
    }
}

#[test]
fn the_key_is_public_its_own_and_only_read_here() {
    let without = with_header(|header| drop(header.as_object_mut().unwrap().remove("jwk")));
    assert_eq!(without, Err(ProofError::NoKey));
    assert_eq!(
        with_header(|header| header["jwk"]["d"] = json!("AAAA")),
        Err(ProofError::Key(JwkError::Private("d")))
    );
    let symmetric = with_header(|header| header["jwk"] = json!({"kty": "oct", "k": "AAAA"}));
    assert_eq!(symmetric, Err(ProofError::Key(JwkError::Private("k"))));
    assert_eq!(with_header(|header| header["jwk"]["kid"] = json!("x")), Ok(()));
    let other: Value = serde_json::from_str(&ed25519(2).jwk().bare()).unwrap();
    assert_eq!(with_header(|header| header["jwk"] = other), Err(ProofError::Jws(JwsError::Signature)));
    assert_eq!(with_header(|header| header["jwk"] = json!("x")), Err(ProofError::Key(JwkError::Malformed)));
    let key = ed25519(1);
    let twice = header(&key).to_string().replacen("{", &format!(r#"{{"jwk":{},"#, key.jwk().bare()), 1);
    let twice = check(&sign(&twice, &claims().to_string(), &key), &EXPECTED).unwrap_err();
    assert_eq!(twice, ProofError::Jws(JwsError::Header(HeaderError::Malformed)));
    // Everywhere else a key in the header is refused.
    let anywhere = UnverifiedJws::parse(&made(&key)).unwrap_err();
    assert_eq!(anywhere, JwsError::Header(HeaderError::Forbidden("jwk")));
}

#[test]
fn the_claims_are_there_once() {
    assert_eq!(with_claim("x", json!({"y": [1, 2]})), Ok(()));
    for name in ["jti", "htm", "htu"] {
        for bad in [json!(null), json!(1), json!(""), json!([])] {
            assert_eq!(with_claim(name, bad), Err(ProofError::Claim(name)), "{name}");
        }
    }
    for name in ["ath", "nonce"] {
        assert_eq!(with_claim(name, json!(1)), Err(ProofError::Claim(name)));
        assert_eq!(with_claim(name, json!("x")), Ok(()));
    }
    assert_eq!(with_claim("jti", json!("x".repeat(256))), Ok(()));
    assert_eq!(with_claim("jti", json!("x".repeat(257))), Err(ProofError::Claim("jti")));
    let key = ed25519(1);
    let with = |extra: &str| {
        let claims = claims().to_string().replacen('{', &format!("{{{extra},"), 1);
        check(&sign(&header(&key).to_string(), &claims, &key), &EXPECTED).map(drop)
    };
    assert_eq!(with(r#""x":{"a":1}"#), Ok(()));
    for twice in [r#""jti":"a""#, r#""x":1,"x":2"#, r#""x":{"a":1,"a":1}"#] {
        assert_eq!(with(twice), Err(ProofError::Payload), "{twice}");
    }
    assert_eq!(check(&"x".repeat(8193), &EXPECTED).unwrap_err(), ProofError::TooLong);
}

#[test]
fn it_is_for_this_request() {
    let proof = made(&ed25519(1));
    let to = |method, uri| check(&proof, &Expected { method, uri, ..EXPECTED }).map(drop);
    assert_eq!(to("POST", "https://DEPUTY.example:443/t/./acme/token?x=1#y"), Ok(()));
    assert_eq!(to("GET", URI), Err(ProofError::Method));
    assert_eq!(to("post", URI), Err(ProofError::Method));
    assert_eq!(to("POST", "https://deputy.example/t/other/token"), Err(ProofError::Uri));
    assert_eq!(with_claim("htu", json!(format!("{URI}?a=b#c"))), Ok(()));
    assert_eq!(with_claim("htu", json!("not a URI")), Err(ProofError::Uri));
    // Two texts without a form are not equal to each other.
    let odd = sign(&header(&ed25519(1)).to_string(), &claims().to_string().replace(URI, "x"), &ed25519(1));
    assert_eq!(check(&odd, &Expected { uri: "x", ..EXPECTED }).unwrap_err(), ProofError::Uri);
}

#[test]
fn it_is_fresh() {
    let now = NOW.as_secs_floor();
    for (iat, fresh) in [
        (json!(now), true),
        (json!(now - 59), true),
        (json!(now - 60), false),
        (json!(now + 5), true),
        (json!(now + 6), false),
        (json!(0), false),
    ] {
        let expected = if fresh { Ok(()) } else { Err(ProofError::Time) };
        assert_eq!(with_claim("iat", iat.clone()), expected, "{iat}");
    }
    assert_eq!(with_claim("iat", json!(1_800_000_000.75)), Ok(()), "some clients write fractions");
    for bad in [json!("1800000000"), json!(null), json!(-1), json!(1e20), json!(1e300)] {
        assert_eq!(with_claim("iat", bad.clone()), Err(ProofError::Claim("iat")), "{bad}");
    }
}

#[test]
fn with_a_token_it_is_for_that_token_and_key() {
    let key = ed25519(1);
    let jkt = key.jwk().thumbprint();
    let expect = |token, jkt| Expected { token: Some(BoundToken { token, jkt }), ..EXPECTED };
    let proof = dpop::seal(&Proof { token: Some("token"), ..PROOF }, &key).unwrap();
    assert_eq!(check(&proof, &expect("token", &jkt)).unwrap().ath(), Some(token_hash("token").as_str()));
    assert_eq!(check(&proof, &expect("other", &jkt)).unwrap_err(), ProofError::Token);
    assert_eq!(check(&made(&key), &expect("token", &jkt)).unwrap_err(), ProofError::Token);
    let other = ed25519(2).jwk().thumbprint();
    assert_eq!(check(&proof, &expect("token", &other)).unwrap_err(), ProofError::Binding);
    assert!(check(&proof, &EXPECTED).is_ok(), "at the token endpoint nothing is compared");
    assert_eq!(ProofError::Binding.reason(), ReasonCode::ProofInvalid);
    // RFC 9449 section 7.1.
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    assert_eq!(token_hash(token), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
}

#[test]
fn every_changed_bit_is_found() {
    let proof = made(&ed25519(1));
    for position in 0..proof.len() {
        for bit in 0..8 {
            let mut changed = proof.clone().into_bytes();
            if let Some(byte) = changed.get_mut(position) {
                *byte ^= 1 << bit;
            }
            if let Ok(changed) = String::from_utf8(changed) {
                assert!(check(&changed, &EXPECTED).is_err(), "byte {position} bit {bit}");
            }
        }
    }
}
