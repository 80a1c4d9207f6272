//! Client authentication: each method, each way to get it wrong.

use aws_lc_rs::rand::SystemRandom;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as B64};
use deputy_mandate::Instant;
use deputy_token::keys::{Alg, Kid, SigningKey};
use deputy_token::secrets::{ClientSecret, Sha256Digest};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://deputy.example/t/acme";
const NOW: Instant = Instant::from_secs(1_800_000_000);
const CLIENT: &str = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

fn form(body: &str) -> Form {
    Form::parse(body.as_bytes()).unwrap()
}

fn basic(userinfo: &str) -> String {
    format!("Basic {}", STANDARD.encode(userinfo))
}

fn secret(authentication: Result<ClientAuthentication, OAuthError>) -> PresentedSecret {
    match authentication.unwrap() {
        ClientAuthentication::Secret(secret) => secret,
        other => panic!("{other:?}"),
    }
}

fn code(authentication: Result<ClientAuthentication, OAuthError>) -> (&'static str, OAuthError) {
    let error = authentication.unwrap_err();
    (error.code(), error)
}

#[test]
fn basic_is_form_decoded() {
    // What oauth4webapi sends: everything but letters and digits is encoded.
    let encoded = basic("0193a1b2%2Dc3d4%2D7e5f%2D8a9b%2D0c1d2e3f4a5b:dps%5Fabc%3A%25+x");
    let presented = secret(ClientAuthentication::parse(Some(&encoded), &Form::default()));
    assert_eq!(presented.client_id(), CLIENT);
    assert_eq!(presented.method(), SecretMethod::Basic);
    assert_eq!(presented.digest(), Sha256Digest::of("dps_abc:% x"));
    // What clients send that do not encode.
    let plain = basic(&format!("{CLIENT}:dps_abc:d"));
    let presented = secret(ClientAuthentication::parse(Some(&plain), &Form::default()));
    assert_eq!((presented.client_id(), presented.digest()), (CLIENT, Sha256Digest::of("dps_abc:d")));
    // The scheme is case-insensitive, the padding optional.
    let lower = plain.replace("Basic", "bAsIc").replace('=', "");
    assert!(ClientAuthentication::parse(Some(&lower), &Form::default()).is_ok());
}

#[test]
fn a_generated_secret_survives_both_ways() {
    let made = ClientSecret::generate(&SystemRandom::new()).unwrap();
    for sent in [made.reveal().to_owned(), made.reveal().replace('_', "%5F")] {
        let header = basic(&format!("{CLIENT}:{sent}"));
        assert_eq!(
            secret(ClientAuthentication::parse(Some(&header), &Form::default())).digest(),
            made.digest()
        );
        let body = form(&format!("client_id={CLIENT}&client_secret={sent}"));
        let presented = secret(ClientAuthentication::parse(None, &body));
        assert_eq!((presented.digest(), presented.method()), (made.digest(), SecretMethod::Post));
        assert!(!format!("{presented:?}").contains(made.reveal()));
    }
}

#[test]
fn a_malformed_header_is_an_invalid_client() {
    for bad in [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Bearer abc",
        &basic("no-colon"),
        &basic(":secret"),
        &basic("id:"),
        &basic("id:%zz"),
        &basic("id:%00"),
        &basic("id:%ff"),
        &format!("Basic {}", STANDARD.encode(b"id:\xff")),
        &format!("Basic {}", "A".repeat(5000)),
    ] {
        let (code, error) = code(ClientAuthentication::parse(Some(bad), &Form::default()));
        assert_eq!((code, error.status()), ("invalid_client", 401), "{bad}");
        assert!(error.www_authenticate().unwrap().starts_with("Basic "));
    }
}

#[test]
fn exactly_one_way() {
    let header = basic("id:secret");
    let parse = |header: Option<&str>, body: &str| ClientAuthentication::parse(header, &form(body));
    assert_eq!(code(parse(None, "")).0, "invalid_client");
    assert_eq!(code(parse(None, "client_id=id")).0, "invalid_client");
    assert_eq!(code(parse(None, "client_secret=s")).1, RequestProblem::Missing("client_id").into());
    assert_eq!(code(parse(None, "client_id=id&client_secret=")).0, "invalid_client");
    for (header, body) in [
        (Some(header.as_str()), "client_id=id&client_secret=secret"),
        (Some(header.as_str()), "client_assertion=x"),
        (None, "client_id=id&client_secret=s&client_assertion=x"),
        (Some("Bearer x"), "client_id=id&client_secret=s"),
    ] {
        assert_eq!(code(parse(header, body)).1, RequestProblem::SeveralAuthentications.into(), "{body}");
    }
    // The same id beside the header is common; another id is a mistake.
    assert!(parse(Some(&header), "client_id=id").is_ok());
    assert_eq!(code(parse(Some(&header), "client_id=other")).1, RequestProblem::ClientIdDiffers.into());
}

