//! Capabilities: what is sealed, what the accessors say, and what sealing and narrowing refuse.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::{Constraint, Instant, Mandate, Narrowing, ReasonCode, Scope, jcs};

use super::*;
use crate::access::{AccessClaims, AgentClaim, ChainError, Cnf, Hop};
use crate::keys::Kid;

const ISSUER: &str = "https://deputy.example/t/acme";
const AUDIENCE: &str = "https://a.example/";

fn key() -> AudienceKey {
    CapabilitySecret::from_bytes(&[7; 32]).audience_key(&Kid::new("k1").unwrap(), AUDIENCE)
}

fn claims() -> AccessClaims {
    let mandate = Mandate::from_json(
        r#"{"scopes":["read","write"],"tools":{"é":{"q":{"constraint_type":"exact","value":"\n"}}},"blocked_tools":[],
        "limits":{},"declared":{},"limit_required":{},"audience":["https://a.example/"],"binding":{"task":"t"},
        "not_before":1000,"expires_at":900000,"max_depth":2,"may_delegate":true,"uses":9}"#,
    )
    .unwrap();
    AccessClaims {
        iss: ISSUER.into(),
        sub: "user:ü\u{1}\"".into(),
        iat: Instant::from_secs(1),
        client_id: "a1".into(),
        agent: AgentClaim {
            id: "a1".into(),
            name: "root".into(),
            owners: vec!["user:u1".into()],
            spiffe_id: "spiffe://deputy.example/t/acme/agent/root".into(),
        },
        chain: vec![Hop {
            agent: "a1".into(),
            bind: Some(mandate.binding.clone()),
            crit: true,
            id: "c1".into(),
            jkt: None,
            rt: Some("rt".into()),
            seq: 7,
            sub: Some("u1".into()),
        }],
        mandate,
        act: None,
        may_act: None,
        cnf: None,
    }
}

fn step(name: &str) -> Attenuation {
    Attenuation { name: name.into(), ..Attenuation::default() }
}

fn signed(text: &str) -> SignedCapability {
    UnverifiedCapability::parse(text).unwrap().verify_signature(&key(), ISSUER).unwrap()
}

#[test]
fn the_first_block_is_the_canonical_text_of_the_claims_and_the_kid() {
    let text = seal(&claims(), &key()).unwrap();
    let block = text.strip_prefix(PREFIX).unwrap().split_once('.').unwrap().0;
    let block = String::from_utf8(B64.decode(block).unwrap()).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&block).unwrap();
    assert_eq!(jcs::canonical(&json).unwrap(), block);
    assert_eq!(json.as_object_mut().unwrap().remove("kid").unwrap(), "k1");
    assert_eq!(json, serde_json::to_value(claims()).unwrap());
    // An access token's claims are in the same order.
    let claims = serde_json::to_string(&claims()).unwrap();
    assert_eq!(jcs::canonical(&serde_json::from_str::<serde_json::Value>(&claims).unwrap()).unwrap(), claims);
}

#[test]
fn the_key_is_derived_for_one_kid_and_one_audience() {
    use hmac::{KeyInit as _, Mac as _};
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&[7; 32]).unwrap();
    mac.update(b"dpyc1|k1|https://a.example/");
    assert_eq!(key().as_bytes()[..], mac.finalize().into_bytes()[..]);
    let handed_out = AudienceKey::from_parts(key().kid().clone(), key().audience(), key().as_bytes());
    let text = seal(&claims(), &key()).unwrap();
    assert!(UnverifiedCapability::parse(&text).unwrap().verify_signature(&handed_out, ISSUER).is_ok());
    let secret = CapabilitySecret::from_bytes(&[7; 32]);
    assert_eq!(secret.as_bytes(), &[7; 32]);
    assert!(!format!("{secret:?}{:?}", key()).contains('7'));
}

