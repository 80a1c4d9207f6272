//! I6: whoever presents a chain holds the leaf's key, and means this very call.

use deputy_mandate::{Instant, ReasonCode, Value};
use deputy_token::aat::{self, Invocation, Pop, PopError, PopSealError};
use deputy_token::freshness::Window;
use deputy_token::jws::JwsError;
use serde_json::json;

use super::fixture::{AUDIENCE, NOW, TOOLS, chain, holder};
use super::forge::{leaf_digest, sign_under, verify};

const WINDOW: Window = Window { past_secs: 30, ahead_secs: 30 };
const HEADER: &str = r#"{"alg":"Ed25519","typ":"aat-pop+jwt"}"#;

fn arguments(text: &str) -> Value {
    Value::parse(text).unwrap()
}

fn proof(chain: &str, key: u8) -> Result<String, PopSealError> {
    let arguments = arguments(r#"{"amount": 12.5, "currency": "EUR"}"#);
    let (audience, tool) = (AUDIENCE, "transfer");
    let pop = Pop { jti: "p-1", iat: NOW, audience, tool, arguments: &arguments, nonce: Some("n") };
    aat::seal_pop(chain, &pop, &holder(key))
}

fn check(chain: &str, proof: &str, now: Instant) -> Result<aat::VerifiedPop, PopError> {
    let arguments = arguments(r#"{"currency": "EUR", "amount": 1.250e1}"#);
    let call =
        Invocation { audience: AUDIENCE, tool: "transfer", arguments: &arguments, now, window: WINDOW };
    aat::verify_pop(&verify(chain).unwrap(), proof, &call)
}

#[test]
fn the_leafs_holder_proves_one_call_once() {
    let chain = chain(TOOLS, 2);
    let verified = check(&chain, &proof(&chain, 2).unwrap(), NOW.plus_secs(29)).unwrap();
    assert_eq!((verified.once().jti.as_str(), verified.nonce()), ("p-1", Some("n")));
    assert_eq!(verified.once().jkt, holder(2).jwk().thumbprint());
    assert_eq!(verified.once().until, NOW.plus_secs(30));
}

#[test]
fn nobody_else_does() {
    let chain = chain(TOOLS, 2);
    assert_eq!(proof(&chain, 1), Err(PopSealError::NotHolder));
    // The parent's token is not its child's to use, though everybody below holds a copy.
    let parents = chain.rsplit_once('~').unwrap().0;
    let theirs = proof(&chain, 2).unwrap();
    assert_eq!(check(parents, &theirs, NOW), Err(PopError::Jws(JwsError::Signature)));
    assert!(check(parents, &proof(parents, 1).unwrap(), NOW).is_ok());
    assert_eq!(PopError::Jws(JwsError::Signature).reason(), ReasonCode::ProofInvalid);
}

#[test]
fn a_proof_is_of_this_token_call_and_moment() {
    let chain = chain(TOOLS, 1);
    let good = json!({
        "jti": "p-1", "iat": NOW.as_secs_floor(), "aat_id": "hop-1", "aat_hash": leaf_digest(&chain),
        "aat_tool": "transfer", "aat_aud": AUDIENCE, "hta": {"amount": 12.5, "currency": "EUR"}
    });
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = good.clone();
        claims[name] = value;
        check(&chain, &sign_under(HEADER, &claims.to_string(), &holder(1)), NOW).map(drop)
    };
    assert_eq!(with("x", json!({"ignored": true})), Ok(()));
    assert_eq!(with("aat_id", json!("hop-2")), Err(PopError::Token));
    assert_eq!(with("aat_hash", json!(leaf_digest("a.b.c"))), Err(PopError::Token));
    assert_eq!(with("aat_aud", json!("https://other.example/")), Err(PopError::Audience));
    assert_eq!(with("aat_aud", json!(null)), Err(PopError::Audience));
    assert_eq!(with("aat_tool", json!("search")), Err(PopError::Tool));
    assert_eq!(with("hta", json!({"amount": 13, "currency": "EUR"})), Err(PopError::Arguments));
    assert_eq!(with("hta", json!({"amount": "12.5", "currency": "EUR"})), Err(PopError::Arguments));
    assert_eq!(with("hta", json!({"amount": 12.5})), Err(PopError::Arguments));
    assert_eq!(with("iat", json!(NOW.as_secs_floor() - 29)), Ok(()));
    assert_eq!(with("iat", json!(NOW.as_secs_floor() - 30)), Err(PopError::Time));
    assert_eq!(with("iat", json!(NOW.as_secs_floor() + 30)), Ok(()));
    assert_eq!(with("iat", json!(NOW.as_secs_floor() + 31)), Err(PopError::Time));
    for (name, value) in [
        ("jti", json!("")),
        ("jti", json!("x".repeat(257))),
        ("jti", json!(null)),
        ("iat", json!(1.5)),
        ("hta", json!([])),
        ("aat_tool", json!(1)),
        ("aat_aud", json!([AUDIENCE])),
    ] {
        assert_eq!(with(name, value), Err(PopError::Claims), "{name}");
    }
    let twice = good.to_string().replacen("{\"amount\":", "{\"amount\":1,\"amount\":", 1);
    assert_eq!(check(&chain, &sign_under(HEADER, &twice, &holder(1)), NOW), Err(PopError::Claims));
}

#[test]
fn a_token_is_no_proof_and_a_proof_no_token() {
    let chain = chain(TOOLS, 1);
    let leaf = chain.rsplit('~').next().unwrap();
    assert_eq!(check(&chain, leaf, NOW), Err(PopError::Jws(JwsError::Typ)));
    let proof = proof(&chain, 1).unwrap();
    assert!(verify(&format!("{chain}~{proof}")).is_err());
}

#[test]
fn a_proof_that_none_could_read_is_not_made() {
    let chain = chain(TOOLS, 1);
    let (object, list) = (arguments("{}"), arguments("[]"));
    let pop = Pop { jti: "p", iat: NOW, audience: AUDIENCE, tool: "search", arguments: &object, nonce: None };
    assert!(aat::seal_pop(&chain, &pop, &holder(1)).is_ok());
    for bad in [Pop { jti: "", ..pop }, Pop { arguments: &list, ..pop }] {
        assert_eq!(aat::seal_pop(&chain, &bad, &holder(1)), Err(PopSealError::Claims));
    }
}
