//! Deriving offline: what a verifier would refuse is refused at once.

use std::collections::BTreeSet;

use aws_lc_rs::rand::SystemRandom;
use deputy_token::aat::{self, Derivation, DeriveError, LinkError, TokenError};
use deputy_token::keys::{Alg, Kid, SigningKey};

use super::fixture::{AUDIENCE, NOW, TOOLS, chain, holder, next, root, tools};
use super::forge::{leaf_claims, verify};

/// Derives from a root, with the usual child changed.
fn derive(change: impl FnOnce(&mut Derivation<'_>)) -> Result<String, DeriveError> {
    let (tools, jwk) = (tools(TOOLS), holder(1));
    let mut child = next(1, &tools, jwk.jwk(), "c");
    change(&mut child);
    aat::derive(&root(TOOLS), &child, &holder(0))
}

#[test]
fn what_is_derived_verifies() {
    let chain = derive(|_| {}).unwrap();
    assert!(verify(&chain).is_ok());
    let claims = leaf_claims(&chain);
    assert_eq!(claims["del_depth"], 1);
    assert!(claims.get("aud").is_none());
    let narrow = BTreeSet::from([AUDIENCE.to_owned()]);
    let child = {
        let (tools, jwk) = (tools(r#"{"search": {}}"#), holder(1));
        let child = Derivation { audience: Some(&narrow), ..next(1, &tools, jwk.jwk(), "c") };
        aat::derive(&root(TOOLS), &child, &holder(0)).unwrap()
    };
    assert_eq!(verify(&child).unwrap().claims().mandate.tools.len(), 1);
}

#[test]
fn a_clock_that_lags_counts_as_the_parents() {
    let chain = derive(|child| child.iat = NOW.plus_secs(-100)).unwrap();
    assert_eq!(leaf_claims(&chain)["iat"], NOW.as_secs_floor());
}

#[test]
fn what_would_be_refused_is_refused() {
    let other = tools(r#"{"deploy": {}}"#);
    let crossed = tools(r#"{"search": {"q": {"constraint_type": "one_of", "values": []}}}"#);
    let foreign = BTreeSet::from(["https://other.example/".to_owned()]);
    let same = holder(0);
    let es256 = SigningKey::generate(Kid::new("k").unwrap(), Alg::Es256, &SystemRandom::new()).unwrap();
    let (tools, jwk) = (tools(TOOLS), holder(1));
    let good = next(1, &tools, jwk.jwk(), "c");
    let id = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a01";
    for (child, error) in [
        (Derivation { tools: &other, ..good }, DeriveError::Link(LinkError::Tools)),
        (Derivation { tools: &crossed, ..good }, DeriveError::Token(TokenError::Constraint)),
        (Derivation { expires_at: NOW.plus_secs(901), ..good }, DeriveError::Link(LinkError::Expiry)),
        (Derivation { expires_at: NOW, ..good }, DeriveError::Token(TokenError::Claims)),
        (Derivation { del_max_depth: 5, ..good }, DeriveError::Link(LinkError::Ceiling)),
        (Derivation { del_max_depth: 0, ..good }, DeriveError::Link(LinkError::TooDeep)),
        (Derivation { name: "a/b", ..good }, DeriveError::Link(LinkError::Name)),
        (Derivation { holder: same.jwk(), ..good }, DeriveError::Link(LinkError::SameKey)),
        (Derivation { holder: es256.jwk(), ..good }, DeriveError::HolderKey),
        (Derivation { audience: Some(&foreign), ..good }, DeriveError::Audience),
        (Derivation { jti: "", ..good }, DeriveError::Id),
        (Derivation { jti: id, ..good }, DeriveError::Id),
    ] {
        assert_eq!(aat::derive(&root(TOOLS), &child, &holder(0)), Err(error));
    }
    assert_eq!(aat::derive(&root(TOOLS), &good, &holder(1)), Err(DeriveError::NotHolder));
    assert!(matches!(aat::derive("x", &good, &holder(0)), Err(DeriveError::Parent(_))));
}

#[test]
fn the_last_hop_hands_nothing_on() {
    let chain = chain(TOOLS, 4);
    let (tools, jwk) = (tools(TOOLS), holder(5));
    let child = Derivation { del_max_depth: 5, ..next(5, &tools, jwk.jwk(), "c") };
    assert_eq!(aat::derive(&chain, &child, &holder(4)), Err(DeriveError::Link(LinkError::TooDeep)));
}

#[test]
fn a_chain_stays_within_its_bound() {
    let many: Vec<String> = (0..2400).map(|i| format!("\"{i:05}\"")).collect();
    let json =
        format!(r#"{{"search": {{"q": {{"constraint_type": "one_of", "values": [{}]}}}}}}"#, many.join(","));
    let once = chain(&json, 1);
    assert!(verify(&once).is_ok());
    let (tools, jwk) = (tools(&json), holder(2));
    let refused = aat::derive(&once, &next(2, &tools, jwk.jwk(), "c"), &holder(1));
    assert_eq!(refused, Err(DeriveError::TooLong));
}
