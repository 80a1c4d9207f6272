//! The laws of chains, on generated tools and requests: nothing is widened, and no other order of things passes.

use std::sync::LazyLock;

use deputy_mandate::{
    ArgumentMap, Binding, Constraint, Instant, MAX_DEPTH, Mandate, Request, ToolMap, Value, allows,
    attenuates,
};
use deputy_token::aat::{self, Derivation, compile_tools};
use deputy_token::keys::SigningKey;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::fixture::{AUDIENCE, NOW, TOOLS, chain, claims, ed25519, holder, mandate, tenant};
use super::forge::verify;
use super::generate;

static HOLDERS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| (0..=MAX_DEPTH + 1).map(holder).collect());

/// The mandate as an attenuating agent token could carry it, if its limits let it.
fn stripped(mut mandate: Mandate, keep_limits: bool) -> Mandate {
    mandate.scopes.clear();
    mandate.uses = None;
    mandate.binding = Binding::default();
    if !keep_limits {
        mandate.limits.clear();
        mandate.declared.clear();
        mandate.limit_required.clear();
    }
    mandate
}

fn call(request: Request) -> Request {
    Request {
        scope: None,
        tool: request.tool.or_else(|| Some("search".to_owned())),
        context: Value::empty_object(),
        audience: None,
        binding: Binding::default(),
        ..request
    }
}

/// How a token narrows its parent's tools: mostly by the draft's rules, now and then not.
#[derive(Debug, Clone)]
enum Narrowing {
    Same,
    DropTool(Index),
    Constrain(Index, String, Constraint),
    Tighten(Index, Value),
    AddClause(Index, Constraint),
}

fn narrowing() -> impl Strategy<Value = Narrowing> {
    let name = prop_oneof![Just("amount".to_owned()), Just("env".to_owned()), Just("path".to_owned())];
    prop_oneof![
        3 => Just(Narrowing::Same),
        1 => any::<Index>().prop_map(Narrowing::DropTool),
        1 => (any::<Index>(), name, generate::constraint()).prop_map(|(i, n, c)| Narrowing::Constrain(i, n, c)),
        2 => (any::<Index>(), generate::value()).prop_map(|(i, v)| Narrowing::Tighten(i, v)),
        2 => (any::<Index>(), generate::constraint()).prop_map(|(i, c)| Narrowing::AddClause(i, c)),
    ]
}

fn pick<'a>(tools: &'a mut ToolMap, at: &Index) -> Option<&'a mut ArgumentMap> {
    if tools.is_empty() {
        return None;
    }
    tools.values_mut().nth(at.index(1 << 16) % 3)
}

fn narrow(tools: &ToolMap, how: &Narrowing) -> ToolMap {
    let mut tools = tools.clone();
    match how {
        Narrowing::Same => {}
        Narrowing::DropTool(at) if !tools.is_empty() => {
            let name = tools.keys().nth(at.index(tools.len())).unwrap().clone();
            tools.remove(&name);
        }
        Narrowing::DropTool(_) => {}
        Narrowing::Constrain(at, name, constraint) => {
            if let Some(map) = pick(&mut tools, at).filter(|map| map.is_empty()) {
                map.insert(name.clone(), constraint.clone().normalized());
            }
        }
        Narrowing::Tighten(at, value) => {
            if let Some(own) = pick(&mut tools, at).and_then(|map| map.values_mut().next()) {
                *own = if value.is_scalar() {
                    Constraint::Exact(value.clone())
                } else {
                    Constraint::OneOf(vec![value.clone()])
                };
            }
        }
        Narrowing::AddClause(at, clause) => {
            if let Some(Constraint::All(clauses)) =
                pick(&mut tools, at).and_then(|map| map.values_mut().next())
            {
                clauses.push(clause.clone());
            }
        }
    }
    tools
}

