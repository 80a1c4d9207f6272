//! Parsers on random and mutated bytes: they never panic and end in bounded time.

use deputy_mandate::{
    Constraint, Details, Fingerprint, Mandate, MandateClaims, Number, Path, Requested, Scope, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::generate::mandate;

fn feed(text: &str) {
    if let Ok(value) = Value::parse(text) {
        let canonical = value.to_canonical();
        assert_eq!(Value::parse(&canonical).as_ref(), Ok(&value), "canonical text reads back");
        if let Ok(constraint) = Constraint::from_value(&value) {
            let normal = constraint.normalized();
            assert!(normal.is_below(&normal));
        }
    }
    if let Ok(read) = Mandate::from_json(text) {
        assert_eq!(Mandate::from_json(&read.to_canonical_json()), Ok(read));
    }
    let claims = MandateClaims {
        scope: text.to_owned(),
        audience: [text.to_owned()].into(),
        not_before: 0,
        expires_at: 1,
        authorization_details: text.to_owned(),
    };
    let _ = Mandate::from_claims(&claims);
    let _ = (Details::parse(text), Fingerprint::from_evidence(text), Number::parse(text), Path::parse(text));
    let _ = (Scope::parse_list(text), Requested::parse(Some(text), Some(text)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn random_bytes(bytes in vec(any::<u8>(), 0..200)) {
        feed(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_json_letters(text in "[\\[\\]{}\",:0-9eE.+\\-a-f\\\\u tnrl]{0,120}") {
        feed(&text);
    }

    #[test]
    fn mutated_mandates(m in mandate(), cuts in vec((any::<Index>(), any::<u8>(), 0_u8..3), 1..6)) {
        for text in [m.to_canonical_json(), m.to_claims().authorization_details] {
            let mut bytes = text.into_bytes();
            for (at, byte, how) in &cuts {
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
            feed(&String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn hostile_sizes_end() {
    let many: Vec<String> = (0..6000).map(|i| format!("\"{i:05}\"")).collect();
    let list = format!(r#"{{"constraint_type":"one_of","values":[{}]}}"#, many.join(","));
    let other = list.replace("one_of", "subset").replace("values", "allowed");
    for text in [
        "[".repeat(1 << 20),
        "{\"a\":".repeat(1 << 18),
        format!("[{}]", "1,".repeat(1 << 18)),
        "9".repeat(1 << 20),
        format!("0.{}1", "0".repeat(1 << 20)),
        format!("1e{}", "9".repeat(1 << 20)),
        format!("/{}", "../".repeat(1 << 18)),
        format!("/{}", "a/../".repeat(1 << 18)),
        format!("\"{}\"", "\\ud800\\udc00".repeat(1 << 16)),
        list,
        other,
    ] {
        feed(&text);
    }
}
