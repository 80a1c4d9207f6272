//! The draft's rule for narrowing a constraint, case by case.

use super::attenuates;
use crate::constraint::{Constraint, Path, Range};
use crate::json::{Number, Value};

fn exact(text: &str) -> Constraint {
    Constraint::Exact(Value::parse(text).unwrap())
}

fn range(min: u32, max: u32) -> Constraint {
    Constraint::Range(Range {
        min: Some(Number::from(min)),
        max: Some(Number::from(max)),
        ..Range::default()
    })
}

#[test]
fn follows_the_draft_where_the_order_would_say_more() {
    let path = |root: &str| Constraint::PathContainment(Path::parse(root).unwrap());
    for (child, parent) in [
        (exact("1"), Constraint::Wildcard),
        (exact("1"), exact("1.0")),
        (exact("1"), Constraint::one_of([1, 2])),
        (exact("1"), range(0, 5)),
        (range(1, 4), range(0, 5)),
        (Constraint::one_of([1]), Constraint::one_of([1, 2])),
        (path("/srv/data"), path("/srv")),
        (Constraint::Any(vec![exact("1")]), Constraint::Any(vec![exact("1"), exact("2")])),
    ] {
        assert!(attenuates(&child, &parent), "{child:?} {parent:?}");
        assert!(child.is_below(&parent), "implies the order: {child:?} {parent:?}");
    }
    for (child, parent) in [
        (Constraint::one_of([1, 2]), range(0, 5)),
        (exact("1"), Constraint::Any(vec![exact("1"), exact("2")])),
        (Constraint::All(vec![exact("1")]), exact("1")),
        (exact("\"/srv/a\""), path("/srv")),
    ] {
        assert!(!attenuates(&child, &parent), "{child:?} {parent:?}");
        assert!(child.is_below(&parent), "although the order holds: {child:?} {parent:?}");
    }
}

#[test]
fn all_needs_a_clause_of_its_own_for_every_clause() {
    let parent = Constraint::All(vec![range(0, 9), range(0, 5)]);
    // Greedy matching would give `range(1, 2)` to the first clause and leave none for the second.
    let child = Constraint::All(vec![range(1, 2), range(0, 8)]);
    assert!(attenuates(&child, &parent));
    assert!(!attenuates(&Constraint::All(vec![range(1, 2)]), &parent), "one clause cannot stand for two");
    assert!(!attenuates(&Constraint::All(vec![range(0, 8), range(0, 8)]), &parent));
}

#[test]
fn matching_is_not_backtracking() {
    // 63 clauses that all fit 62 of the parent's, and one that nothing fits: factorial for a backtracker.
    let child = Constraint::All(vec![range(1, 2); 63]);
    let mut clauses = vec![range(0, 5); 62];
    clauses.push(exact("\"never\""));
    assert!(!attenuates(&child, &Constraint::All(clauses.clone())));
    clauses.pop();
    assert!(attenuates(&child, &Constraint::All(clauses)));
}
