//! Which credentials are the issuer's, in each form, and what the mandate says to a request.

use deputy_mandate::{Binding, Fingerprint, Narrowing, ReasonCode, Request, Scope, Value};
use deputy_token::access::Act;
use deputy_token::keys::{Alg, JwkSet};

use super::*;
use crate::{Form, Unverified};

fn codes(verdict: &Verdict) -> Vec<ReasonCode> {
    verdict.codes().collect()
}

#[test]
fn each_form_is_known_by_its_text() {
    let (issuer, holder, next) = (Issuer::new(), key("h", Alg::EdDsa), key("n", Alg::EdDsa));
    let verifier = issuer.verifier();
    let root = issuer.aat(&holder);
    let chain = derived(&root, &holder, &next);
    let deep = narrowed(&issuer.capability(&claims()), "worker", Narrowing::default());
    for (token, form, hops, issued) in [
        (issuer.access(&child()), Form::AccessToken, 2, 2),
        (issuer.capability(&claims()), Form::Capability, 1, 1),
        (deep, Form::Capability, 2, 1),
        (root, Form::AttenuatingAgentToken, 1, 1),
        (chain, Form::AttenuatingAgentToken, 2, 1),
    ] {
        let unverified = Unverified::parse(&token).unwrap();
        let signed =
            unverified.verify_signature(ISSUER, &verifier.keys, &verifier.policy.capability_keys).unwrap();
        assert_eq!((signed.form(), signed.claims().chain.len()), (form, hops), "{form:?}");
        assert_eq!(signed.issued_hops(), issued, "{form:?}");
    }
    for text in ["", "~", "a.b.c", "dpyc1.", "dpyc2.a.b", "eyJ", "é"] {
        assert!(Unverified::parse(text).is_err(), "{text}");
        assert_eq!(codes(&verifier.check(Presented::bearer(text), &call())).len(), 1, "{text}");
    }
}

#[test]
fn who_is_allowed_is_told() {
    let (issuer, mut acting) = (Issuer::new(), child());
    acting.act = Some(Act { sub: "spiffe://deputy.example/t/acme/agent/planner".into(), act: None });
    let verdict = issuer.verifier().check(Presented::bearer(&issuer.access(&acting)), &call());
    assert_eq!(verdict.allowed().unwrap(), &acting);
    assert!(verdict.is_allow() && verdict.reasons().is_empty());
}

#[test]
fn only_the_issuers_keys_sign() {
    let (issuer, stranger) = (Issuer::new(), Issuer::new());
    let verifier = issuer.verifier();
    assert_eq!(verifier.codes(&issuer.access(&claims())), []);
    assert_eq!(verifier.codes(&stranger.access(&claims())), [ReasonCode::SignatureInvalid]);
    let elsewhere = AccessClaims { iss: "https://deputy.example/t/other".into(), ..claims() };
    assert_eq!(verifier.codes(&issuer.access(&elsewhere)), [ReasonCode::SignatureInvalid]);
    let rotated = Fixture { keys: KeySet::from(JwkSet { keys: Vec::new() }), ..issuer.verifier() };
    assert_eq!(rotated.codes(&issuer.access(&claims())), [ReasonCode::SignatureInvalid]);

    assert_eq!(verifier.codes(&issuer.capability(&claims())), []);
    let mut keyless = issuer.verifier();
    keyless.policy.capability_keys.clear();
    assert_eq!(keyless.codes(&issuer.capability(&claims())), [ReasonCode::SignatureInvalid]);
    let forged = Issuer { secret: CapabilitySecret::from_bytes(&[8; 32]), ..issuer };
    assert_eq!(verifier.codes(&forged.capability(&claims())), [ReasonCode::SignatureInvalid]);
}

#[test]
fn a_token_of_another_type_is_malformed() {
    let issuer = Issuer::new();
    let sealed = |typ: &str| deputy_token::jws::seal(typ, &claims(), &issuer.key).unwrap();
    assert_eq!(issuer.verifier().codes(&sealed("at+jwt")), []);
    for typ in ["JWT", "dpop+jwt", "aat+jwt", "deputy-checkpoint+jwt"] {
        assert_eq!(issuer.verifier().codes(&sealed(typ)), [ReasonCode::Malformed], "{typ}");
    }
}

#[test]
fn a_key_that_is_rotated_in_verifies_what_it_signed() {
    let (old, new) = (Issuer::new(), Issuer { key: key("k2", Alg::EdDsa), ..Issuer::new() });
    let both = vec![new.key.jwk().clone(), old.key.jwk().clone()];
    let verifier = Fixture { keys: KeySet::from(JwkSet { keys: both }), ..old.verifier() };
    assert_eq!(verifier.codes(&old.access(&claims())), []);
    assert_eq!(verifier.codes(&new.access(&claims())), []);
    assert_eq!(old.verifier().codes(&new.access(&claims())), [ReasonCode::SignatureInvalid]);
}

