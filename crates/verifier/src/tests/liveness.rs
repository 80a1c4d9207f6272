//! Revocations, halts, and how old the knowledge of them may be.

use deputy_mandate::{Binding, Narrowing, ReasonCode};
use deputy_token::revocation::{BindingTarget, Target};

use super::*;
use crate::Revocations;

fn knowing(issuer: &Issuer, seq: i64, target: &Target) -> Fixture {
    let mut index = RevocationIndex::new();
    index.insert(seq, target, Instant(i64::MAX));
    Fixture { view: RevocationView::from_parts(NOW, index, Halt::None), ..issuer.verifier() }
}

#[test]
fn whatever_reaches_a_hop_kills_the_chain() {
    let issuer = Issuer::new();
    let mut parent = child();
    let task = Binding { task: Some("task-42".into()), ..Binding::default() };
    parent.chain[0].bind = Some(task);
    parent.chain[0].jkt = Some("thumb".into());
    parent.chain[0].agent = "a1/worker".into();
    let token = issuer.access(&parent);
    assert_eq!(issuer.verifier().codes(&token), []);
    let task = |task: &str| Target::Binding(BindingTarget::Task(task.into()));
    for (target, other) in [
        (Target::Credential("c2".into()), Target::Credential("c3".into())),
        (Target::Credential("c1".into()), Target::Credential("c".into())),
        (Target::Agent("a1".into()), Target::Agent("a".into())),
        (Target::Agent("a2".into()), Target::Agent("a3".into())),
        (Target::NamePrefix("a1/worker".into()), Target::NamePrefix("a1/work".into())),
        (Target::Key("thumb".into()), Target::Key("other".into())),
        (Target::Subject("alice".into()), Target::Subject("bob".into())),
        (task("task-42"), task("task-4")),
    ] {
        assert_eq!(knowing(&issuer, 8, &target).codes(&token), [ReasonCode::Revoked], "{target:?}");
        assert_eq!(knowing(&issuer, 8, &other).codes(&token), [], "{other:?}");
        let always = matches!(target, Target::Credential(_) | Target::Key(_));
        let before = knowing(&issuer, 7, &target).codes(&token);
        assert_eq!(before.is_empty(), !always, "issued after it: {target:?}");
    }
    assert_eq!(knowing(&issuer, 8, &Target::TENANT).codes(&token), [ReasonCode::Revoked]);
    assert_eq!(knowing(&issuer, 7, &Target::TENANT).codes(&token), []);
}

#[test]
fn the_reason_says_what_was_revoked() {
    let issuer = Issuer::new();
    let token = issuer.access(&child());
    let message = |target: Target| {
        let verdict = knowing(&issuer, 8, &target).check(Presented::bearer(&token), &call());
        let reason = &verdict.reasons()[0];
        (reason.field.clone().unwrap(), reason.message.clone())
    };
    assert_eq!(
        message(Target::Credential("c2".into())),
        ("credential".into(), "The credential is revoked, by a revocation of its credential.".into())
    );
    let above = "A credential above this one is revoked, by a revocation of its agent.";
    assert_eq!(message(Target::Agent("a1".into())), ("agent".into(), above.into()));
}

#[test]
fn offline_hops_die_with_what_they_hang_from() {
    let issuer = Issuer::new();
    let deep = narrowed(
        &narrowed(&issuer.capability(&claims()), "worker", Narrowing::default()),
        "helper",
        Narrowing::default(),
    );
    assert_eq!(issuer.verifier().codes(&deep), []);
    for target in [
        Target::Credential("c1".into()),
        Target::Agent("a1".into()),
        Target::NamePrefix("a1/worker".into()),
        Target::NamePrefix("a1/worker/helper".into()),
    ] {
        assert_eq!(knowing(&issuer, 8, &target).codes(&deep), [ReasonCode::Revoked], "{target:?}");
    }
    assert_eq!(knowing(&issuer, 8, &Target::NamePrefix("a1/helper".into())).codes(&deep), []);
}

