//! The revocation index against a naive model of the rules.

use deputy_mandate::{Binding, Instant};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::access::Hop;

const LATER: Instant = Instant(i64::MAX);

fn hop(id: &str, agent: &str, seq: i64) -> Hop {
    Hop { id: id.into(), agent: agent.into(), sub: None, jkt: None, rt: None, bind: None, crit: false, seq }
}

fn index(revocations: &[(i64, Target)]) -> RevocationIndex {
    let mut index = RevocationIndex::new();
    for (seq, target) in revocations {
        index.insert(*seq, target, LATER);
    }
    index
}

/// Mandates section 7, said as naively as possible.
fn kills(seq: i64, target: &Target, chain: &[Hop]) -> bool {
    chain.iter().any(|hop| {
        let earlier = hop.seq < seq;
        match target {
            Target::Credential(id) => hop.id == *id,
            Target::Key(jkt) => hop.jkt.as_ref() == Some(jkt),
            Target::Agent(id) => earlier && hop.agent.split('/').next() == Some(id),
            Target::Subject(sub) => earlier && hop.sub.as_ref() == Some(sub),
            Target::NamePrefix(prefix) => {
                let (path, prefix): (Vec<&str>, Vec<&str>) =
                    (hop.agent.split('/').collect(), prefix.split('/').collect());
                earlier && path.starts_with(&prefix)
            }
            Target::Binding(binding) => {
                let bind = hop.bind.clone().unwrap_or_default();
                let (bound, wanted) = match binding {
                    BindingTarget::Task(task) => (bind.task, task),
                    BindingTarget::Contract(contract) => (bind.contract, contract),
                    BindingTarget::Session(session) => (bind.session, session),
                };
                earlier && bound.as_ref() == Some(wanted)
            }
            Target::Tenant(_) => earlier,
        }
    })
}

/// Names from so small a set that chains and revocations often meet.
fn name() -> impl Strategy<Value = String> {
    "[ab]"
}

fn path() -> impl Strategy<Value = String> {
    vec("a|b|ab", 1..4).prop_map(|segments| segments.join("/"))
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        "[a-h]".prop_map(Target::Credential),
        name().prop_map(Target::Agent),
        name().prop_map(Target::Subject),
        name().prop_map(Target::Key),
        path().prop_map(Target::NamePrefix),
        name().prop_map(|name| Target::Binding(BindingTarget::Task(name))),
        name().prop_map(|name| Target::Binding(BindingTarget::Contract(name))),
        name().prop_map(|name| Target::Binding(BindingTarget::Session(name))),
        Just(Target::TENANT),
    ]
}

fn any_hop() -> impl Strategy<Value = Hop> {
    let bind = (option::of(name()), option::of(name()), option::of(name()))
        .prop_map(|(task, contract, session)| Binding { task, contract, session });
    ("[a-h]", path(), option::of(name()), option::of(name()), option::of(bind), 0..12i64)
        .prop_map(|(id, agent, sub, jkt, bind, seq)| Hop { sub, jkt, bind, ..hop(&id, &agent, seq) })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn agrees_with_the_naive_model(chain in vec(any_hop(), 0..5), revocations in vec((0..12i64, target()), 0..6)) {
        let naive = revocations.iter().any(|(seq, target)| kills(*seq, target, &chain));
        let found = index(&revocations).reaches(&chain);
        prop_assert_eq!(found.is_some(), naive);
        if let Some(found) = found {
            let named = revocations.iter().any(|(seq, target)| {
                *seq == found.seq && target.kind() == found.kind && kills(*seq, target, &chain[found.hop..=found.hop])
            });
            prop_assert!(named, "{:?} is not one that reaches that hop", found);
        }
    }

    #[test]
    fn order_and_repetition_do_not_matter(revocations in vec((0..12i64, target()), 0..8), split in 0..8usize) {
        let whole = index(&revocations);
        let mut reversed = revocations.clone();
        reversed.reverse();
        prop_assert_eq!(&index(&reversed), &whole);
        let (left, right) = revocations.split_at(split.min(revocations.len()));
        let mut merged = index(right);
        merged.merge(&index(left));
        merged.merge(&whole);
        prop_assert_eq!(merged, whole);
    }

    #[test]
    fn a_dead_parent_is_a_dead_child(chain in vec(any_hop(), 1..5), child in any_hop(), revocations in vec((0..12i64, target()), 0..6)) {
        let index = index(&revocations);
        let mut longer = chain.clone();
        longer.push(child);
        prop_assert!(index.reaches(&chain).is_none() || index.reaches(&longer).is_some());
    }

    #[test]
    fn a_target_reads_back(target in target()) {
        let json = serde_json::to_string(&target).unwrap();
        prop_assert_eq!(serde_json::from_str::<Target>(&json).unwrap(), target);
    }
}

