//! Access tokens: sealed, verified, and attacked.

use std::collections::BTreeSet;

use aws_lc_rs::rand::SystemRandom;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::{Binding, Instant, Mandate, ReasonCode};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::jws::{HeaderError, JwsError};
use crate::keys::{Alg, Kid, PublicKey, SigningKey};

const ISSUER: &str = "https://deputy.example/t/acme";
const NOW: Instant = Instant::from_secs(1_800_000_000);

fn key() -> SigningKey {
    SigningKey::generate(Kid::new("k1").unwrap(), Alg::Es256, &SystemRandom::new()).unwrap()
}

fn mandate() -> Mandate {
    Mandate::from_json(
        &json!({
            "scopes": ["read:docs", "write:drafts"],
            "tools": {
                "search": {},
                "transfer": {"amount": {"constraint_type": "range", "min": 0, "max": 500.50}},
            },
            "blocked_tools": ["shell"],
            "limits": {"env": {"constraint_type": "one_of", "values": ["staging", "development"]}},
            "declared": {"transfer": ["amount", "currency"]},
            "limit_required": {"transfer": ["amount"]},
            "audience": ["https://crm.example.com/"],
            "binding": {"task": "task-42"},
            "not_before": NOW.0,
            "expires_at": NOW.plus_secs(900).0,
            "max_depth": 3,
            "may_delegate": true,
            "uses": 5,
        })
        .to_string(),
    )
    .unwrap()
}

fn hop(id: &str, agent: &str) -> Hop {
    let (sub, jkt, bind) = (Some("alice".into()), None, None);
    Hop { id: id.into(), agent: agent.into(), sub, jkt, rt: Some("rt".into()), bind, crit: true, seq: 7 }
}

fn claims() -> AccessClaims {
    let last = Hop { bind: Some(mandate().binding), ..hop("c2", "a2/worker") };
    AccessClaims {
        iss: ISSUER.into(),
        sub: "user:alice".into(),
        iat: NOW,
        client_id: "a2".into(),
        agent: AgentClaim {
            id: "a2".into(),
            name: "planner/worker".into(),
            spiffe_id: "spiffe://deputy.example/t/acme/agent/planner/worker".into(),
            owners: vec!["user:alice".into()],
        },
        chain: vec![hop("c1", "a1"), last],
        mandate: mandate(),
        act: Some(Act {
            sub: "spiffe://x".into(),
            act: Some(Box::new(Act { sub: "spiffe://y".into(), act: None })),
        }),
        may_act: Some(MayAct { client_ids: vec!["a3".into()] }),
        cnf: None,
    }
}

fn verify_signature(token: &str, key: &PublicKey) -> Result<SignedAccess, AccessError> {
    UnverifiedAccess::parse(token)?.verify_signature(|kid| (kid == "k1").then_some(key), ISSUER)
}

/// The claims as JSON, changed, and signed with the right header.
fn resign(key: &SigningKey, change: impl FnOnce(&mut Value)) -> String {
    let mut json = serde_json::to_value(claims()).unwrap();
    change(&mut json);
    crate::jws::seal(TYP, &json, key).unwrap()
}

fn sign_text(key: &SigningKey, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", B64.encode(header), B64.encode(payload));
    format!("{input}.{}", B64.encode(key.sign(input.as_bytes()).unwrap()))
}

#[test]
fn reads_back_what_it_seals() {
    let key = key();
    let token = seal(&claims(), &key).unwrap();
    assert_eq!(verify_signature(&token, key.public()).unwrap().into_claims(), claims());

    let root = AccessClaims {
        client_id: "a1".into(),
        agent: AgentClaim { id: "a1".into(), ..claims().agent },
        chain: vec![Hop { jkt: Some("thumb".into()), ..hop("c1", "a1") }],
        mandate: Mandate { binding: Binding::default(), uses: None, ..mandate() },
        act: None,
        may_act: None,
        cnf: Some(Cnf { jkt: "thumb".into() }),
        ..claims()
    };
    let token = seal(&root, &key).unwrap();
    assert_eq!(verify_signature(&token, key.public()).unwrap().into_claims(), root);
}