fn key(alg: Alg) -> SigningKey {
    SigningKey::generate(Kid::new("client-key").unwrap(), alg, &SystemRandom::new()).unwrap()
}

fn good_claims() -> Value {
    let now = NOW.as_secs_floor();
    json!({"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "j1", "exp": now + 60, "iat": now, "nbf": now})
}

fn sign(key: &SigningKey, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", B64.encode(header), B64.encode(payload));
    format!("{input}.{}", B64.encode(key.sign(input.as_bytes()).unwrap()))
}

fn assertion(key: &SigningKey, claims: &Value) -> String {
    sign(key, r#"{"alg":"ES256","typ":"JWT"}"#, &claims.to_string())
}

fn authenticate(key: &SigningKey, jwt: &str) -> Result<VerifiedAssertion, AssertionError> {
    ClientAssertion::parse(jwt)?.verify([key.public()], ISSUER, NOW, 5)
}

#[test]
fn a_client_may_sign_its_own_assertion() {
    let key = key(Alg::Es256);
    let jwt = assertion(&key, &good_claims());
    let body = form(&format!("client_assertion_type={JWT_BEARER}&client_assertion={jwt}&client_id={CLIENT}"));
    let Ok(ClientAuthentication::PrivateKeyJwt(parsed)) = ClientAuthentication::parse(None, &body) else {
        panic!()
    };
    let verified = parsed.verify([key.public()], ISSUER, NOW, 5).unwrap();
    assert_eq!((verified.client_id.as_str(), verified.jti.as_str()), (CLIENT, "j1"));
    assert_eq!(verified.remember_until, NOW.plus_secs(65));

    // Among several keys, whichever made it.
    let others = [self::key(Alg::EdDsa), self::key(Alg::Es256)];
    let keys = others.iter().chain([&key]).map(SigningKey::public);
    assert!(parsed.verify(keys, ISSUER, NOW, 5).is_ok());
    let keys = others.iter().map(SigningKey::public);
    assert_eq!(parsed.verify(keys, ISSUER, NOW, 5), Err(AssertionError::Signature));
}

#[test]
fn both_names_of_ed25519_and_every_usual_type_are_taken() {
    let key = key(Alg::EdDsa);
    for header in [
        r#"{"alg":"EdDSA"}"#,
        r#"{"alg":"Ed25519","typ":"JWT","kid":"x"}"#,
        r#"{"alg":"EdDSA","typ":"client-authentication+jwt"}"#,
    ] {
        assert!(authenticate(&key, &sign(&key, header, &good_claims().to_string())).is_ok(), "{header}");
    }
    for header in [
        r#"{"alg":"EdDSA","typ":"at+jwt"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"EdDSA","crit":[]}"#,
    ] {
        let refused = authenticate(&key, &sign(&key, header, &good_claims().to_string()));
        assert_eq!(refused, Err(AssertionError::Header), "{header}");
    }
}

#[test]
fn claims_are_required_typed_and_bounded() {
    let key = key(Alg::Es256);
    let with = |name: &str, value: Value| {
        let mut claims = good_claims();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value,
        }
        authenticate(&key, &assertion(&key, &claims))
    };
    let now = NOW.as_secs_floor();
    assert!(with("unknown", json!({"a": [1]})).is_ok());
    assert!(with("aud", json!([ISSUER])).is_ok());
    assert!(with("iat", Value::Null).is_ok());
    assert!(with("nbf", Value::Null).is_ok());
    assert!(with("exp", json!(now as f64 + 30.5)).is_ok());
    assert!(with("exp", json!(now + 3600)).is_ok());
    assert!(with("iat", json!(now + 5)).is_ok());
    for (name, value, expected) in [
        ("aud", Value::Null, AssertionError::Audience),
        ("aud", json!("https://deputy.example/t/acme/oauth/token"), AssertionError::Audience),
        ("aud", json!([ISSUER, "https://other.example/"]), AssertionError::Audience),
        ("aud", json!([]), AssertionError::Audience),
        ("aud", json!({"a": ISSUER}), AssertionError::Audience),
        ("exp", Value::Null, AssertionError::Claim("exp")),
        ("exp", json!("1800000060"), AssertionError::Claim("exp")),
        ("exp", json!(-1), AssertionError::Claim("exp")),
        ("exp", json!(1e15), AssertionError::Claim("exp")),
        ("exp", json!(now - 5), AssertionError::Expired),
        ("exp", json!(now + 3606), AssertionError::TooLong),
        ("iat", json!(now + 6), AssertionError::NotYetValid),
        ("iat", json!("now"), AssertionError::Claim("iat")),
        ("nbf", json!(now + 6), AssertionError::NotYetValid),
        ("jti", Value::Null, AssertionError::Claim("jti")),
        ("jti", json!(""), AssertionError::Claim("jti")),
        ("jti", json!(7), AssertionError::Claim("jti")),
        ("jti", json!("x".repeat(513)), AssertionError::Claim("jti")),
        ("iss", Value::Null, AssertionError::Claim("iss")),
        ("iss", json!([CLIENT]), AssertionError::Claim("iss")),
        ("sub", json!(""), AssertionError::Claim("sub")),
        ("sub", json!("somebody-else"), AssertionError::Claim("sub")),
    ] {
        assert_eq!(with(name, value.clone()), Err(expected), "{name} {value}");
    }
}

#[test]
fn repeated_claims_and_changed_bytes_are_refused() {
    let key = key(Alg::Es256);
    let twice = good_claims().to_string().replacen(r#""jti":"j1""#, r#""jti":"j0","jti":"j1""#, 1);
    assert_eq!(authenticate(&key, &sign(&key, r#"{"alg":"ES256"}"#, &twice)), Err(AssertionError::Malformed));
    let jwt = assertion(&key, &good_claims());
    for position in (0..jwt.len()).step_by(3) {
        let mut changed = jwt.clone().into_bytes();
        changed[position] ^= 1;
        assert!(authenticate(&key, &String::from_utf8(changed).unwrap()).is_err(), "{position}");
    }
}

#[test]
fn an_assertion_of_somebody_else_is_kept_apart() {
    let key = key(Alg::Es256);
    let claims = json!({"iss": "https://k8s.example", "sub": "system:serviceaccount:a:b", "aud": ISSUER});
    let jwt = assertion(&key, &claims);
    let parse = |body: String| ClientAuthentication::parse(None, &form(&body));
    match parse(format!("client_assertion_type={JWT_BEARER}&client_assertion={jwt}&client_id={CLIENT}")) {
        Ok(ClientAuthentication::Federated(assertion)) => {
            assert_eq!((assertion.token(), assertion.client_id()), (jwt.as_str(), Some(CLIENT)));
            assert!(!format!("{assertion:?}").contains(&jwt), "it may be used by whoever reads it");
        }
        other => panic!("{other:?}"),
    }
    // A JWT-SVID need not say its issuer, and says by its type what it is.
    for (kind, claims) in [
        (JWT_BEARER, json!({"sub": "spiffe://prod/worker", "aud": ISSUER})),
        (JWT_SPIFFE, json!({"sub": "spiffe://prod/worker", "aud": ISSUER})),
        (JWT_SPIFFE, good_claims()),
    ] {
        let svid = assertion(&key, &claims);
        let parsed = parse(format!("client_assertion_type={kind}&client_assertion={svid}"));
        assert!(matches!(parsed, Ok(ClientAuthentication::Federated(_))), "{claims}");
    }
    let wrong = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    let refused = code(parse(format!("client_assertion_type={wrong}&client_assertion={jwt}"))).1;
    assert_eq!(refused, ClientProblem::AssertionType.into());
    let refused = code(parse(format!("client_assertion={jwt}"))).1;
    assert_eq!(refused, RequestProblem::Missing("client_assertion_type").into());
    let own = assertion(&key, &good_claims());
    let refused =
        code(parse(format!("client_assertion_type={JWT_BEARER}&client_assertion={own}&client_id=x"))).1;
    assert_eq!(refused, RequestProblem::ClientIdDiffers.into());
}

fn assertion_error(text: &str) -> bool {
    ClientAssertion::parse(text).is_err()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn parsers_survive_anything(header in ".{0,40}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = ClientAuthentication::parse(Some(&header), &Form::default());
        let _ = ClientAuthentication::parse(Some(&format!("Basic {}", STANDARD.encode(&bytes))), &Form::default());
        prop_assert!(assertion_error(&header));
    }
}