#[test]
fn reissue_after_a_revocation_lives_and_the_old_one_stays_dead() {
    let index = index(&[(5, Target::Agent("a".into()))]);
    let killed = index.reaches(&[hop("1", "a", 4)]);
    assert_eq!(killed, Some(Revocation { seq: 5, kind: TargetKind::Agent, hop: 0 }));
    assert_eq!(index.reaches(&[hop("2", "a", 5)]), None);
}

#[test]
fn a_credential_dies_whatever_its_position() {
    let index = index(&[(5, Target::Credential("1".into())), (5, Target::Key("k".into()))]);
    assert!(index.reaches(&[hop("1", "a", 99), hop("2", "b", 100)]).is_some());
    let bound = Hop { jkt: Some("k".into()), ..hop("3", "a", 99) };
    assert!(index.reaches(&[bound]).is_some());
    assert!(index.reaches(&[hop("4", "a", 0)]).is_none());
}

#[test]
fn a_prefix_is_made_of_whole_segments() {
    let index = index(&[(5, Target::NamePrefix("a/b".into()))]);
    for (path, dead) in [("a/b", true), ("a/b/c", true), ("a/bc", false), ("a", false), ("x/a/b", false)] {
        assert_eq!(index.reaches(&[hop("1", path, 0)]).is_some(), dead, "{path}");
    }
}

#[test]
fn forgets_in_time_but_never_a_key() {
    let mut index = RevocationIndex::new();
    index.insert(1, &Target::Agent("a".into()), Instant(100));
    index.insert(2, &Target::Key("k".into()), Instant(100));
    index.insert(3, &Target::TENANT, Instant(200));
    index.expire(Instant(99));
    assert_eq!(index.len(), 3);
    index.expire(Instant(100));
    assert_eq!(index.len(), 2);
    index.expire(LATER);
    assert_eq!(index.len(), 1);
    assert!(index.reaches(&[Hop { jkt: Some("k".into()), ..hop("1", "z", 9) }]).is_some());
}

#[test]
fn a_target_is_said_in_one_way() {
    for (json, target) in [
        (r#"{"credential":"c"}"#, Target::Credential("c".into())),
        (r#"{"name_prefix":"a/b"}"#, Target::NamePrefix("a/b".into())),
        (r#"{"binding":{"task":"t"}}"#, Target::Binding(BindingTarget::Task("t".into()))),
        (r#"{"tenant":true}"#, Target::TENANT),
    ] {
        assert_eq!(serde_json::from_str::<Target>(json).unwrap(), target);
        assert_eq!(serde_json::to_string(&target).unwrap(), json);
    }
    for bad in [
        "{}",
        r#""tenant""#,
        r#"{"tenant":false}"#,
        r#"{"agent":"a","subject":"b"}"#,
        r#"{"binding":{"task":"t","session":"s"}}"#,
        r#"{"everything":true}"#,
        r#"{"agent":1}"#,
    ] {
        assert!(serde_json::from_str::<Target>(bad).is_err(), "{bad}");
    }
    assert!(Target::NamePrefix(String::new()).check().is_err());
    for prefix in ["/", "a/", "/a", "a//b"] {
        assert_eq!(Target::NamePrefix(prefix.into()).check(), Err(TargetError::EmptySegment), "{prefix}");
    }
    assert_eq!(Target::Agent("a\0".into()).check(), Err(TargetError::Value(TargetKind::Agent)));
    assert_eq!(Target::NamePrefix("a/b".into()).check(), Ok(()));
}

#[test]
fn the_kill_switch_has_four_levels() {
    let plain = [hop("1", "a", 0)];
    let critical = [Hop { crit: true, ..hop("1", "a", 0) }];
    let mixed = [critical[0].clone(), plain[0].clone()];
    for (level, of_plain, of_critical, of_mixed) in [
        (Halt::None, true, true, true),
        (Halt::Noncritical, false, true, false),
        (Halt::All, false, false, false),
        (Halt::Emergency, false, false, false),
    ] {
        let permitted = (level.permits(&plain), level.permits(&critical), level.permits(&mixed));
        assert_eq!(permitted, (of_plain, of_critical, of_mixed), "{level:?}");
        assert_eq!(level.permits_issue(true, &[]), of_critical);
        assert_eq!(level.permits_issue(false, &[]), of_plain);
        assert_eq!(Halt::from_name(level.as_str()), Some(level));
        assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{}\"", level.as_str()));
    }
    assert!(!Halt::Noncritical.permits(&[]));
    assert!(Halt::None < Halt::Noncritical && Halt::All < Halt::Emergency);
}
