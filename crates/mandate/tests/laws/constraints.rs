//! What the order, the meet and the normal form of constraints promise of every value.

use deputy_mandate::{Constraint, Outcome, Value};
use proptest::prelude::*;

use super::generate::{constraint, value};

fn passes(constraint: &Constraint, value: &Value) -> bool {
    constraint.check(value) == Outcome::Pass
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8000))]

    #[test]
    fn below_never_passes_more(c in constraint(), p in constraint(), v in value()) {
        prop_assert!(c.is_below(&c));
        if c.is_below(&p) && passes(&c, &v) {
            prop_assert!(passes(&p, &v));
        }
    }

    #[test]
    fn the_order_is_transitive(a in constraint(), b in constraint(), c in constraint()) {
        let chains = [(&a, &b, &c), (&a.meet(&b), &b, &c), (&a.meet(&b), &a, &Constraint::Any(vec![a.clone(), c.clone()]))];
        for (x, y, z) in chains {
            if x.is_below(y) && y.is_below(z) {
                prop_assert!(x.is_below(z), "{x:?} ⊑ {y:?} ⊑ {z:?}");
            }
        }
    }

    #[test]
    fn the_normal_form_is_stable_and_equivalent(c in constraint(), v in value()) {
        let normal = c.clone().normalized();
        prop_assert_eq!(passes(&c, &v), passes(&normal, &v));
        prop_assert!(c.is_below(&normal) && normal.is_below(&c));
        prop_assert_eq!(normal.clone().normalized(), normal);
    }

    #[test]
    fn the_meet_passes_what_both_pass(a in constraint(), b in constraint(), v in value()) {
        let met = a.meet(&b);
        prop_assert_eq!(passes(&met, &v), passes(&a, &v) && passes(&b, &v));
        prop_assert!(met.is_below(&a) && met.is_below(&b));
        prop_assert_eq!(&met, &b.meet(&a));
    }

    #[test]
    fn the_wire_form_reads_back(c in constraint()) {
        let normal = c.normalized();
        prop_assert_eq!(Constraint::from_value(&normal.to_value())?, normal);
    }
}
