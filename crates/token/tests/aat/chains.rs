//! Whole chains: what they say, how they are read, and that no change of one passes.

use deputy_mandate::{Instant, MAX_DEPTH, ReasonCode};
use deputy_token::aat::{AatError, TokenError, UnverifiedAat};
use serde_json::{Value, json};

use super::fixture::{AGENT, AUDIENCE, NOW, TOOLS, chain, holder, root, tools};
use super::forge::{leaf_claims, leaf_digest, sign, sign_under, verify, with_leaf};

fn changed(change: impl FnOnce(&mut Value)) -> Result<(), AatError> {
    verify(&with_leaf(&chain(TOOLS, 1), &holder(0), change)).map(drop)
}

fn refused(error: TokenError) -> Result<(), AatError> {
    Err(error.into())
}

#[test]
fn a_chain_says_whose_authority_it_is_and_through_whose_hands_it_went() {
    let chain = chain(TOOLS, 2);
    let signed = verify(&chain).unwrap();
    let claims = signed.claims();
    assert_eq!((claims.agent.id.as_str(), claims.client_id.as_str()), (AGENT, AGENT));
    assert_eq!(claims.agent.name, "planner/worker/worker");
    assert_eq!(claims.agent.spiffe_id, "spiffe://deputy.example/t/acme/agent/planner/worker/worker");
    assert_eq!((signed.issued_hops().len(), claims.chain.len(), claims.del_depth()), (1, 3, 2));
    let [issued, first, last] = &claims.chain[..] else { panic!("three hops") };
    assert_eq!(first.agent, format!("{AGENT}/worker"));
    assert_eq!(last.agent, format!("{AGENT}/worker/worker"));
    assert_eq!(last.id, leaf_digest(&chain));
    assert_eq!(last.jkt.as_deref(), Some(holder(2).jwk().thumbprint().as_str()));
    for hop in [first, last] {
        assert_eq!((&hop.sub, hop.seq, hop.crit), (&issued.sub, issued.seq, issued.crit));
        assert_eq!((&hop.rt, &hop.bind), (&None, &None));
    }
    assert_eq!(signed.holder().thumbprint(), holder(2).jwk().thumbprint());
    assert_eq!(claims.cnf.as_ref().map(|cnf| &cnf.jkt), last.jkt.as_ref());
    let mandate = &claims.mandate;
    assert_eq!(mandate.tools, tools(TOOLS));
    assert_eq!((mandate.expires_at, mandate.not_before), (NOW.plus_secs(840), NOW));
    assert_eq!((mandate.max_depth, mandate.may_delegate), (4, true));
    assert!(mandate.audience.iter().eq([AUDIENCE]));
    assert!(mandate.scopes.is_empty() && mandate.uses.is_none());
}

#[test]
fn a_lowered_ceiling_and_a_later_start_are_in_force() {
    let lower = with_leaf(&chain(TOOLS, 1), &holder(0), |claims| {
        claims["del_max_depth"] = json!(1);
        claims["nbf"] = json!(NOW.as_secs_floor() + 60);
    });
    let signed = verify(&lower).unwrap();
    let mandate = &signed.claims().mandate;
    assert_eq!((mandate.max_depth, mandate.may_delegate), (1, false));
    assert_eq!(mandate.not_before, Instant::from_secs(NOW.as_secs_floor() + 60));
    assert_eq!(signed.clone().verify_time(NOW.plus_secs(59), 0).unwrap_err(), AatError::NotYetValid);
    assert!(signed.verify_time(NOW.plus_secs(60), 0).is_ok());
}

#[test]
fn the_audience_in_force_is_in_every_aud() {
    let with = |aud: Value| verify(&with_leaf(&chain(TOOLS, 1), &holder(0), |claims| claims["aud"] = aud));
    assert!(
        with(json!([AUDIENCE, "https://other.example/"]))
            .is_ok_and(|signed| { signed.claims().mandate.audience.iter().eq([AUDIENCE]) })
    );
    for foreign in [json!("https://other.example/"), json!([])] {
        let refused = with(foreign).unwrap_err();
        assert_eq!((refused, refused.reason()), (AatError::Audience, ReasonCode::AudienceMismatch));
    }
    assert_eq!(with(json!(1)).unwrap_err(), AatError::Token(TokenError::Claims));
}

#[test]
fn a_holders_own_claims_change_nothing() {
    let free = with_leaf(&chain(TOOLS, 1), &holder(0), |claims| {
        claims["sub"] = json!("user:somebody-else");
        claims["agent"] = json!({"id": "x"});
        claims["chain"] = json!([]);
        claims["scope"] = json!("admin");
        claims["https://example.com/trace"] = json!({"a": [1, 2]});
        let entry = json!({"type": "deputy_mandate", "scopes": ["admin"]});
        claims["authorization_details"].as_array_mut().unwrap().push(entry);
    });
    let (plain, free) = (verify(&chain(TOOLS, 1)).unwrap(), verify(&free).unwrap());
    assert_eq!(free.claims().sub, plain.claims().sub);
    assert_eq!(free.claims().agent, plain.claims().agent);
    assert_eq!(free.claims().mandate, plain.claims().mandate);
}

