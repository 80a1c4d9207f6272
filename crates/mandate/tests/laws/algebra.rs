//! Laws 1 to 6 of the model.

use deputy_mandate::{Mandate, allows, attenuates, jcs};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::generate::{case, mandate, tools};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8000))]

    #[test]
    fn law_1_meet_is_commutative_associative_and_idempotent(a in mandate(), b in mandate(), c in mandate()) {
        prop_assert_eq!(a.meet(&b), b.meet(&a));
        let left = a.meet(&b).and_then(|met| met.meet(&c));
        let right = b.meet(&c).and_then(|met| a.meet(&met));
        prop_assert_eq!(left, right);
        prop_assert_eq!(a.meet(&a), Some(a.clone().normalized()));
        prop_assert_eq!(a.clone().normalized().normalized(), a.normalized());
    }

    #[test]
    fn law_2_meet_is_below_both((a, b, r, now) in case()) {
        if let Some(met) = a.meet(&b) {
            prop_assert!(met.is_below(&a));
            prop_assert!(met.is_below(&b));
            if a.is_below(&b) {
                prop_assert_eq!(allows(&met, &r, now).is_allow(), allows(&a, &r, now).is_allow());
            }
        } else {
            prop_assert!(!a.is_below(&b));
        }
    }

    #[test]
    fn law_3_meet_allows_what_both_allow((a, b, r, now) in case()) {
        let both = allows(&a, &r, now).is_allow() && allows(&b, &r, now).is_allow();
        prop_assert_eq!(a.meet(&b).is_some_and(|met| allows(&met, &r, now).is_allow()), both);
    }

    #[test]
    fn law_4_a_child_never_allows_more((child, parent, r, now) in case()) {
        if child.is_below(&parent) && allows(&child, &r, now).is_allow() {
            prop_assert!(allows(&parent, &r, now).is_allow());
        }
        prop_assert!(child.is_below(&child));
    }

    #[test]
    fn law_5_decode_after_encode_is_the_identity(m in mandate()) {
        let text = m.to_canonical_json();
        prop_assert_eq!(&jcs::canonical(&m)?, &text);
        let read = Mandate::from_json(&text)?;
        prop_assert_eq!(&read.to_canonical_json(), &text);
        prop_assert_eq!(read, m.clone().normalized());

        let sealed = m.in_whole_seconds();
        let read = Mandate::from_claims(&sealed.to_claims())?;
        prop_assert_eq!(read, sealed.normalized());
    }

    #[test]
    fn law_6_the_draft_s_rule_implies_the_order(child in tools(), parent in tools(), m in mandate()) {
        let with = |tools| Mandate { tools, blocked_tools: Default::default(), ..m.clone() };
        if attenuates(&child, &parent) {
            prop_assert!(with(child).is_below(&with(parent)));
        }
    }

    #[test]
    fn normal_form_decides_as_before((m, _, r, now) in case()) {
        prop_assert_eq!(allows(&m, &r, now).is_allow(), allows(&m.normalized(), &r, now).is_allow());
    }
}

/// The laws would hold of generators that never allow anything; these do.
#[test]
fn the_generators_reach_both_answers() {
    let mut runner = TestRunner::deterministic();
    let strategy = case();
    let (mut allowed, mut below, mut kept) = (0, 0, 0);
    for _ in 0..4000 {
        let (a, b, r, now) = strategy.new_tree(&mut runner).unwrap().current();
        let answer = allows(&a, &r, now).is_allow();
        allowed += usize::from(answer);
        below += usize::from(a.is_below(&b));
        kept += usize::from(answer && a.meet(&b).is_some_and(|met| allows(&met, &r, now).is_allow()));
    }
    assert!(allowed > 400 && below > 1000 && kept > 200, "{allowed} allowed, {below} below, {kept} kept");
}