#[test]
fn writes_the_claims_of_rfc_9068_and_the_chain() {
    let json = serde_json::to_value(claims()).unwrap();
    assert_eq!(json["aud"], "https://crm.example.com/");
    assert_eq!((json["exp"].as_i64(), json["nbf"].as_i64()), (Some(1_800_000_900), Some(1_800_000_000)));
    assert_eq!((&json["jti"], &json["client_id"]), (&json!("c2"), &json!("a2")));
    assert_eq!(json["scope"], "read:docs write:drafts");
    assert_eq!((&json["del_depth"], &json["del_max_depth"]), (&json!(1), &json!(3)));
    assert_eq!(json["authorization_details"][0]["type"], "deputy_mandate");
    assert_eq!(json["authorization_details"][0]["tools"]["transfer"]["amount"]["max"], 500.5);
    assert_eq!(
        json["chain"][0],
        json!({"id": "c1", "agent": "a1", "sub": "alice", "rt": "rt", "crit": true, "seq": 7})
    );
    assert_eq!(json["chain"][1]["bind"], json!({"task": "task-42"}));
    assert_eq!(json["act"], json!({"sub": "spiffe://x", "act": {"sub": "spiffe://y"}}));

    let several = BTreeSet::from(["https://a.example/".to_owned(), "https://b.example/".to_owned()]);
    let several = AccessClaims { mandate: Mandate { audience: several, ..mandate() }, ..claims() };
    assert_eq!(
        serde_json::to_value(&several).unwrap()["aud"],
        json!(["https://a.example/", "https://b.example/"])
    );
    let key = key();
    assert_eq!(verify_signature(&seal(&several, &key).unwrap(), key.public()).unwrap().claims(), &several);
}

#[test]
fn every_changed_bit_is_found() {
    let key = key();
    let token = seal(&claims(), &key).unwrap();
    for position in 0..token.len() {
        for bit in 0..8 {
            let mut changed = token.clone().into_bytes();
            changed[position] ^= 1 << bit;
            if let Ok(changed) = String::from_utf8(changed) {
                assert!(verify_signature(&changed, key.public()).is_err(), "byte {position} bit {bit}");
            }
        }
    }
}

#[test]
fn is_valid_from_nbf_until_exp() {
    let key = key();
    let token = seal(&claims(), &key).unwrap();
    let verify = |now: Instant, leeway| {
        UnverifiedAccess::parse(&token)
            .unwrap()
            .verify(|_| Some(key.public()), ISSUER, now, leeway)
            .map(|_| ())
    };
    assert_eq!(verify(NOW, 0), Ok(()));
    assert_eq!(verify(Instant(NOW.0 - 1), 0), Err(AccessError::NotYetValid));
    assert_eq!(verify(NOW.plus_secs(-5), 5), Ok(()));
    assert_eq!(verify(Instant(NOW.plus_secs(900).0 - 1), 0), Ok(()));
    assert_eq!(verify(NOW.plus_secs(900), 0), Err(AccessError::Expired));
    assert_eq!(verify(NOW.plus_secs(904), 5), Ok(()));
    assert_eq!(verify(NOW.plus_secs(905), 5), Err(AccessError::Expired));
}