#[test]
fn says_what_was_issued_and_what_became_of_it() {
    let root = seal(&claims(), &key()).unwrap();
    let narrowing =
        Narrowing { scopes: Scope::parse_list("read").ok(), uses: Some(4), ..Narrowing::default() };
    let cnf = Some(Cnf { jkt: "A".repeat(43) });
    let child = attenuate(&root, &Attenuation { narrowing, cnf, ..step("d1") }, [1; 16]).unwrap();
    let leaf = attenuate(&child, &step("d2"), [2; 16]).unwrap();

    let unverified = UnverifiedCapability::parse(&leaf).unwrap();
    assert_eq!((unverified.kid().as_str(), unverified.audience()), ("k1", AUDIENCE));
    let shown = unverified.effective().unwrap();
    let signed = signed(&leaf);
    assert_eq!(&shown, signed.claims());
    assert_eq!((signed.issued_hops(), signed.issued_id()), (1, "c1"));
    assert_eq!(signed.issued_claims().unwrap(), claims());
    assert!(signed.issued_block().starts_with(r#"{"agent":{"#));
    let meters: Vec<_> =
        signed.meters().iter().map(|meter| (meter.credential.as_str(), meter.uses)).collect();
    assert_eq!(meters, [("c1", 9), (shown.chain[1].id.as_str(), 4)]);

    assert_eq!(shown.agent.name, "root/d1/d2");
    assert_eq!(shown.agent.spiffe_id, "spiffe://deputy.example/t/acme/agent/root/d1/d2");
    assert_eq!((shown.jti(), shown.del_depth()), (shown.chain[2].id.as_str(), 2));
    let expected = Hop {
        agent: "a1/d1/d2".into(),
        id: shown.jti().into(),
        jkt: Some("A".repeat(43)),
        rt: None,
        ..claims().chain.remove(0)
    };
    assert_eq!(shown.chain[2], expected);
    assert_eq!(shown.mandate.uses, Some(4));
    crate::access::chain::check(&shown).unwrap();

    let early = signed.clone().verify_time(Instant::from_secs(0), 0).unwrap_err();
    let late = signed.clone().verify_time(Instant::from_secs(900), 0).unwrap_err();
    assert_eq!((early.reason(), late.reason()), (ReasonCode::NotYetValid, ReasonCode::Expired));
    let verified = signed.verify_time(Instant::from_secs(899), 0).unwrap();
    assert_eq!((verified.claims(), verified.signed().issued_hops()), (&shown, 1));
    assert_eq!(verified.into_claims(), shown);
}

#[test]
fn the_nonce_makes_the_id() {
    let root = seal(&claims(), &key()).unwrap();
    let id = |nonce| signed(&attenuate(&root, &step("d"), [nonce; 16]).unwrap()).claims().jti().to_owned();
    assert_eq!(id(1), id(1));
    assert_ne!(id(1), id(2));
}

#[test]
fn seals_only_what_can_be_read() {
    type Change = fn(&mut AccessClaims);
    let cases: [(Change, CapabilitySealError); 8] = [
        (|c| c.mandate.audience.clear(), CapabilitySealError::Audience),
        (|c| c.mandate.audience.extend(["https://b.example/".into()]), CapabilitySealError::Audience),
        (|c| c.mandate.audience = ["https://b.example/".into()].into(), CapabilitySealError::Audience),
        (|c| c.chain.clear(), CapabilitySealError::Chain(ChainError::Empty)),
        (|c| c.chain[0].seq = 1 << 53, CapabilitySealError::Claims),
        (|c| c.iat = Instant::from_secs(-1), CapabilitySealError::Claims),
        (|c| c.mandate.expires_at = Instant(i64::MAX), CapabilitySealError::Claims),
        (|c| c.agent.owners = vec!["x".repeat(50_000)], CapabilitySealError::TooLong),
    ];
    assert!(seal(&claims(), &key()).is_ok());
    for (change, error) in cases {
        let mut changed = claims();
        change(&mut changed);
        assert_eq!(seal(&changed, &key()), Err(error));
    }
}

#[test]
fn a_holder_learns_at_once_what_a_verifier_would_refuse() {
    let root = seal(&claims(), &key()).unwrap();
    let refused = |text: &str, step: Attenuation| attenuate(text, &step, [0; 16]).unwrap_err().reason();
    let narrow = |narrowing| Attenuation { narrowing, ..step("d") };
    let wide = narrow(Narrowing { scopes: Scope::parse_list("admin").ok(), ..Narrowing::default() });
    assert_eq!(refused(&root, wide), ReasonCode::NotAttenuated);
    for name in ["", "A", "a/b", "-a", &"a".repeat(64)] {
        assert_eq!(refused(&root, step(name)), ReasonCode::Malformed, "{name}");
    }
    let cnf = |jkt: &str| Attenuation { cnf: Some(Cnf { jkt: jkt.into() }), ..step("d") };
    assert_eq!(refused(&root, cnf("short")), ReasonCode::Malformed);
    let bound = attenuate(&root, &cnf(&"A".repeat(43)), [0; 16]).unwrap();
    assert_eq!(refused(&bound, cnf(&"A".repeat(43))), ReasonCode::NotAttenuated);
    let closed = narrow(Narrowing { may_delegate: Some(false), ..Narrowing::default() });
    let closed = attenuate(&root, &closed, [0; 16]).unwrap();
    assert_eq!(refused(&closed, step("e")), ReasonCode::DelegationNotAllowed);
    let deep = attenuate(&attenuate(&root, &step("d"), [0; 16]).unwrap(), &step("e"), [0; 16]).unwrap();
    assert_eq!(refused(&deep, step("f")), ReasonCode::DepthExceeded);
    assert_eq!(refused("dpyc1.", step("d")), ReasonCode::Malformed);

    let before = narrow(Narrowing { not_before: Some(Instant(-1)), ..Narrowing::default() });
    assert_eq!(refused(&root, before), ReasonCode::NotAttenuated, "rounds up to the epoch");
    let limits = (0..60).map(|i| (format!("{i}{}", "x".repeat(900)), Constraint::Wildcard)).collect();
    let long = narrow(Narrowing { limits: Some(limits), ..Narrowing::default() });
    let error = attenuate(&root, &long, [0; 16]).unwrap_err();
    assert_eq!(error, AttenuateError::Refused(CapabilityError::TooLong));
    assert_eq!(UnverifiedCapability::parse(&"x".repeat(MAX_LEN + 1)).unwrap_err(), CapabilityError::TooLong);
}
