//! Membership in lists of values, in bounded time however long both lists are.

use std::collections::BTreeSet;

use crate::jcs::write_value;
use crate::json::Value;

/// Below this many comparisons a plain scan is faster than building a set, and allocates nothing.
const SCAN: usize = 1024;

/// Whether every one of `wanted` is among `known`.
pub(super) fn holds_all(known: &[Value], wanted: &[Value]) -> bool {
    if known.len().saturating_mul(wanted.len()) <= SCAN {
        return wanted.iter().all(|value| known.contains(value));
    }
    let known: BTreeSet<&Value> = known.iter().collect();
    wanted.iter().all(|value| known.contains(value))
}

/// Sorted by canonical text, without duplicates.
pub(super) fn sorted(values: Vec<Value>) -> Vec<Value> {
    if is_sorted(&values) {
        return values;
    }
    let mut keyed: Vec<(String, Value)> = values.into_iter().map(|v| (v.to_canonical(), v)).collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    keyed.dedup_by(|(a, _), (b, _)| a == b);
    keyed.into_iter().map(|(_, value)| value).collect()
}

/// Whether a list is in normal form already, as every sealed one is: no text per value is kept.
pub(super) fn is_sorted(values: &[Value]) -> bool {
    if values.len() < 2 {
        return true;
    }
    if values.iter().all(is_plain) {
        return values.is_sorted_by(plainly_less);
    }
    let (mut last, mut next) = (String::new(), String::new());
    values.iter().all(|value| {
        std::mem::swap(&mut last, &mut next);
        next.clear();
        write_value(value, &mut next);
        last < next
    })
}

/// Whether the canonical text is the string itself, in quotes.
fn is_plain(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\'))
}

/// Whether one plain string's canonical text comes before another's: the closing quote takes part.
fn plainly_less(a: &Value, b: &Value) -> bool {
    let [a, b] = [a, b].map(|value| value.as_str().unwrap_or_default().as_bytes());
    match (b.strip_prefix(a), a.strip_prefix(b)) {
        (Some(rest), _) => rest.first().is_some_and(|next| b'"' < *next),
        (None, Some(rest)) => rest.first().is_some_and(|next| *next < b'"'),
        (None, None) => a < b,
    }
}
