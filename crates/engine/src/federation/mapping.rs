//! Which roles a person's claims give: the provider's rules, in their order, each by itself.

use std::collections::BTreeSet;

use deputy_federation::claims::Test;
use deputy_mandate::Members;
use deputy_store::model::{ClaimMapping, IdentityProvider};

use crate::Refusal;

/// What a rule asks of its claim; exactly one member says it.
pub(super) fn test_of(mapping: &ClaimMapping) -> Option<Test> {
    match (&mapping.equals, &mapping.contains, &mapping.matches_prefix) {
        (Some(value), None, None) => Some(Test::Equals(value.clone())),
        (None, Some(value), None) => Some(Test::Contains(value.clone())),
        (None, None, Some(prefix)) => Some(Test::MatchesPrefix(prefix.clone())),
        _ => None,
    }
}

/// The ids of the roles that these claims give.
pub(super) fn roles_by_claims(provider: &IdentityProvider, claims: &Members) -> BTreeSet<String> {
    let passing = provider
        .claim_mappings
        .iter()
        .filter(|mapping| test_of(mapping).is_some_and(|test| test.passes(claims, &mapping.claim)));
    passing.map(|mapping| mapping.role.clone()).collect()
}

/// Refuses a rule that says nothing, or more than one thing.
pub(super) fn verify_mapping(place: usize, mapping: &ClaimMapping) -> Result<(), Refusal> {
    let field = |member: &str| format!("claim_mappings.{place}{member}");
    if mapping.claim.is_empty() || mapping.claim.len() > 256 {
        return Err(Refusal::invalid(field(".claim"), "is a claim's name, or a JSON pointer to it"));
    }
    match test_of(mapping) {
        None => {
            Err(Refusal::invalid(field(""), "says exactly one of `equals`, `contains` and `matches-prefix`"))
        }
        Some(Test::Equals(value) | Test::Contains(value))
            if !value.is_scalar() || value.kind() == deputy_mandate::Kind::Null =>
        {
            Err(Refusal::invalid(field(""), "compares with text, a number or a truth value"))
        }
        // Every text begins with nothing.
        Some(Test::MatchesPrefix(prefix)) if prefix.is_empty() => {
            Err(Refusal::invalid(field(".matches-prefix"), "is empty, which would match everybody"))
        }
        Some(_) => Ok(()),
    }
}