#[test]
fn old_knowledge_denies() {
    let issuer = Issuer::new();
    let token = issuer.access(&claims());
    let mut verifier = issuer.verifier();
    verifier.now = NOW.plus_secs(10);
    assert_eq!(verifier.codes(&token), []);
    verifier.now = Instant(NOW.0 + 10_001);
    assert_eq!(verifier.codes(&token), [ReasonCode::RevocationStale]);
    verifier.policy.revocations = Revocations::Within { max_staleness_ms: 60_000 };
    assert_eq!(verifier.codes(&token), []);
    verifier.view = RevocationView::default();
    assert_eq!(verifier.codes(&token), [ReasonCode::RevocationStale], "nothing is known at all");
}

#[test]
fn expiry_only_must_be_chosen_and_still_uses_what_is_known() {
    let issuer = Issuer::new();
    let token = issuer.access(&claims());
    let mut verifier = issuer.verifier();
    verifier.view = RevocationView::default();
    verifier.policy.revocations = Revocations::ExpiryOnly;
    assert_eq!(verifier.codes(&token), []);
    let mut knowing = knowing(&issuer, 8, &Target::Agent("a1".into()));
    knowing.policy.revocations = Revocations::ExpiryOnly;
    knowing.now = NOW.plus_secs(600);
    assert_eq!(knowing.codes(&token), [ReasonCode::Revoked]);
}

#[test]
fn a_halt_spares_critical_chains_only() {
    let issuer = Issuer::new();
    let mut critical = child();
    critical.chain.iter_mut().for_each(|hop| hop.crit = true);
    let mut mixed = critical.clone();
    mixed.chain[0].crit = false;
    let tokens = [issuer.access(&child()), issuer.access(&mixed), issuer.access(&critical)];
    for (halt, lives) in [
        (Halt::None, [true, true, true]),
        (Halt::Noncritical, [false, false, true]),
        (Halt::All, [false, false, false]),
        (Halt::Emergency, [false, false, false]),
    ] {
        let view = RevocationView::from_parts(NOW, RevocationIndex::new(), halt);
        let verifier = Fixture { view, ..issuer.verifier() };
        for (token, lives) in tokens.iter().zip(lives) {
            let expected = if lives { vec![] } else { vec![ReasonCode::TenantHalted] };
            assert_eq!(verifier.codes(token), expected, "{halt:?}");
        }
    }
}

#[test]
fn every_reason_comes_in_the_normative_order() {
    let issuer = Issuer::new();
    let mut verifier = knowing(&issuer, 8, &Target::Agent("a1".into()));
    verifier.view = RevocationView::from_parts(NOW, RevocationIndex::new(), Halt::All);
    let dead = knowing(&issuer, 8, &Target::Agent("a1".into()));
    verifier.now = NOW.plus_secs(900);
    let mut claims = claims();
    claims.mandate.uses = Some(3);
    let jkt = key("h", deputy_token::keys::Alg::EdDsa).jwk().thumbprint();
    claims.chain[0].jkt = Some(jkt.clone());
    claims.cnf = Some(Cnf { jkt });
    let request = Request { subject: Some("user:bob".into()), audience: None, ..transfer(5000) };
    let token = issuer.access(&claims);
    let verdict = verifier.check(Presented::bearer(&token), &request);
    let codes: Vec<ReasonCode> = verdict.codes().collect();
    assert_eq!(
        codes,
        [
            ReasonCode::ProofMissing,
            ReasonCode::Expired,
            ReasonCode::RevocationStale,
            ReasonCode::TenantHalted,
            ReasonCode::SubjectMismatch,
            ReasonCode::ConstraintViolated,
            ReasonCode::OnlineCheckRequired,
        ]
    );
    assert_eq!(dead.codes(&token)[..2], [ReasonCode::ProofMissing, ReasonCode::Revoked]);
}