#[test]
fn the_right_key_of_the_right_issuer_signed_it_as_an_access_token() {
    let (key, other) = (key(), key());
    let token = seal(&claims(), &key).unwrap();
    let parse = || UnverifiedAccess::parse(&token).unwrap();
    assert_eq!(parse().kid(), "k1");
    assert_eq!(parse().verify_signature(|_| None, ISSUER).unwrap_err(), AccessError::UnknownKey);
    let wrong_key = parse().verify_signature(|_| Some(other.public()), ISSUER).unwrap_err();
    assert_eq!(
        (wrong_key, wrong_key.reason()),
        (AccessError::Jws(JwsError::Signature), ReasonCode::SignatureInvalid)
    );
    for issuer in ["https://deputy.example/t/acme/", "https://deputy.example/t/other", ""] {
        let refused = parse().verify_signature(|_| Some(key.public()), issuer);
        assert_eq!(refused.unwrap_err(), AccessError::Issuer, "{issuer}");
    }

    let payload = serde_json::to_string(&claims()).unwrap();
    let with_header = |header: &str| verify_signature(&sign_text(&key, header, &payload), key.public());
    assert!(with_header(r#"{"alg":"ES256","typ":"at+jwt","kid":"k1"}"#).is_ok());
    assert_eq!(with_header(r#"{"alg":"ES256","typ":"at+jwt"}"#).unwrap_err(), AccessError::UnknownKey);
    for typ in ["JWT", "AT+JWT", "application/at+jwt", "deputy-checkpoint+jwt"] {
        let refused = with_header(&format!(r#"{{"alg":"ES256","typ":"{typ}","kid":"k1"}}"#));
        assert_eq!(refused.unwrap_err(), AccessError::Jws(JwsError::Typ), "{typ}");
    }
    for alg in ["none", "HS256"] {
        let refused = with_header(&format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"k1"}}"#));
        assert_eq!(refused.unwrap_err(), AccessError::Jws(JwsError::Header(HeaderError::Alg)), "{alg}");
    }
}

#[test]
fn every_claim_is_required_and_typed() {
    let key = key();
    let refused =
        |change: &dyn Fn(&mut Value)| verify_signature(&resign(&key, change), key.public()).unwrap_err();
    assert!(verify_signature(&resign(&key, |_| {}), key.public()).is_ok());
    let required = [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nbf",
        "jti",
        "client_id",
        "scope",
        "authorization_details",
        "agent",
        "chain",
        "del_depth",
        "del_max_depth",
    ];
    for name in required {
        let absent = |json: &mut Value| drop(json.as_object_mut().unwrap().remove(name));
        assert_eq!(refused(&absent), AccessError::Claims, "{name} absent");
        assert_eq!(refused(&|json| json[name] = Value::Null), AccessError::Claims, "{name} null");
        assert_eq!(
            refused(&|json| json[name] = json!({"x": 1})),
            AccessError::Claims,
            "{name} of another type"
        );
    }
    for name in ["exp", "iat", "nbf"] {
        for bad in
            [json!("1800000900"), json!(1_800_000_900.5), json!(-1), json!(1e300), json!([1]), json!(true)]
        {
            assert_eq!(refused(&|json| json[name] = bad.clone()), AccessError::Claims, "{name} {bad}");
        }
    }
    assert_eq!(refused(&|json| json["iss"] = json!([ISSUER])), AccessError::Claims);
    assert_eq!(refused(&|json| json["surprise"] = json!(1)), AccessError::Claims);
    assert_eq!(refused(&|json| json["chain"][0]["surprise"] = json!(1)), AccessError::Claims);
    assert_eq!(refused(&|json| json["authorization_details"][0]["surprise"] = json!(1)), AccessError::Claims);
    assert_eq!(refused(&|json| json["authorization_details"] = json!([])), AccessError::Claims);
    assert_eq!(refused(&|json| json["jti"] = json!("c1")), AccessError::Claims);
    assert_eq!(refused(&|json| json["del_depth"] = json!(0)), AccessError::Claims);
    assert_eq!(refused(&|json| json["del_max_depth"] = json!(4)), AccessError::Claims);
}

#[test]
fn repeated_claims_are_refused_at_any_depth() {
    let key = key();
    let payload = serde_json::to_string(&claims()).unwrap();
    let header = r#"{"alg":"ES256","typ":"at+jwt","kid":"k1"}"#;
    let verify = |payload: &str| verify_signature(&sign_text(&key, header, payload), key.public());
    assert!(verify(&payload).is_ok());
    for (once, twice) in [
        (r#""exp":1800000900"#, r#""exp":1800000900,"exp":1800000900"#),
        (r#""sub":"user:alice""#, r#""sub":"user:bob","sub":"user:alice""#),
        (r#""id":"c1""#, r#""id":"c1","id":"c1""#),
        (r#""may_delegate":true"#, r#""may_delegate":false,"may_delegate":true"#),
        (r#""search":{}"#, r#""search":{},"search":{}"#),
        (r#""task":"task-42""#, r#""task":"task-42","task":"task-42""#),
    ] {
        assert!(payload.contains(once), "{once}");
        assert_eq!(verify(&payload.replacen(once, twice, 1)).unwrap_err(), AccessError::Claims, "{twice}");
    }
}

#[test]
fn chain_and_claims_must_agree() {
    type Change = fn(&mut AccessClaims);
    let cases: [(Change, ChainError); 12] = [
        (|claims| claims.chain.clear(), ChainError::Empty),
        (|claims| claims.mandate.max_depth = 0, ChainError::Depth { ceiling: 0 }),
        (|claims| claims.mandate.max_depth = 17, ChainError::Depth { ceiling: 16 }),
        (|claims| claims.chain[0].sub = None, ChainError::Subject),
        (|claims| claims.chain[0].sub = Some("bob".into()), ChainError::Subject),
        (|claims| claims.client_id = "a1".into(), ChainError::Agent),
        (|claims| claims.agent.id = "a1".into(), ChainError::Agent),
        (|claims| claims.chain[1].jkt = Some("k".into()), ChainError::Key),
        (|claims| claims.cnf = Some(Cnf { jkt: "k".into() }), ChainError::Key),
        (|claims| claims.chain[1].bind = None, ChainError::Binding),
        (|claims| claims.chain[0].id.clear(), ChainError::Hop),
        (|claims| claims.chain[0].seq = -1, ChainError::Hop),
    ];
    let key = key();
    for (change, expected) in cases {
        let mut changed = claims();
        change(&mut changed);
        assert_eq!(seal(&changed, &key).unwrap_err(), AccessSealError::Chain(expected));
        // A signer that does not check is not believed either.
        let token = crate::jws::seal(TYP, &changed, &key).unwrap();
        assert_eq!(verify_signature(&token, key.public()).unwrap_err(), AccessError::Chain(expected));
    }
    let mut homeless = claims();
    homeless.mandate.audience.clear();
    assert_eq!(seal(&homeless, &key).unwrap_err(), AccessSealError::NoAudience);
}

#[test]
fn the_deepest_chain_is_sixteen_delegations() {
    let key = key();
    let deep = |hops: usize| {
        let mut claims = claims();
        claims.mandate.max_depth = 16;
        let last = claims.chain.pop().unwrap();
        claims.chain = (1..hops).map(|i| hop(&format!("d{i}"), "a1")).chain([last]).collect();
        claims
    };
    assert!(verify_signature(&seal(&deep(17), &key).unwrap(), key.public()).is_ok());
    assert_eq!(seal(&deep(18), &key).unwrap_err(), AccessSealError::Chain(ChainError::Depth { ceiling: 16 }));
}

#[test]
fn an_identity_token_carries_no_authority_and_a_scope_that_says_so() {
    let key = key();
    let mut who = claims();
    who.mandate = Mandate { scopes: BTreeSet::new(), tools: Default::default(), ..who.mandate };
    let token = seal(&who, &key).unwrap();
    assert_eq!(serde_json::to_value(&who).unwrap()["scope"], "identity");
    assert!(verify_signature(&token, key.public()).unwrap().claims().mandate.scopes.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn survives_any_claims(cut in 0..2000usize, noise in "[\\[\\]{}\",:0-9a-z]{0,12}") {
        let key = key();
        let mut payload = serde_json::to_string(&claims()).unwrap();
        let cut = cut.min(payload.len());
        payload.insert_str(cut, &noise);
        let token = sign_text(&key, r#"{"alg":"ES256","typ":"at+jwt","kid":"k1"}"#, &payload);
        if let Ok(read) = verify_signature(&token, key.public()) {
            // Noise inside a string may make another valid token, which must then mean what it says.
            prop_assert_eq!(seal(read.claims(), &key).is_ok(), true);
        }
    }
}

/// Both readers of one payload: what the quick one takes, the strict one reads alike.
fn compare(payload: &str) -> Option<Box<AccessClaims>> {
    let quick = canonical::read(payload, canonical::Form::AccessToken).map(|read| read.claims);
    if let Some(claims) = &quick {
        assert_eq!(wire::Read::claims(payload).as_ref(), Ok(claims), "{payload}");
    }
    assert_eq!(wire::claims(payload.as_bytes()), wire::Read::claims(payload), "{payload}");
    quick
}

#[test]
fn the_canonical_writing_is_read_as_any_other() {
    let several = Mandate { audience: ["https://a.example/".into(), "x".into()].into(), ..mandate() };
    let bound = Some(Cnf { jkt: "thumb".into() });
    let mut held = claims();
    held.chain.iter_mut().for_each(|hop| hop.jkt = Some("thumb".into()));
    for sealed in [
        claims(),
        AccessClaims { mandate: several, ..claims() },
        AccessClaims { act: None, may_act: None, ..claims() },
        AccessClaims { cnf: bound, ..held },
        AccessClaims { sub: "user:\"ü\\\u{1}\u{fb33}😀".into(), ..claims() },
    ] {
        let payload = serde_json::to_string(&sealed).unwrap();
        assert_eq!(compare(&payload).as_deref(), Some(&sealed), "read without the strict reader");
        for (from, to) in [
            ("{\"act\"", "{ \"act\""),
            ("\"aud\":", "\"kid\":\"k1\",\"aud\":"),
            ("\"jti\":\"c2\"", "\"jti\":\"c2\",\"kid\":\"k1\""),
            ("\"jti\":\"c2\"", "\"jti\":\"c1\""),
            ("\"del_depth\":1", "\"del_depth\":1.0"),
            ("\"del_depth\":1", "\"del_depth\":0"),
            ("\"exp\":1800000900", "\"exp\":253402300800"),
            ("\"exp\":1800000900", "\"exp\":-1"),
            ("\"max\":500.5", "\"max\":500.50"),
            ("\"max_depth\":3", "\"max_depth\":300"),
            ("\"aud\":\"https://crm.example.com/\"", "\"aud\":[]"),
            ("\"aud\":\"https://crm.example.com/\"", "\"aud\":[\"b\",\"a\",\"b\"]"),
            ("\"aud\":\"https://crm.example.com/\"", "\"aud\":{}"),
            ("\"crit\":true", "\"crit\":false"),
            ("\"crit\":true", "\"crit\":null"),
            ("\"scope\":\"", "\"scope\":\" "),
            ("\"sub\":\"user", "\"sub\":\"\\u0075ser"),
        ] {
            compare(&payload.replacen(from, to, 1));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_change_of_a_payload_is_read_in_two_ways(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..4)
    ) {
        let mut bytes = serde_json::to_vec(&claims()).unwrap();
        for (at, byte, how) in cuts {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte & 0x7f,
                1 => bytes.insert(at, byte & 0x7f),
                _ => drop(bytes.remove(at)),
            }
        }
        compare(&String::from_utf8_lossy(&bytes));
    }
}
