//! Each invariant of the draft on its own: what breaks it is refused for it, what keeps it passes.

use deputy_mandate::ReasonCode;
use deputy_token::aat::{AatError, LinkError};
use deputy_token::jws::JwsError;
use serde_json::{Value, json};

use super::fixture::{NOW, TOOLS, chain, holder, next, root, tools};
use super::forge::{leaf_claims, leaf_digest, replace_leaf, sign, verify, with_leaf};

/// A root and one derived token, the latter changed and signed by its rightful maker.
fn changed(change: impl FnOnce(&mut Value)) -> Result<(), AatError> {
    verify(&with_leaf(&chain(TOOLS, 1), &holder(0), change)).map(drop)
}

fn broken(depth: usize, broken: LinkError) -> Result<(), AatError> {
    Err(AatError::Link { depth, broken })
}

#[test]
fn the_twin_of_every_refusal_passes() {
    assert_eq!(changed(|_| {}), Ok(()));
    assert!(verify(&chain(TOOLS, 4)).is_ok());
}

#[test]
fn i1_the_maker_is_the_parents_holder() {
    let chain = chain(TOOLS, 1);
    let by_another = replace_leaf(&chain, &sign(&leaf_claims(&chain).to_string(), &holder(7)));
    assert_eq!(verify(&by_another).unwrap_err(), AatError::Jws(JwsError::Signature));
    let uri = |depth: u8| {
        let jkt = holder(depth).jwk().thumbprint();
        json!(format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{jkt}"))
    };
    assert_eq!(changed(|claims| claims["iss"] = uri(0)), Ok(()));
    assert_eq!(changed(|claims| claims["iss"] = uri(1)), broken(1, LinkError::Issuer));
    assert_eq!(changed(|claims| claims["iss"] = json!(super::fixture::ISSUER)), broken(1, LinkError::Issuer));
    assert_eq!(AatError::Link { depth: 1, broken: LinkError::Issuer }.reason(), ReasonCode::SignatureInvalid);
}

#[test]
fn i2_depth_grows_by_one_and_its_ceiling_only_sinks() {
    for depth in [0, 2, 3] {
        assert_eq!(changed(|claims| claims["del_depth"] = json!(depth)), broken(1, LinkError::Depth));
    }
    assert_eq!(changed(|claims| claims["del_max_depth"] = json!(1)), Ok(()));
    assert_eq!(changed(|claims| claims["del_max_depth"] = json!(0)), broken(1, LinkError::TooDeep));
    assert_eq!(changed(|claims| claims["del_max_depth"] = json!(5)), broken(1, LinkError::Ceiling));
    assert_eq!(AatError::Link { depth: 1, broken: LinkError::Ceiling }.reason(), ReasonCode::NotAttenuated);

    // A terminal token hands nothing on, whatever the one after it says.
    let terminal = with_leaf(&chain(TOOLS, 1), &holder(0), |claims| claims["del_max_depth"] = json!(1));
    let mut claims = leaf_claims(&chain(TOOLS, 2));
    claims["par_hash"] = json!(leaf_digest(&terminal));
    claims["del_max_depth"] = json!(2);
    let refused = verify(&format!("{terminal}~{}", sign(&claims.to_string(), &holder(1)))).unwrap_err();
    assert_eq!(refused, AatError::Link { depth: 2, broken: LinkError::TooDeep });
    assert_eq!(refused.reason(), ReasonCode::DepthExceeded);
}

#[test]
fn i3_nothing_outlives_its_parent() {
    let (iat, exp) = (NOW.as_secs_floor(), NOW.as_secs_floor() + 900);
    assert_eq!(changed(|claims| claims["exp"] = json!(exp)), Ok(()));
    assert_eq!(changed(|claims| claims["exp"] = json!(exp + 1)), broken(1, LinkError::Expiry));
    assert_eq!(changed(|claims| claims["iat"] = json!(iat)), Ok(()));
    assert_eq!(changed(|claims| claims["iat"] = json!(iat - 1)), broken(1, LinkError::IssuedBefore));

    let signed = verify(&chain(TOOLS, 1)).unwrap();
    let at = |secs: i64, leeway| signed.clone().verify_time(NOW.plus_secs(secs), leeway).map(drop);
    assert_eq!(at(869, 0), Ok(()));
    assert_eq!(at(870, 0), Err(AatError::Expired));
    assert_eq!(at(870, 1), Ok(()));
    assert_eq!(at(0, 0), Ok(()), "issued a second ahead, which a clock may be");
    let ahead = verify(&with_leaf(&chain(TOOLS, 1), &holder(0), |claims| claims["iat"] = json!(iat + 31)));
    let ahead = ahead.unwrap();
    assert_eq!(ahead.clone().verify_time(NOW, 0).unwrap_err(), AatError::NotYetValid);
    assert!(ahead.verify_time(NOW.plus_secs(1), 0).is_ok());
}

#[test]
fn i4_tools_only_narrow() {
    let set = |tools: Value| {
        changed(|claims| {
            claims["authorization_details"] = json!([{"type": "attenuating_agent_token", "tools": tools}])
        })
    };
    let range = |max: u32| {
        json!({"transfer": {"amount": {"constraint_type": "range", "min": 0, "max": max},
                                 "currency": {"constraint_type": "exact", "value": "EUR"}}})
    };
    assert_eq!(set(range(500)), Ok(()));
    assert_eq!(set(range(100)), Ok(()));
    assert_eq!(set(json!({})), Ok(()));
    assert_eq!(set(json!({"search": {"q": {"constraint_type": "exact", "value": "x"}}})), Ok(()));
    let refused = broken(1, LinkError::Tools);
    assert_eq!(set(range(501)), refused);
    assert_eq!(set(json!({"deploy": {}})), refused);
    assert_eq!(set(json!({"transfer": {}})), refused);
    assert_eq!(set(json!({"read_db": {"table": {"constraint_type": "wildcard"}}})), refused);
    assert_eq!(set(json!({"transfer": {"amount": {"constraint_type": "exact", "value": 1}}})), refused);
    let any = json!({"read_db": {"table": {"constraint_type": "any",
                     "constraints": [{"constraint_type": "exact", "value": "orders"}]}}});
    assert_eq!(set(any), refused, "narrower, but not by the draft's table");
    assert_eq!(AatError::Link { depth: 1, broken: LinkError::Tools }.reason(), ReasonCode::NotAttenuated);
}

#[test]
fn i5_a_token_names_its_one_parent() {
    assert_eq!(changed(|claims| claims["par_hash"] = json!("")), broken(1, LinkError::Parent));
    assert_eq!(
        changed(|claims| drop(claims.as_object_mut().unwrap().remove("par_hash"))),
        broken(1, LinkError::Parent)
    );
    // Two grants of one agent, alike in everything but their id: a child of one is none of the other.
    let (one, other) = (root(TOOLS), {
        let mut claims = super::fixture::claims(super::fixture::mandate(TOOLS), holder(0).jwk());
        claims.chain[0].id = "another".into();
        deputy_token::aat::seal_root(&claims, holder(0).jwk(), &super::fixture::tenant()).unwrap()
    });
    let (tools, jwk) = (tools(TOOLS), holder(1));
    let child = deputy_token::aat::derive(&one, &next(1, &tools, jwk.jwk(), "c"), &holder(0)).unwrap();
    let child = child.split('~').nth(1).unwrap();
    assert!(verify(&format!("{one}~{child}")).is_ok());
    let refused = verify(&format!("{other}~{child}")).unwrap_err();
    assert_eq!(refused, AatError::Link { depth: 1, broken: LinkError::Parent });
    assert_eq!(refused.reason(), ReasonCode::SignatureInvalid);
}

#[test]
fn a_token_goes_to_another_key_under_a_name() {
    let jwk = |key: u8| serde_json::from_str::<Value>(&holder(key).jwk().bare()).unwrap();
    assert_eq!(changed(|claims| claims["cnf"] = json!({"jwk": jwk(5)})), Ok(()));
    assert_eq!(changed(|claims| claims["cnf"] = json!({"jwk": jwk(0)})), broken(1, LinkError::SameKey));
    assert_eq!(changed(|claims| claims["name"] = json!("a.b-c_1")), Ok(()));
    for bad in [json!(""), json!("a/b"), json!("A"), json!("-a"), json!("a".repeat(64))] {
        assert_eq!(changed(|claims| claims["name"] = bad), broken(1, LinkError::Name));
    }
    assert_eq!(
        changed(|claims| drop(claims.as_object_mut().unwrap().remove("name"))),
        broken(1, LinkError::Name)
    );
}
