//! The published vectors (`tests/vectors`), verified by an implementation that shares no code with ours.

use deputy_tests::{foreign, setup};

#[test]
fn an_independent_verifier_agrees_on_every_capability() {
    let folder = setup::root().join("tests/vectors/capability");
    let folder = folder.to_str().expect("the path is text");
    let Some(outcome) = foreign::python("capability_vectors.py", &[("VECTORS", folder)]) else { return };
    let counted = outcome.passed();
    for kind in ["valid", "invalid", "constraints"] {
        let count =
            counted.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(": ")?.parse().ok());
        assert!(count.is_some_and(|count: usize| count > 10), "{counted}");
    }
}