#[test]
fn the_chain_was_narrowed_by_those_who_may() {
    let issuer = Issuer::new();
    let verifier = issuer.verifier();
    let mut closed = claims();
    closed.mandate.may_delegate = false;
    assert_eq!(verifier.codes(&issuer.capability(&closed)), []);
    // Nobody makes these with our code, so they are put together by hand: block, tag, block.
    let longer = |claims: &AccessClaims, block: &str| by_hand(&issuer.capability(claims), block);
    let block = |members: &str| format!(r#"{{"name":"worker","nonce":"AwMDAwMDAwMDAwMDAwMDAw"{members}}}"#);
    assert_eq!(verifier.codes(&longer(&claims(), &block(""))), []);
    assert_eq!(verifier.codes(&longer(&closed, &block(""))), [ReasonCode::DelegationNotAllowed]);
    let wider = block(r#","scope":"admin""#);
    let verdict = verifier.check(Presented::bearer(&longer(&claims(), &wider)), &call());
    assert_eq!(codes(&verdict), [ReasonCode::NotAttenuated]);
    assert_eq!(verdict.reasons()[0].field.as_deref(), Some("scopes"));
    let mut shallow = claims();
    shallow.mandate.max_depth = 0;
    assert_eq!(verifier.codes(&issuer.capability(&shallow)), []);
    assert_eq!(verifier.codes(&longer(&shallow, &block(""))), [ReasonCode::DepthExceeded]);
}

/// A block more, sealed as any holder can.
fn by_hand(capability: &str, block: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
    let (blocks, tag) = capability.rsplit_once('.').unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &B64.decode(tag).unwrap());
    let tag = aws_lc_rs::hmac::sign(&key, block.as_bytes());
    format!("{blocks}.{}.{}", B64.encode(block), B64.encode(tag))
}

#[test]
fn what_the_mandate_does_not_hold_is_denied_with_every_reason() {
    let issuer = Issuer::new();
    let (verifier, token) = (issuer.verifier(), issuer.access(&claims()));
    let check = |request: &Request| codes(&verifier.check(Presented::bearer(&token), request));
    assert_eq!(check(&transfer(500)), []);
    assert_eq!(check(&transfer(501)), [ReasonCode::ConstraintViolated]);
    assert_eq!(check(&reading()), []);
    let scope = |scope: &str| Request { scope: Some(Scope::try_from(scope).unwrap()), ..Request::default() };
    assert_eq!(check(&scope("delete:docs")), [ReasonCode::ScopeMissing]);
    assert_eq!(check(&Request::default()), [ReasonCode::Malformed]);
    let env = |env: &str| Request { context: Value::parse(env).unwrap(), ..call() };
    assert_eq!(check(&env(r#"{"env": "staging"}"#)), []);
    assert_eq!(check(&env(r#"{"env": "production"}"#)), [ReasonCode::ConstraintViolated]);
    let shell = Request { tool: Some("shell".into()), ..env(r#"{"env": "production"}"#) };
    assert_eq!(
        check(&shell),
        [ReasonCode::ToolBlocked, ReasonCode::ToolNotAllowed, ReasonCode::ConstraintViolated]
    );
}

#[test]
fn the_audience_is_this_verifiers() {
    let issuer = Issuer::new();
    let (verifier, token) = (issuer.verifier(), issuer.access(&claims()));
    let at = |audience: &str| Request { audience: Some(audience.into()), ..call() };
    let check = |request: &Request| codes(&verifier.check(Presented::bearer(&token), request));
    assert_eq!(check(&at(CRM)), []);
    assert_eq!(check(&at("https://crm.example.com")), [ReasonCode::AudienceMismatch; 2]);
    let mut elsewhere = claims();
    elsewhere.mandate.audience = ["https://mail.example.com/".to_owned()].into();
    let mail = issuer.access(&elsewhere);
    assert_eq!(verifier.codes(&mail), [ReasonCode::AudienceMismatch]);
    let wrong = verifier.check(Presented::bearer(&mail), &at("https://mail.example.com/"));
    assert_eq!(
        codes(&wrong),
        [ReasonCode::AudienceMismatch],
        "another verifier's, though the token allows it"
    );
    elsewhere.mandate.audience.insert(CRM.into());
    assert_eq!(verifier.codes(&issuer.access(&elsewhere)), []);
}

#[test]
fn the_holder_is_whom_and_what_the_request_says() {
    let issuer = Issuer::new();
    let (verifier, token) = (issuer.verifier(), issuer.access(&claims()));
    let check = |request: Request| codes(&verifier.check(Presented::bearer(&token), &request));
    for subject in ["user:alice", "alice"] {
        assert_eq!(check(Request { subject: Some(subject.into()), ..call() }), []);
    }
    assert_eq!(check(Request { subject: Some("user:bob".into()), ..call() }), [ReasonCode::SubjectMismatch]);

    let runtime =
        |text: &str| Request { runtime: Some(Fingerprint::try_from(text.to_owned()).unwrap()), ..call() };
    assert_eq!(check(runtime("mZ3rU0l8Zb1JtQdE0o4cWk3h5cQ2o1f5fY9p8s7r6q5")), []);
    assert_eq!(check(runtime("aZ3rU0l8Zb1JtQdE0o4cWk3h5cQ2o1f5fY9p8s7r6q5")), [ReasonCode::RuntimeChanged]);

    let task = Binding { task: Some("task-42".into()), ..Binding::default() };
    let mut bound = claims();
    bound.mandate.binding = task.clone();
    bound.chain[0].bind = Some(task.clone());
    let bound = issuer.access(&bound);
    assert_eq!(verifier.codes(&bound), [ReasonCode::BindingMismatch]);
    let within = Request { binding: task, ..call() };
    assert_eq!(codes(&verifier.check(Presented::bearer(&bound), &within)), []);
}

#[test]
fn a_credential_has_its_time() {
    let issuer = Issuer::new();
    let token = issuer.access(&claims());
    let at = |now: Instant| {
        let mut verifier = issuer.verifier();
        (verifier.now, verifier.policy.revocations) = (now, crate::Revocations::ExpiryOnly);
        verifier.codes(&token)
    };
    assert_eq!(at(NOW.plus_secs(-5)), []);
    assert_eq!(at(Instant(NOW.0 - 5001)), [ReasonCode::NotYetValid]);
    assert_eq!(at(Instant(NOW.plus_secs(900).0 - 1)), []);
    assert_eq!(at(NOW.plus_secs(900)), [ReasonCode::Expired], "its end has no leeway");
}
