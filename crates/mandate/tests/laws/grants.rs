//! A grant is never above any leg, nor above what was asked for.

use std::collections::BTreeSet;

use deputy_mandate::{
    Binding, Catalogue, Details, Instant, Leg, LegName, Mandate, Requested, Terms, allows, ceiling,
    ceiling_reasons, grant,
};
use proptest::prelude::*;

use super::generate::{case, mandate};

fn details(m: &Mandate) -> Details {
    Details {
        tools: Some(m.tools.clone()),
        blocked_tools: m.blocked_tools.clone(),
        limits: m.limits.clone(),
        binding: m.binding.clone(),
        max_depth: Some(m.max_depth),
        may_delegate: Some(m.may_delegate),
        may_act: BTreeSet::new(),
        uses: m.uses,
    }
}

/// A leg that states only some members.
fn partial(m: &Mandate, tools: bool) -> Leg {
    let leg = Leg::from(m);
    Leg { tools: leg.tools.filter(|_| tools), binding: Binding::default(), audience: None, ..leg }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_grant_is_below_every_leg(
        (asked, roles, r, now) in case(), cap in mandate(), parent in mandate(), tools in any::<bool>(),
    ) {
        let legs = [
            (LegName::RoleBindings, partial(&roles, true)),
            (LegName::AllowedScopes, partial(&cap, tools)),
            (LegName::Parent, Leg::from(&parent)),
        ];
        let requested = Requested { scopes: Some(asked.scopes.clone()), details: Some(details(&asked)), identity: false };
        let catalogue = Catalogue { tools: roles.declared };
        let terms = Terms {
            now, audience: &asked.audience, default_ttl_secs: 1, expires_in: None, max_depth: 3, catalogue: &catalogue,
        };
        let Ok(granted) = grant(&legs, &requested, &terms) else { return Ok(()) };
        let m = granted.mandate;
        prop_assert_eq!(&m, &m.clone().normalized().in_whole_seconds());
        prop_assert!(m.is_below(&parent) && m.audience.is_subset(&asked.audience));
        prop_assert!(m.scopes.is_subset(&asked.scopes));
        prop_assert_eq!(asked.scopes.len() - m.scopes.len(), granted.removed.iter().filter(|x| x.what.starts_with("scope:")).count());
        for tool in m.tools.keys() {
            prop_assert!(asked.tools.contains_key(tool));
        }
        let met = ceiling(&legs, &terms);
        prop_assert!(met.is_some_and(|met| met.scopes.is_some_and(|scopes| m.scopes.is_subset(&scopes))));
        if allows(&m, &r, Instant(m.not_before.0)).is_allow() {
            prop_assert_eq!(ceiling_reasons(&legs, &r), vec![]);
        }
    }
}
