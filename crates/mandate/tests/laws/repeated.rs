//! What a step repeats is not read again, and nothing is owned on the way: the chain is judged, and ends, as if
//! every step were read whole.

#![expect(clippy::unwrap_used, reason = "a test may stop anywhere")]

use deputy_mandate::jcs::ObjectWriter;
use deputy_mandate::{CanonicalError, CanonicalReader, Mandate, Narrowing, Outline, Stated};
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

/// What a step states, by itself and beside the outline.
fn read<'a>(text: &'a str, outline: &Outline<'a>) -> Result<(Narrowing, Stated<'a>), CanonicalError> {
    let (mut reader, mut beside) = (CanonicalReader::new(text), CanonicalReader::new(text));
    let (mut whole, mut stated) = (Narrowing::default(), Stated::default());
    reader.open()?;
    beside.open()?;
    if reader.find("blocked_tools") && beside.find("blocked_tools") {
        whole.blocked_tools = Some(reader.names()?);
        beside.names()?;
    }
    if reader.find("limits") && beside.find("limits") {
        whole.limits = Some(reader.limits()?);
        stated.read_limits(&mut beside, outline)?;
    }
    if reader.find("tools") && beside.find("tools") {
        whole.tools = Some(reader.tools()?);
        stated.read_tools(&mut beside, outline)?;
    }
    for mut reader in [reader, beside] {
        reader.close()?;
        reader.finish()?;
    }
    Ok((whole.normalized(), stated))
}

/// Narrows by both ways of reading, and says how many steps held and how many repeated something.
fn walk(root: &Mandate, steps: &[Step]) -> (usize, usize) {
    let details = root.to_claims().authorization_details;
    let mut whole = CanonicalReader::new(&details).details().unwrap();
    let (mut rest, mut outline) = CanonicalReader::new(&details).outline().unwrap();
    // A step is written from what the root says before it is in normal form, and after.
    let mut parent = root.clone();
    let mut texts = Vec::new();
    for step in steps {
        texts.push(text(&parent, step));
        parent.limits.extend(step.0.limits.clone());
        parent = parent.normalized();
    }
    let (mut held, mut repeating) = (0, 0);
    for text in &texts {
        let (all, stated) = read(text, &outline).unwrap();
        assert_eq!(stated.verify_bounds(&outline), all.verify_bounds());
        let repeats = stated.repeats();
        let others = Narrowing { tools: None, limits: None, ..all.clone() };
        let (followed, judged) = (outline.narrow(&mut rest, others, stated), whole.narrow(all));
        assert_eq!(followed, judged, "{text}");
        let mut reached = rest.clone();
        outline.clone().restore(&mut reached);
        assert_eq!(reached, whole, "{text}");
        if judged.is_err() {
            break;
        }
        (held, repeating) = (held + 1, repeating + usize::from(repeats));
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
