//! What the current legs say of a request: narrowing a role acts at once.
//!
//! Each leg is asked in turn, without a meet, so a denial names the leg; widening one never reaches a credential
//! already issued, because the sealed mandate is asked as well.

use super::check::Authority;
use super::reason::Reason;
use super::{ReasonCode, Request};
use crate::leg::{Leg, LegName};

/// One reason `ceiling_narrowed` for every leg that alone denies the request.
#[must_use]
pub fn ceiling_reasons(legs: &[(LegName, Leg)], request: &Request) -> Vec<Reason> {
    let mut against = Vec::new();
    let mut reasons = Vec::new();
    for (name, leg) in legs {
        against.clear();
        Authority::from(leg).collect(request, &mut against);
        if let Some(first) = against.first() {
            let name = name.as_str();
            let sentence =
                format!("The current {} no longer allow this: {}", name.replace('_', " "), first.message);
            reasons.push(Reason::of(ReasonCode::CeilingNarrowed).field(name).message(sentence));
        }
    }
    reasons
}
