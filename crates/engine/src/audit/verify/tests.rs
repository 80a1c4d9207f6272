//! An export as it is written, and everything that can be done to it.

use deputy_mandate::Instant;
use deputy_store::event::{GENESIS, hash};
use deputy_token::{
    checkpoint::Checkpoint,
    keys::{Alg, JwkSet, Kid, SigningKey},
};

use super::{AuditProblem, Start, VerifiedLog, verify_log};

fn log(count: i64) -> Vec<(String, String)> {
    let mut prev = GENESIS.to_owned();
    (1..=count)
        .map(|seq| {
            let text = format!(r#"{{"action":"token.issued","actor":"system","prev":"{prev}","seq":{seq}}}"#);
            prev = hash(&text);
            (format!("{},\"hash\":\"{prev}\"}}", &text[..text.len() - 1]), prev.clone())
        })
        .collect()
}

fn export(events: &[(String, String)]) -> String {
    events.iter().map(|(line, _)| format!("{line}\n")).collect()
}

fn key() -> SigningKey {
    let random = aws_lc_rs::rand::SystemRandom::new();
    SigningKey::generate(Kid::new("audit-1").unwrap(), Alg::EdDsa, &random).unwrap()
}

fn keys(key: &SigningKey) -> JwkSet {
    JwkSet { keys: vec![key.jwk().clone()] }
}

fn sealed(key: &SigningKey, tenant: &str, seq: i64, hash: &str) -> String {
    Checkpoint { tenant: tenant.into(), seq, hash: hash.into(), time: Instant(0) }.seal(key).unwrap()
}

fn verify(export: &str, checkpoints: &[String], key: &SigningKey) -> Result<VerifiedLog, AuditProblem> {
    verify_log(export, checkpoints.iter().map(String::as_str), &keys(key))
}

#[test]
fn an_untouched_log_verifies_as_far_as_it_is_signed() {
    let (events, key) = (log(5), key());
    let signed = [sealed(&key, "acme", 2, &events[1].1), sealed(&key, "acme", 4, &events[3].1)];
    let found = verify(&export(&events), &signed, &key).unwrap();
    let expected =
        VerifiedLog { events: 5, first: 1, last: 5, start: Start::Genesis, signed_through: Some(4) };
    assert_eq!(found, expected);
    assert_eq!(verify(&export(&events), &[], &key).unwrap().signed_through, None);
    assert_eq!(verify("", &[], &key), Err(AuditProblem::Empty));
}

#[test]
fn no_byte_can_be_changed() {
    let (events, key) = (log(3), key());
    let whole = export(&events);
    for at in 0..whole.len() - 1 {
        let mut bytes = whole.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(verify(&changed, &[], &key).is_err(), "byte {at}: {changed}");
    }
}

#[test]
fn nothing_can_be_left_out_swapped_or_repeated() {
    let (events, key) = (log(4), key());
    let pick = |which: &[usize]| export(&which.iter().map(|i| events[*i].clone()).collect::<Vec<_>>());
    assert_eq!(verify(&pick(&[0, 2]), &[], &key), Err(AuditProblem::Gap { line: 2, before: 1, found: 3 }));
    assert!(verify(&pick(&[1, 0]), &[], &key).is_err());
    assert!(verify(&pick(&[0, 0, 1]), &[], &key).is_err());
    let signed = [sealed(&key, "acme", 4, &events[3].1)];
    assert_eq!(verify(&pick(&[0, 1]), &signed, &key), Err(AuditProblem::CutOff { last: 2, signed: 4 }));
}

#[test]
fn a_log_that_was_written_anew_contradicts_its_checkpoints() {
    let (events, key) = (log(3), key());
    let mut other = GENESIS.to_owned();
    let rewritten: Vec<(String, String)> = (1..=3)
        .map(|seq| {
            let text =
                format!(r#"{{"action":"token.issued","actor":"mallory","prev":"{other}","seq":{seq}}}"#);
            other = hash(&text);
            (format!("{},\"hash\":\"{other}\"}}", &text[..text.len() - 1]), other.clone())
        })
        .collect();
    let signed = [sealed(&key, "acme", 2, &events[1].1)];
    assert!(verify(&export(&rewritten), &[], &key).is_ok(), "it is sound in itself");
    assert_eq!(verify(&export(&rewritten), &signed, &key), Err(AuditProblem::Rewritten { seq: 2 }));
}

#[test]
fn a_log_that_begins_later_hangs_on_a_checkpoint() {
    let (events, key) = (log(5), key());
    let rest = export(&events[2..]);
    assert_eq!(verify(&rest, &[], &key).unwrap().start, Start::Unproved);
    let signed = [sealed(&key, "acme", 2, &events[1].1)];
    assert_eq!(verify(&rest, &signed, &key).unwrap().start, Start::Checkpoint);
    let wrong = [sealed(&key, "acme", 2, &events[0].1)];
    assert_eq!(verify(&rest, &wrong, &key), Err(AuditProblem::Rewritten { seq: 2 }));
}

#[test]
fn a_checkpoint_counts_only_with_its_key_and_its_tenant() {
    let (events, mine, stranger) = (log(2), key(), key());
    let forged = [sealed(&stranger, "acme", 2, &events[1].1)];
    let refused = verify(&export(&events), &forged, &mine);
    assert!(matches!(refused, Err(AuditProblem::Checkpoint { number: 1, .. })), "{refused:?}");
    let mixed = [sealed(&mine, "acme", 1, &events[0].1), sealed(&mine, "globex", 2, &events[1].1)];
    assert!(matches!(verify(&export(&events), &mixed, &mine), Err(AuditProblem::OtherTenant { .. })));
}
