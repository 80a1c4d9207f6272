//! What a step repeats is only named: the chain is judged as if every step were read whole.

#![expect(clippy::unwrap_used, reason = "a test may stop anywhere")]

use deputy_mandate::jcs::ObjectWriter;
use deputy_mandate::{CanonicalError, CanonicalReader, Mandate, Narrowing, Repeated, Written};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::generate::mandate;

/// What a step takes its members from, and which: some are its parent's, some are another's.
type Step = (Mandate, u8);

fn text(parent: &Mandate, (other, which): &Step) -> String {
    let says = |bit: u8| which & (1 << bit) != 0;
    let (mut tools, mut limits) = (parent.tools.clone(), parent.limits.clone());
    if says(0) {
        tools.pop_first();
    }
    if says(1) {
        tools.extend(other.tools.clone());
    }
    if says(2) {
        limits.extend(other.limits.clone());
    }
    let mut text = String::new();
    let mut object = ObjectWriter::open(&mut text);
    if says(3) {
        object.names("blocked_tools", &other.blocked_tools);
    }
    if says(4) {
        object.limits("limits", &limits);
    }
    if says(5) {
        object.tools("tools", &tools);
    }
    object.close();
    text
}

fn read<'a>(text: &'a str, written: &mut Written<'a>) -> Result<(Narrowing, Repeated), CanonicalError> {
    let (mut reader, mut repeated) = (CanonicalReader::new(text), Repeated::default());
    let mut stated = Narrowing::default();
    reader.open()?;
    if reader.find("blocked_tools") {
        stated.blocked_tools = Some(reader.names()?);
    }
    if reader.find("limits") {
        stated.limits = Some(reader.limits(written, &mut repeated)?);
    }
    if reader.find("tools") {
        stated.tools = Some(reader.tools(written, &mut repeated)?);
    }
    reader.close()?;
    reader.finish()?;
    Ok((stated.normalized(), repeated))
}

/// Narrows by both ways of reading, and says how many steps held and how many repeated something.
fn walk(root: &Mandate, steps: &[Step]) -> (usize, usize) {
    let details = root.to_claims().authorization_details;
    let (mut quick, written) = CanonicalReader::new(&details).details().unwrap();
    // A step is written from what the root says before it is in normal form, and after.
    let mut parent = root.clone();
    let mut texts = Vec::new();
    for step in steps {
        texts.push(text(&parent, step));
        parent.limits.extend(step.0.limits.clone());
        parent = parent.normalized();
    }
    let (mut written, mut whole) = (written, quick.clone());
    let (mut held, mut repeating) = (0, 0);
    for text in &texts {
        let (stated, repeated) = read(text, &mut written).unwrap();
        let (all, none) = read(text, &mut Written::default()).unwrap();
        assert!(none.is_empty());
        let bounds = |stated: &Narrowing, repeated| stated.verify_bounds_repeating(repeated).is_ok();
        assert_eq!(bounds(&stated, &repeated), bounds(&all, &none));
        let (named, judged) = (quick.narrow_repeating(stated, &repeated), whole.narrow(all));
        assert_eq!(named, judged, "{text}");
        assert_eq!(quick, whole, "{text}");
        if judged.is_err() {
            break;
        }
        (held, repeating) = (held + 1, repeating + usize::from(!repeated.is_empty()));
    }
    (held, repeating)
}

fn chain() -> impl Strategy<Value = (Mandate, Vec<Step>)> {
    (mandate(), vec((mandate(), any::<u8>()), 1..5))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_chain_is_judged_as_if_read_whole((root, steps) in chain()) {
        walk(&root, &steps);
    }
}

/// The law would hold of chains that never narrow or never repeat; these do both.
#[test]
fn the_generator_repeats() {
    let mut runner = TestRunner::deterministic();
    let (mut held, mut repeating) = (0, 0);
    for _ in 0..1000 {
        let (root, steps) = chain().new_tree(&mut runner).unwrap().current();
        let (own, named) = walk(&root, &steps);
        (held, repeating) = (held + own, repeating + named);
    }
    assert!(held > 500 && repeating > 150, "{held} held, {repeating} repeated something");
}
