//! An outline is the mandate to whoever narrows it: read from the same texts, and judged alike.

#![expect(clippy::unwrap_used, reason = "a test may stop anywhere")]

use deputy_mandate::{CanonicalReader, Mandate, MandateClaims, Narrowing, Value, Widening};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::generate::mandate;

/// What a step states: some of it is its parent's, some another's.
fn stated(parent: &Mandate, other: &Mandate, which: u16) -> Narrowing {
    let says = |bit: u8| which & (1 << bit) != 0;
    let (mut tools, mut limits, mut blocked) =
        (parent.tools.clone(), parent.limits.clone(), parent.blocked_tools.clone());
    if says(0) {
        tools.pop_last();
    }
    if says(1) {
        tools.extend(other.tools.clone());
    }
    if says(2) {
        limits.extend(other.limits.clone());
    }
    if says(3) {
        limits.pop_first();
    }
    if says(4) {
        blocked.extend(other.blocked_tools.clone());
    }
    Narrowing {
        tools: says(5).then_some(tools),
        limits: says(6).then_some(limits),
        blocked_tools: says(7).then_some(blocked),
        max_depth: says(8).then_some(other.max_depth),
        may_delegate: says(9).then_some(other.may_delegate),
        uses: other.uses.filter(|_| says(10)),
        binding: says(11).then(|| other.binding.clone()),
        ..Narrowing::default()
    }
    .normalized()
}

fn judge(parent: &Mandate, other: &Mandate, which: u16) -> Result<(), Widening> {
    let details = parent.to_claims().authorization_details;
    let whole = CanonicalReader::new(&details).details().unwrap();
    let (rest, outline) = CanonicalReader::new(&details).bare_outline().unwrap();
    assert!(rest.tools.is_empty() && rest.limits.is_empty() && rest.declared.is_empty());
    let stated = stated(parent, other, which);
    let judged = whole.verify_narrowing(&stated);
    assert_eq!(outline.verify_narrowing(&rest, &stated), judged, "{details} {stated:?}");
    judged
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_step_is_judged_as_by_the_mandate(parent in mandate(), other in mandate(), which in any::<u16>()) {
        let _ = judge(&parent, &other, which);
    }

    #[test]
    fn a_text_has_an_outline_exactly_when_it_has_a_mandate(
        parent in mandate(),
        at in any::<prop::sample::Index>(),
        byte in prop_oneof![Just(b' '), Just(b'"'), Just(b'0'), Just(b','), Just(b'}'), b' '..=b'~'],
    ) {
        let details = parent.to_claims().authorization_details;
        let mut bytes = details.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        let (mut whole, mut outline) = (CanonicalReader::new(&text), CanonicalReader::new(&text));
        prop_assert_eq!(whole.details().err(), outline.bare_outline().err());
    }

    /// Changed by a member of another mandate, most texts are still canonical; by a byte, hardly any.
    #[test]
    fn a_text_says_what_the_strict_reader_reads(
        one in mandate(),
        other in mandate(),
        take in any::<u8>(),
        change in proptest::option::of((any::<prop::sample::Index>(), b' '..=b'~')),
    ) {
        let mut mixed = one;
        if take & 1 != 0 { mixed.tools = other.tools; }
        if take & 2 != 0 { mixed.limits = other.limits; }
        if take & 4 != 0 { mixed.blocked_tools = other.blocked_tools; }
        if take & 8 != 0 { mixed.declared = other.declared; }
        let mut bytes = mixed.to_claims().authorization_details.into_bytes();
        if let Some((at, byte)) = change {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        let read = quick(&text);
        prop_assert!(change.is_some() || read.is_some(), "{}", text);
        prop_assert_eq!(read, strict(&text), "{}", text);
    }
}

/// What the reader of sealed texts makes of one.
fn quick(details: &str) -> Option<Mandate> {
    let mut reader = CanonicalReader::new(details);
    let mandate = reader.details().ok()?;
    reader.finish().ok().map(|()| mandate)
}

/// What the reader makes of it that goes through a tree and has no code in common with the other.
fn strict(details: &str) -> Option<Mandate> {
    Value::parse(details).ok().filter(|value| value.to_canonical() == details)?;
    let claims = MandateClaims {
        scope: String::new(),
        audience: [].into(),
        not_before: 0,
        expires_at: 0,
        authorization_details: details.to_owned(),
    };
    Mandate::from_claims(&claims).ok()
}

/// The law would hold of steps that all widen, or of none that does.
#[test]
fn the_generator_finds_both_answers() {
    let mut runner = TestRunner::deterministic();
    let (mut held, mut wider) = (0, std::collections::BTreeSet::new());
    for _ in 0..1000 {
        let (parent, other, which) =
            (mandate(), mandate(), any::<u16>()).new_tree(&mut runner).unwrap().current();
        match judge(&parent, &other, which) {
            Ok(()) => held += 1,
            Err(Widening { member }) => drop(wider.insert(member)),
        }
    }
    assert!(held > 100 && wider.contains("tools") && wider.contains("limits"), "{held} {wider:?}");
}