#[test]
fn what_stands_twice_or_is_no_plain_integer_is_refused() {
    let chain = chain(TOOLS, 1);
    let text = leaf_claims(&chain).to_string();
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        let leaf = sign(&text.replacen(from, to, 1), &holder(0));
        verify(&super::forge::replace_leaf(&chain, &leaf)).map(drop)
    };
    let own = |to: &str| with(r#""name":"worker""#, &format!(r#""name":"worker",{to}"#));
    assert_eq!(own(r#""x":{"a":1}"#), Ok(()));
    for twice in
        [r#""name":"worker""#, r#""x":1,"x":2"#, r#""x":{"a":1,"a":1}"#, r#""x":1.00000000000000001"#]
    {
        assert_eq!(own(twice), refused(TokenError::Claims), "{twice}");
    }
    assert_eq!(with(r#""search":{}"#, r#""search":{},"search":{}"#), refused(TokenError::Claims));
    assert_eq!(with(r#"{"jwk":{"#, r#"{"kid":"x","jwk":{"#), Ok(()));
    assert_eq!(with(r#"{"jwk":{"#, r#"{"jwk":{},"jwk":{"#), refused(TokenError::Key));
    for (from, to) in [
        (r#""del_depth":1"#, r#""del_depth":1.0"#),
        (r#""del_depth":1"#, r#""del_depth":1e0"#),
        (r#""del_depth":1"#, r#""del_depth":"1""#),
        (r#""del_depth":1"#, r#""del_depth":-1"#),
        (r#""del_depth":1"#, r#""del_depth":257"#),
        (r#""exp":1800000870"#, r#""exp":1.80000087e9"#),
        (r#""exp":1800000870"#, r#""exp":1800000001"#),
        (r#""jti":"hop-1""#, r#""jti":"""#),
        (r#""jti":"hop-1""#, r#""jti":1"#),
    ] {
        assert_eq!(with(from, to), refused(TokenError::Claims), "{to}");
    }
}

#[test]
fn the_entry_is_one_and_plain() {
    let details = |entries: Value| changed(|claims| claims["authorization_details"] = entries);
    let entry = json!({"type": "attenuating_agent_token", "tools": {"search": {}}});
    assert_eq!(details(json!([entry])), Ok(()));
    assert_eq!(details(json!([{"type": "other"}, entry, 1])), Ok(()));
    for bad in [
        json!([]),
        json!([{"type": "other", "tools": {}}]),
        json!([entry, entry]),
        json!([{"type": "attenuating_agent_token"}]),
        json!([{"type": "attenuating_agent_token", "tools": []}]),
        json!([{"type": "attenuating_agent_token", "tools": {"search": []}}]),
        json!([{"type": "attenuating_agent_token", "tools": {"search": {}}, "max_tool_calls": 2}]),
    ] {
        assert_eq!(details(bad.clone()), refused(TokenError::Entry), "{bad}");
    }
    assert_eq!(details(json!({"type": "attenuating_agent_token"})), refused(TokenError::Claims));
}

#[test]
fn a_token_between_may_carry_nothing_and_then_hands_on_nothing() {
    let empty = with_leaf(&chain(TOOLS, 1), &holder(0), |claims| claims["authorization_details"] = json!([]));
    let below = |tools: Value| {
        let mut claims = leaf_claims(&chain(TOOLS, 2));
        claims["par_hash"] = json!(leaf_digest(&empty));
        claims["authorization_details"][0]["tools"] = tools;
        verify(&format!("{empty}~{}", sign(&claims.to_string(), &holder(1)))).map(drop)
    };
    assert_eq!(below(json!({})), Ok(()));
    assert!(below(json!({"search": {}})).is_err());
    assert_eq!(verify(&empty).map(drop), refused(TokenError::Entry));
}

#[test]
fn constraints_that_another_verifier_would_refuse_are_refused() {
    let on_search = |constraint: Value| {
        changed(|claims| claims["authorization_details"][0]["tools"] = json!({"search": {"q": constraint}}))
    };
    assert_eq!(on_search(json!({"constraint_type": "range", "min": 1, "max": 1})), Ok(()));
    for malformed in [
        json!({"constraint_type": "range", "min": 2, "max": 1}),
        json!({"constraint_type": "range", "min_inclusive": false}),
        json!({"constraint_type": "one_of", "values": []}),
        json!({"constraint_type": "any", "constraints": [{"constraint_type": "one_of", "values": []}]}),
        json!({"constraint_type": "all", "constraints": []}),
        json!({"constraint_type": "exact", "value": 1, "optional": true}),
        json!({"constraint_type": "exact", "value": []}),
    ] {
        assert_eq!(on_search(malformed.clone()), refused(TokenError::Constraint), "{malformed}");
    }
    let unknown = on_search(json!({"constraint_type": "regex", "pattern": "."}));
    assert_eq!(unknown, refused(TokenError::UnknownConstraint));
    assert_eq!(unknown.unwrap_err().reason(), ReasonCode::UnknownConstraint);
    let star = json!({"search": {"*": {"constraint_type": "wildcard"}}});
    let star = changed(|claims| claims["authorization_details"][0]["tools"] = star);
    assert_eq!(star, refused(TokenError::Constraint));
    let many: Vec<Value> = (0..65).map(|i| json!({"constraint_type": "exact", "value": i})).collect();
    assert_eq!(
        on_search(json!({"constraint_type": "any", "constraints": many})),
        refused(TokenError::Bounds)
    );
}

#[test]
fn only_a_public_ed25519_key_confirms() {
    let cnf = |jwk: Value| changed(|claims| claims["cnf"] = json!({"jwk": jwk}));
    let public: Value = serde_json::from_str(&holder(5).jwk().bare()).unwrap();
    let mut spelled = public.clone();
    spelled["kid"] = json!("x");
    assert_eq!(cnf(spelled), Ok(()));
    let mut private = public;
    private["d"] = json!("AAAA");
    for bad in [
        private,
        json!({"kty": "OKP", "crv": "Ed25519"}),
        json!({"crv": "Ed25519", "kty": "OKP", "x": "AA"}),
        json!({"kty": "oct", "k": "AAAA"}),
        json!("x"),
    ] {
        assert_eq!(cnf(bad.clone()), refused(TokenError::Key), "{bad}");
    }
}

#[test]
fn no_token_stands_twice_and_no_chain_is_endless() {
    let mut claims = leaf_claims(&chain(TOOLS, 2));
    claims["jti"] = json!("hop-1");
    let twice = format!("{}~{}", chain(TOOLS, 1), sign(&claims.to_string(), &holder(1)));
    assert_eq!(verify(&twice).unwrap_err(), AatError::Repeated);

    let root = root(TOOLS);
    let long = vec![root.as_str(); usize::from(MAX_DEPTH) + 2].join("~");
    assert_eq!(UnverifiedAat::parse(&long).unwrap_err(), AatError::TooDeep);
    assert_eq!(AatError::TooDeep.reason(), ReasonCode::DepthExceeded);
    assert_eq!(UnverifiedAat::parse(&"~".repeat(70_000)).unwrap_err(), AatError::TooLong);
}

#[test]
fn the_header_is_the_drafts_and_brings_no_key() {
    let chain = chain(TOOLS, 1);
    let claims = leaf_claims(&chain).to_string();
    let with = |header: &str| {
        verify(&super::forge::replace_leaf(&chain, &sign_under(header, &claims, &holder(0)))).map(drop)
    };
    for good in [
        r#"{"alg":"Ed25519","typ":"aat+jwt"}"#,
        r#"{"alg":"EdDSA","typ":"aat+jwt"}"#,
        r#"{"alg":"Ed25519","typ":"aat+jwt","x":1}"#,
    ] {
        assert_eq!(with(good), Ok(()), "{good}");
    }
    let jwk = format!(r#"{{"alg":"Ed25519","typ":"aat+jwt","jwk":{}}}"#, holder(0).jwk().bare());
    for bad in [
        r#"{"alg":"none","typ":"aat+jwt"}"#,
        r#"{"alg":"HS256","typ":"aat+jwt"}"#,
        r#"{"alg":"ES256","typ":"aat+jwt"}"#,
        r#"{"alg":"Ed25519","typ":"aat-pop+jwt"}"#,
        r#"{"alg":"Ed25519","typ":"at+jwt"}"#,
        r#"{"alg":"Ed25519"}"#,
        r#"{"alg":"Ed25519","typ":"aat+jwt","crit":["exp"]}"#,
        &jwk,
    ] {
        assert!(with(bad).is_err(), "{bad}");
    }
}

#[test]
fn every_changed_bit_is_found() {
    let chain = chain(r#"{"search": {}}"#, 2);
    assert!(verify(&chain).is_ok());
    for position in 0..chain.len() {
        for bit in 0..8 {
            let mut changed = chain.clone().into_bytes();
            changed[position] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(changed) {
                assert!(verify(&changed).is_err(), "byte {position} bit {bit}");
            }
        }
    }
}

#[test]
fn a_person_can_look_at_a_chain_without_trusting_it() {
    let chain = chain(TOOLS, 2);
    let aat = UnverifiedAat::parse(&chain).unwrap();
    let tokens: Vec<_> = aat.tokens().collect();
    assert_eq!(tokens.len(), 3);
    assert_eq!((tokens[0].kid(), tokens[1].kid()), (Some("2026-11"), None));
    assert_eq!((tokens[2].typ(), tokens[2].alg()), (Some("aat+jwt"), "EdDSA"));
    assert_eq!(tokens[2].digest(), leaf_digest(&chain));
    let claims = tokens[1].claims().unwrap();
    assert_eq!(claims.as_object().unwrap()["par_hash"], tokens[0].digest().into());
}