/// A root, and the chain after each derivation that was possible.
fn grow(mandate: &Mandate, narrowings: &[Narrowing]) -> Option<Vec<String>> {
    let mandate = Mandate {
        not_before: NOW,
        expires_at: NOW.plus_secs(900),
        max_depth: MAX_DEPTH,
        may_delegate: true,
        audience: [AUDIENCE.to_owned()].into(),
        ..mandate.clone()
    };
    let first = &HOLDERS[0];
    let root = aat::seal_root(&claims(mandate, first.jwk()), first.jwk(), &tenant()).ok()?;
    let mut tools = verify(&root).unwrap().claims().mandate.tools.clone();
    let mut chains = vec![root];
    for (i, how) in narrowings.iter().enumerate() {
        let narrower = narrow(&tools, how);
        let jti = format!("hop-{i}");
        let child = |tools| Derivation {
            name: "worker",
            tools,
            audience: None,
            expires_at: NOW.plus_secs(900),
            del_max_depth: MAX_DEPTH,
            iat: NOW,
            holder: HOLDERS[i + 1].jwk(),
            jti: &jti,
        };
        let longest = chains.last().unwrap();
        // What is refused is no narrowing, or not one that the draft can see; the tools then stay.
        let derived = match aat::derive(longest, &child(&narrower), &HOLDERS[i]) {
            Ok(derived) => {
                assert!(attenuates(&narrower, &tools));
                tools = narrower;
                derived
            }
            Err(_) => aat::derive(longest, &child(&tools), &HOLDERS[i]).unwrap(),
        };
        chains.push(derived);
    }
    Some(chains)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Of the calls that a token can express, the compiled tools allow exactly the mandate's.
    #[test]
    fn what_is_compiled_is_exact((a, _, request, _) in generate::case(), limits in any::<bool>()) {
        let mandate = stripped(a, limits);
        let Ok(tools) = compile_tools(&mandate) else { return Ok(()) };
        let request = call(request);
        let compiled = stripped(Mandate { tools, blocked_tools: [].into(), ..mandate.clone() }, false);
        let now = Instant(mandate.not_before.0.max(2200).min(mandate.expires_at.0 - 1));
        prop_assert_eq!(allows(&mandate, &request, now).is_allow(), allows(&compiled, &request, now).is_allow());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    /// Whatever the leaf allows, every token above it allows, down to the deepest chain there is.
    #[test]
    fn nothing_is_widened(
        (a, _, request, _) in generate::case(),
        narrowings in vec(narrowing(), 1..=usize::from(MAX_DEPTH)),
        limits in any::<bool>(),
    ) {
        let Some(chains) = grow(&stripped(a, limits), &narrowings) else { return Ok(()) };
        let request = call(request);
        let read: Vec<_> = chains.iter().map(|chain| verify(chain).unwrap()).collect();
        let allowed: Vec<bool> =
            read.iter().map(|aat| allows(&aat.claims().mandate, &request, NOW).is_allow()).collect();
        prop_assert!(allowed.is_sorted_by(|above, below| above >= below), "{allowed:?}");
        for (depth, aat) in read.iter().enumerate() {
            prop_assert_eq!(aat.claims().del_depth(), depth);
            prop_assert!(aat.claims().mandate.is_below(&read[0].claims().mandate));
        }
    }

    /// Tokens of honest chains in any other order, number or company are refused.
    #[test]
    fn no_other_arrangement_passes(depth in 1_u8..=4, at in any::<Index>(), with in any::<Index>(), how in 0_u8..6) {
        let own = chain(TOOLS, depth);
        let tokens: Vec<&str> = own.split('~').collect();
        let (i, j) = (at.index(tokens.len()), with.index(tokens.len()));
        let mut mandate = mandate(TOOLS);
        mandate.audience.insert("https://other.example/".to_owned());
        let other_grant = claims(mandate, holder(0).jwk());
        let reroot = |key: &SigningKey| aat::seal_root(&other_grant, holder(0).jwk(), key).unwrap();
        let mut changed: Vec<String> = tokens.iter().map(|&token| token.to_owned()).collect();
        match how {
            0 => changed.swap(i, if i == j { (i + 1) % tokens.len() } else { j }),
            // The last one away is an honest shorter chain; its holder is another.
            1 if i + 1 < tokens.len() => drop(changed.remove(i)),
            1 => {
                let half = changed[i].len() / 2;
                changed[i].truncate(half);
            }
            2 => changed.insert(j, changed[i].clone()),
            3 => changed[0] = reroot(&tenant()),
            4 => changed[0] = reroot(&ed25519(9)),
            _ => {
                // The same token from a chain of the same keys with another root.
                let (tools, key) = (super::fixture::tools(TOOLS), holder(1));
                let child = super::fixture::next(1, &tools, key.jwk(), "spliced");
                let theirs = aat::derive(&reroot(&tenant()), &child, &holder(0)).unwrap();
                changed[1] = theirs.split('~').nth(1).unwrap().to_owned();
            }
        }
        prop_assert!(verify(&own).is_ok());
        prop_assert!(verify(&changed.join("~")).is_err());
    }
}

/// A law that never met a case would hold as well.
#[test]
fn the_laws_meet_cases_of_every_kind() {
    let mut runner = TestRunner::deterministic();
    let (mut compiled, mut limited, mut allowed, mut narrowed) = (0, 0, 0, 0);
    for _ in 0..1500 {
        let (a, _, request, _) = generate::case().new_tree(&mut runner).unwrap().current();
        let narrowings = vec(narrowing(), 4).new_tree(&mut runner).unwrap().current();
        let (mandate, request) = (stripped(a, true), call(request));
        let Ok(tools) = compile_tools(&mandate) else { continue };
        compiled += 1;
        limited += usize::from(!mandate.limits.is_empty());
        allowed += usize::from(allows(&mandate, &request, Instant(2200)).is_allow());
        if let Some(chains) = grow(&mandate, &narrowings) {
            let leaf = verify(chains.last().unwrap()).unwrap();
            narrowed += usize::from(leaf.claims().mandate.tools != tools);
        }
    }
    let met = [compiled, limited, allowed, narrowed];
    assert!(met.iter().all(|count| *count >= 20), "{met:?}");
}
