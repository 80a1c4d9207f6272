//! Roots: what is sealed, and what a root must say to be taken.

use deputy_mandate::ReasonCode;
use deputy_token::aat::{self, AatError, AatSealError, TokenError};
use deputy_token::access::{AccessClaims, Act, ChainError, Hop, MayAct};
use deputy_token::jws::JwsError;
use deputy_token::keys::{Alg, Kid, SigningKey};
use serde_json::{Value, json};

use super::fixture::{AUDIENCE, ISSUER, KID, NOW, TOOLS, claims, ed25519, holder, mandate, root, tenant};
use super::forge::{leaf_claims, sign, verify, with_leaf};

fn seal(change: impl FnOnce(&mut AccessClaims)) -> Result<String, AatSealError> {
    let mut claims = claims(mandate(TOOLS), holder(0).jwk());
    change(&mut claims);
    aat::seal_root(&claims, holder(0).jwk(), &tenant())
}

fn changed(change: impl FnOnce(&mut Value)) -> Result<(), AatError> {
    verify(&with_leaf(&root(TOOLS), &tenant(), change)).map(drop)
}

#[test]
fn reads_back_what_it_seals() {
    let plain = claims(mandate(TOOLS), holder(0).jwk());
    assert_eq!(verify(&seal(|_| {}).unwrap()).unwrap().into_claims(), plain);

    let rich = seal(|claims| {
        claims.act = Some(Act { sub: "spiffe://x".into(), act: None });
        claims.may_act = Some(MayAct { client_ids: vec!["a".into()] });
        claims.mandate.audience.insert("https://b.example/".into());
        let last =
            Hop { id: "second".into(), agent: claims.chain[0].agent.clone(), ..claims.chain[0].clone() };
        claims.chain.push(last);
    });
    let read = verify(&rich.unwrap()).unwrap();
    assert_eq!((read.claims().del_depth(), read.claims().mandate.max_depth), (1, 4));
    assert_eq!(read.claims().act.as_ref().map(|act| act.sub.as_str()), Some("spiffe://x"));
    assert_eq!(read.claims().mandate.audience.len(), 2);
}

