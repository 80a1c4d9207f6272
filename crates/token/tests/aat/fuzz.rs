//! The readers on random and mutated bytes: they never panic and end in bounded time.

use deputy_mandate::{Instant, Value};
use deputy_token::aat::{self, Invocation, UnverifiedAat};
use deputy_token::freshness::Window;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::fixture::{AUDIENCE, NOW, TOOLS, chain, holder, next, tools};
use super::forge::{leaf_claims, replace_leaf, sign, verify};

fn feed(text: &str) {
    if let Ok(aat) = UnverifiedAat::parse(text) {
        for token in aat.tokens() {
            let _ = (token.kid(), token.typ(), token.alg(), token.digest(), token.claims());
        }
    }
    if let Ok(signed) = verify(text) {
        let arguments = Value::empty_object();
        let window = Window { past_secs: 30, ahead_secs: 30 };
        let call = Invocation { audience: AUDIENCE, tool: "search", arguments: &arguments, now: NOW, window };
        let _ = aat::verify_pop(&signed, text, &call);
        let _ = signed.verify_time(Instant(i64::MIN), i64::MIN);
    }
    let (tools, key) = (tools(TOOLS), holder(9));
    let _ = aat::derive(text, &next(1, &tools, key.jwk(), "x"), &holder(0));
}

fn mutate(text: &str, cuts: &[(Index, u8, u8)]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (at, byte, how) in cuts {
        let at = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
        match how {
            0 => bytes[at] = *byte,
            1 => bytes.insert(at, *byte),
            _ => drop(bytes.remove(at)),
        }
        if bytes.is_empty() {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..200)) {
        feed(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_letters_of_chains(text in "[A-Za-z0-9_~.\\-=]{0,200}") {
        feed(&text);
    }

    #[test]
    fn mutated_chains(cuts in vec((any::<Index>(), any::<u8>(), 0_u8..3), 1..6)) {
        feed(&mutate(&chain(TOOLS, 1), &cuts));
    }

    /// Signed by the rightful holder, so that the claims are reached.
    #[test]
    fn mutated_claims(cuts in vec((any::<Index>(), any::<u8>(), 0_u8..3), 1..4)) {
        let chain = chain(TOOLS, 1);
        let claims = mutate(&leaf_claims(&chain).to_string(), &cuts);
        feed(&replace_leaf(&chain, &sign(&claims, &holder(0))));
    }
}

#[test]
fn hostile_sizes_end() {
    let chain = chain(TOOLS, 1);
    let claims = leaf_claims(&chain).to_string();
    let clauses = (0..600).map(|i| format!(r#"{{"constraint_type":"exact","value":{i}}}"#));
    let all =
        format!(r#"{{"constraint_type":"all","constraints":[{}]}}"#, clauses.collect::<Vec<_>>().join(","));
    for claims in [
        "[".repeat(40_000),
        claims.replacen("{}", &format!("{{\"q\":{all}}}"), 1),
        claims.replacen("{}", &"{\"q\":".repeat(8_000), 1),
        claims.replacen(r#""name":"worker""#, &format!(r#""name":"{}""#, "w".repeat(40_000)), 1),
        claims.replacen(r#""name":"#, &format!("{}\"name\":", r#""m":0,"#.repeat(5_000)), 1),
    ] {
        feed(&replace_leaf(&chain, &sign(&claims, &holder(0))));
    }
    for text in ["~".repeat(60_000), ".".repeat(60_000), "A".repeat(1 << 20), "a.b.c~".repeat(10_000)] {
        feed(&text);
    }
}
