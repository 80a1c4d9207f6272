//! Whatever the leaf of a chain allows, every ancestor allows; what would widen is refused, never clipped.

use deputy_mandate::{Instant, Mandate, Narrowing, ReasonCode, Request, allows};
use deputy_token::capability::{Attenuation, attenuate, seal};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::generate::{case, fitted, mandate};
use super::sealed::{AUDIENCE, claims, key, verify};

/// What a step wants: a mandate to take members from, which members, and whether to take what both allow.
type Step = (Mandate, u16, u8);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec((mandate(), any::<u16>(), 0_u8..6), 0..17)
}

/// The members of `from` that the bits of `which` choose.
fn stated(from: Mandate, which: u16) -> Narrowing {
    let says = |bit: u16| which & (1 << bit) != 0;
    Narrowing {
        scopes: says(0).then_some(from.scopes),
        tools: says(1).then_some(from.tools),
        blocked_tools: says(2).then_some(from.blocked_tools),
        limits: says(3).then_some(from.limits),
        binding: says(4).then_some(from.binding),
        not_before: says(5).then_some(from.not_before),
        expires_at: says(6).then_some(from.expires_at),
        max_depth: says(7).then_some(from.max_depth),
        // Seldom, because it ends the chain.
        may_delegate: (which & 0xf00 == 0xf00).then_some(from.may_delegate),
        uses: says(12).then_some(from.uses).flatten(),
    }
}

/// Walks the chain as far as it goes; returns every capability's effective mandate, root first.
fn walk(root: Mandate, steps: Vec<Step>) -> Vec<Mandate> {
    let root = claims(root);
    let mut text = seal(&root, &key()).unwrap();
    let mut mandates = vec![verify(&text).unwrap().into_claims().mandate];
    assert_eq!(mandates[0], root.mandate);
    for (i, (other, which, how)) in steps.into_iter().enumerate() {
        let parent = mandates.last().unwrap();
        let other = Mandate { max_depth: other.max_depth.saturating_mul(5), ..other };
        let from = if how > 0 { parent.meet(&other).unwrap_or(other) } else { other };
        let narrowing = stated(from, which);
        let step = Attenuation { name: format!("d{i}"), narrowing: narrowing.clone(), cnf: None };
        match attenuate(&text, &step, [u8::try_from(i).unwrap(); 16]) {
            Ok(child) => {
                let signed = verify(&child).unwrap();
                let claims = signed.claims();
                let (last, above) = claims.chain.split_last().unwrap();
                assert_eq!(above, verify(&text).unwrap().claims().chain);
                assert_eq!((last.seq, last.crit, &last.rt, &last.sub), (7, true, &None, &None));
                assert_eq!(last.agent, format!("{}/d{i}", above.last().unwrap().agent));
                assert!(claims.mandate.is_below(parent), "{parent:?} {narrowing:?}");
                assert_eq!(claims.mandate, claims.mandate.clone().normalized());
                mandates.push(claims.mandate.clone());
                text = child;
            }
            Err(error) => {
                use ReasonCode::{DelegationNotAllowed, DepthExceeded, NotAttenuated};
                let reason = error.reason();
                assert!(matches!(reason, DelegationNotAllowed | DepthExceeded | NotAttenuated), "{error}");
                let mut same = parent.clone();
                let widens = same.narrow(narrowing.clone().normalized()).is_err();
                // Rounding to seconds may bring an instant back inside, never out.
                assert!(widens || reason != NotAttenuated, "{error} {narrowing:?}");
            }
        }
    }
    mandates
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_descendant_never_allows_more(root in mandate(), steps in steps(), (_, _, request, now) in case()) {
        let mandates = walk(root, steps);
        for (request, now) in asked(&mandates, request, now) {
            let mut allowed = true;
            for mandate in &mandates {
                let here = allows(mandate, &request, now).is_allow();
                prop_assert!(allowed || !here);
                allowed = here;
            }
        }
    }
}

/// The request as it came, and one that the leaf would often allow.
fn asked(mandates: &[Mandate], request: Request, now: Instant) -> [(Request, Instant); 2] {
    let leaf = mandates.last().unwrap();
    let suits = fitted(leaf, request.clone());
    let here = Some(AUDIENCE.to_owned());
    [
        (Request { audience: here.clone(), ..request }, now),
        (Request { audience: here, ..suits }, leaf.not_before),
    ]
}

/// The law would hold of chains that never begin; these do, and some leaves still allow something.
#[test]
fn the_generators_reach_deep_chains_and_both_answers() {
    let mut runner = TestRunner::deterministic();
    let (mut deep, mut allowed) = (0, 0);
    for _ in 0..400 {
        let (steps, (root, _, request, now)) = (steps(), case()).new_tree(&mut runner).unwrap().current();
        let mandates = walk(root, steps);
        let leaf = mandates.last().unwrap();
        deep += usize::from(mandates.len() > 4);
        let mut answers = asked(&mandates, request, now).into_iter().map(|(r, at)| allows(leaf, &r, at));
        allowed += usize::from(mandates.len() > 2 && answers.any(|answer| answer.is_allow()));
    }
    assert!(deep > 50 && allowed > 10, "{deep} deep, {allowed} allowed");
}