#[test]
fn writes_what_the_draft_demands() {
    let claims = leaf_claims(&root(TOOLS));
    assert_eq!((&claims["del_depth"], &claims["del_max_depth"]), (&json!(0), &json!(4)));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(AUDIENCE)));
    assert_eq!(claims["cnf"]["jwk"], serde_json::from_str::<Value>(&holder(0).jwk().bare()).unwrap());
    assert_eq!(claims["authorization_details"][0]["type"], "attenuating_agent_token");
    assert!(claims.get("par_hash").is_none() && claims.get("scope").is_none());
    let header = root(TOOLS).split('.').next().unwrap().to_owned();
    let header = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, header).unwrap();
    assert_eq!(header, format!(r#"{{"alg":"Ed25519","kid":"{KID}","typ":"aat+jwt"}}"#).into_bytes());
}

#[test]
fn a_tenant_signs_with_either_algorithm() {
    let rng = aws_lc_rs::rand::SystemRandom::new();
    let key = SigningKey::generate(Kid::new(KID).unwrap(), Alg::Es256, &rng).unwrap();
    let claims = claims(mandate(TOOLS), holder(0).jwk());
    let root = aat::seal_root(&claims, holder(0).jwk(), &key).unwrap();
    let read = |key: &SigningKey| {
        aat::UnverifiedAat::parse(&root).unwrap().verify_signature(|_| Some(key.public()), ISSUER).map(drop)
    };
    assert_eq!(read(&key), Ok(()));
    assert_eq!(read(&tenant()), Err(AatError::Jws(JwsError::Signature)));
    let holder = SigningKey::generate(Kid::new("h").unwrap(), Alg::Es256, &rng).unwrap();
    assert_eq!(aat::seal_root(&claims, holder.jwk(), &key), Err(AatSealError::HolderKey));
}

#[test]
fn the_hops_that_remain_are_the_chains() {
    let left = |change: fn(&mut AccessClaims)| leaf_claims(&seal(change).unwrap())["del_max_depth"].clone();
    assert_eq!(left(|_| {}), 4);
    assert_eq!(left(|claims| claims.mandate.may_delegate = false), 0);
    assert_eq!(left(|claims| claims.mandate.max_depth = 0), 0);
    assert_eq!(left(|claims| claims.chain.push(Hop { id: "second".into(), ..claims.chain[0].clone() })), 3);
    let terminal = verify(&seal(|claims| claims.mandate.may_delegate = false).unwrap()).unwrap();
    assert!(!terminal.claims().mandate.may_delegate);
}

#[test]
fn what_cannot_be_sealed_says_why() {
    assert_eq!(seal(|claims| claims.mandate.audience.clear()), Err(AatSealError::NoAudience));
    assert_eq!(seal(|claims| claims.mandate.expires_at = NOW.plus_secs(86_401)), Err(AatSealError::Lifetime));
    assert!(seal(|claims| claims.mandate.expires_at = NOW.plus_secs(86_400)).is_ok());
    assert_eq!(seal(|claims| claims.mandate.expires_at = NOW), Err(AatSealError::Lifetime));
    assert_eq!(seal(|claims| claims.chain[0].id = "x".repeat(257)), Err(AatSealError::Id));
    assert_eq!(seal(|claims| claims.cnf = None), Err(AatSealError::Chain(ChainError::Key)));
    let other = holder(1);
    let theirs = claims(mandate(TOOLS), other.jwk());
    assert_eq!(aat::seal_root(&theirs, holder(0).jwk(), &tenant()), Err(AatSealError::OtherHolder));
    assert!(matches!(seal(|claims| claims.mandate.uses = Some(1)), Err(AatSealError::NotCompiled(_))));
}

#[test]
fn a_root_is_the_issuers_and_says_nothing_unknown() {
    assert_eq!(changed(|_| {}), Ok(()));
    let refused = Err(AatError::Token(TokenError::Claims));
    for (name, value) in [
        ("scope", json!("admin")),
        ("x", json!(1)),
        ("name", json!("worker")),
        ("par_hash", json!("AA")),
        ("del_depth", json!(1)),
        ("aud", json!([])),
        ("jti", json!("another")),
        ("exp", json!(NOW.as_secs_floor() + 86_401)),
        ("agent", json!({"id": "a"})),
    ] {
        assert_eq!(changed(|claims| claims[name] = value), refused, "{name}");
    }
    for name in ["sub", "nbf", "client_id", "agent", "chain", "aud", "jti", "exp", "iat", "del_max_depth"] {
        assert_eq!(changed(|claims| drop(claims.as_object_mut().unwrap().remove(name))), refused, "{name}");
    }
    assert_eq!(changed(|claims| claims["iss"] = json!("https://other/")), Err(AatError::Issuer));
    assert_eq!(changed(|claims| claims["client_id"] = json!("b")), Err(ChainError::Agent.into()));
    assert_eq!(changed(|claims| claims["del_max_depth"] = json!(16)), Ok(()));
    let deep = changed(|claims| claims["del_max_depth"] = json!(17));
    assert_eq!(deep.unwrap_err().reason(), ReasonCode::DepthExceeded);
    let other: Value = serde_json::from_str(&holder(3).jwk().bare()).unwrap();
    assert_eq!(changed(|claims| claims["cnf"] = json!({"jwk": other})), Err(ChainError::Key.into()));
}

#[test]
fn a_root_needs_the_issuers_key() {
    let text = leaf_claims(&root(TOOLS)).to_string();
    assert!(verify(&sign(&text, &tenant())).is_ok());
    assert_eq!(verify(&sign(&text, &ed25519(9))).unwrap_err(), AatError::Jws(JwsError::Signature));
    for header in [r#"{"alg":"Ed25519","typ":"aat+jwt"}"#, r#"{"alg":"Ed25519","kid":"x","typ":"aat+jwt"}"#] {
        let unknown = super::forge::sign_under(header, &text, &tenant());
        assert_eq!(verify(&unknown).unwrap_err(), AatError::UnknownKey);
    }
    // An access token of the same key is no root, nor the other way round.
    let access = super::forge::sign_under(
        &format!(r#"{{"alg":"EdDSA","kid":"{KID}","typ":"at+jwt"}}"#),
        &text,
        &tenant(),
    );
    assert_eq!(verify(&access).unwrap_err(), AatError::Jws(JwsError::Typ));
}
