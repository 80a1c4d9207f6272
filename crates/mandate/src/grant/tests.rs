//! Grants: what is left, what was removed, and by which leg.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Catalogue, Grant, GrantRefusal, MAX_LIFETIME_SECS, Requested, RequestedError, Terms, Warning, ceiling,
    grant,
};
use crate::constraint::{Constraint, Range};
use crate::instant::Instant;
use crate::json::Number;
use crate::leg::{Leg, LegName};
use crate::mandate::{Binding, ToolMap};
use crate::scope::Scope;

const NOW: Instant = Instant(1_700_000_000_500);

struct Case {
    legs: Vec<(LegName, Leg)>,
    audience: BTreeSet<String>,
    catalogue: Catalogue,
    expires_in: Option<u32>,
}

impl Case {
    fn terms(&self) -> Terms<'_> {
        Terms {
            now: NOW,
            audience: &self.audience,
            default_ttl_secs: 900,
            expires_in: self.expires_in,
            max_depth: 3,
            catalogue: &self.catalogue,
        }
    }

    fn ask(&self, scope: Option<&str>, details: Option<&str>) -> Result<Grant, GrantRefusal> {
        let details = details.map(|members| format!(r#"[{{"type":"deputy_mandate"{members}}}]"#));
        grant(&self.legs, &Requested::parse(scope, details.as_deref()).unwrap(), &self.terms())
    }
}

fn scopes(list: &str) -> Option<BTreeSet<Scope>> {
    Some(Scope::parse_list(list).unwrap())
}

fn range(min: u32, max: u32) -> Constraint {
    Constraint::Range(Range {
        min: Some(Number::from(min)),
        max: Some(Number::from(max)),
        ..Range::default()
    })
}

fn tools() -> ToolMap {
    let transfer = [("amount", range(0, 500)), ("target", Constraint::Wildcard)];
    let transfer = transfer.into_iter().map(|(name, c)| (name.to_owned(), c)).collect();
    BTreeMap::from([("search".to_owned(), BTreeMap::new()), ("transfer".to_owned(), transfer)])
}

fn case() -> Case {
    let roles = Leg {
        scopes: scopes("read:docs write:drafts write:crm"),
        tools: Some(tools()),
        blocked_tools: BTreeSet::from(["shell".to_owned()]),
        may_delegate: Some(true),
        ..Leg::default()
    };
    let cap = Leg { scopes: scopes("read:docs write:drafts"), ..Leg::default() };
    Case {
        legs: vec![(LegName::RoleBindings, roles), (LegName::AllowedScopes, cap)],
        audience: BTreeSet::from(["https://crm.example.com/".to_owned()]),
        catalogue: Catalogue::default(),
        expires_in: None,
    }
}

fn removed(grant: &Grant) -> Vec<(&str, &str)> {
    grant.removed.iter().map(|removed| (removed.what.as_str(), removed.by.as_str())).collect()
}

#[test]
fn says_which_leg_removed_what_first() {
    let mut case = case();
    let policy =
        Leg { tools: Some(ToolMap::from([("search".to_owned(), BTreeMap::new())])), ..Leg::default() };
    case.legs.push((LegName::ResourcePolicy, policy));
    let details = r#","tools":{"search":{},"transfer":{},"shell":{},"deploy":{}}"#;
    let granted = case.ask(Some("admin read:docs write:crm"), Some(details)).unwrap();
    assert_eq!(
        removed(&granted),
        [
            ("scope:admin", "role_bindings"),
            ("scope:write:crm", "allowed_scopes"),
            ("tool:deploy", "role_bindings"),
            ("tool:shell", "role_bindings"),
            ("tool:transfer", "resource_policy"),
        ]
    );
    assert_eq!(Scope::write_list(&granted.mandate.scopes), "read:docs");
    assert_eq!(granted.mandate.tools.keys().collect::<Vec<_>>(), ["search"]);
}

#[test]
fn what_is_not_named_is_none() {
    let by_scope = case().ask(Some("read:docs"), None).unwrap().mandate;
    assert!(by_scope.tools.is_empty());
    assert!(by_scope.blocked_tools.contains("shell"));
    let by_tool = case().ask(None, Some(r#","tools":{"search":{}}"#)).unwrap().mandate;
    assert!(by_tool.scopes.is_empty());
}

#[test]
fn arguments_left_out_take_the_constraints_of_the_ceiling() {
    let narrower = r#","tools":{"transfer":{"amount":{"constraint_type":"range","max":100,"min":0}}}"#;
    let transfer = case().ask(None, Some(narrower)).unwrap().mandate.tools["transfer"].clone();
    assert_eq!(transfer["amount"], range(0, 100));
    assert_eq!(transfer["target"], Constraint::Wildcard);
    let wider = r#","tools":{"transfer":{"amount":{"constraint_type":"range","max":900,"min":0}}}"#;
    assert_eq!(case().ask(None, Some(wider)).unwrap().mandate.tools["transfer"]["amount"], range(0, 500));
    let stranger = r#","tools":{"transfer":{"amount":{"constraint_type":"wildcard"},"memo":{"constraint_type":"wildcard"}},"search":{"q":{"constraint_type":"wildcard"}}}"#;
    let granted = case().ask(None, Some(stranger)).unwrap();
    assert_eq!(removed(&granted), [("tool:transfer", "role_bindings")]);
    assert_eq!(granted.mandate.tools["search"]["q"], Constraint::Wildcard, "any arguments may be named");
}

#[test]
fn silence_is_told_its_ceiling() {
    let error = case().ask(None, None).unwrap_err();
    let ceiling = "scope `read:docs write:drafts`, tools `search transfer`".to_owned();
    assert_eq!(error, GrantRefusal::NothingRequested { ceiling });
    let error = case().ask(Some("admin"), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing that was asked for can be granted: `scope:admin` is not in role_bindings"
    );
    assert!(matches!(case().ask(None, Some("")), Err(GrantRefusal::NothingGranted { .. })));
}

#[test]
fn identity_carries_no_authority_and_stands_alone() {
    let granted = case().ask(Some("identity"), None).unwrap();
    assert!(granted.identity && granted.mandate.is_empty() && !granted.mandate.may_delegate);
    assert_eq!(Requested::parse(Some("identity read:docs"), None), Err(RequestedError::IdentityMixed));
    assert_eq!(
        Requested::parse(Some("identity"), Some(r#"[{"type":"deputy_mandate"}]"#)),
        Err(RequestedError::IdentityMixed)
    );
    assert!(!case().ask(Some("read:docs"), None).unwrap().identity);
}

#[test]
fn lives_as_short_as_anyone_says() {
    let life = |change: &dyn Fn(&mut Case)| {
        let mut case = case();
        change(&mut case);
        case.ask(Some("read:docs"), None).map(|grant| {
            assert_eq!(grant.mandate.not_before, Instant::from_secs(1_700_000_000));
            grant.mandate.expires_at.0 / 1000 - 1_700_000_000
        })
    };
    assert_eq!(life(&|_| {}), Ok(900));
    assert_eq!(life(&|case| case.legs[0].1.ttl_secs = Some(3600)), Ok(3600));
    assert_eq!(life(&|case| case.expires_in = Some(60)), Ok(60));
    assert_eq!(life(&|case| case.expires_in = Some(6000)), Ok(900));
    assert_eq!(life(&|case| case.legs[0].1.ttl_secs = Some(u32::MAX)), Ok(i64::from(MAX_LIFETIME_SECS)));
    assert_eq!(life(&|case| case.legs[1].1.expires_at = Some(NOW.plus_secs(30))), Ok(30));
    assert_eq!(life(&|case| case.legs[1].1.expires_at = Some(NOW)), Err(GrantRefusal::Expired));
    assert_eq!(life(&|case| case.expires_in = Some(0)), Err(GrantRefusal::Expired));
}

#[test]
fn depth_delegation_and_binding_only_narrow() {
    let details =
        r#","tools":{"search":{}},"max_depth":9,"may_delegate":true,"binding":{"task":"t"},"uses":5"#;
    let mandate = case().ask(None, Some(details)).unwrap().mandate;
    assert_eq!((mandate.max_depth, mandate.may_delegate, mandate.uses), (3, true, Some(5)));
    assert_eq!(mandate.binding.task.as_deref(), Some("t"));
    let mut refusing = case();
    refusing.legs[0].1.may_delegate = Some(false);
    assert!(!refusing.ask(None, Some(details)).unwrap().mandate.may_delegate);
    let mut parent = case();
    parent.legs[1].1.binding = Binding { task: Some("other".to_owned()), ..Binding::default() };
    assert_eq!(parent.ask(None, Some(details)), Err(GrantRefusal::Bottom));
}

#[test]
fn seals_what_the_catalogue_knows() {
    let mut case = case();
    case.legs[0].1.limits.insert("amount".to_owned(), range(0, 500));
    let details = r#","tools":{"search":{},"transfer":{}}"#;
    let granted = case.ask(None, Some(details)).unwrap();
    assert_eq!(granted.warnings, [Warning::LimitsAdvisory { tool: "search".to_owned() }]);
    assert!(granted.mandate.declared.is_empty());

    let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>();
    case.catalogue.tools.insert("search".to_owned(), names(&["q"]));
    case.catalogue.tools.insert("transfer".to_owned(), names(&["amount", "target"]));
    let granted = case.ask(None, Some(details)).unwrap();
    assert_eq!(granted.warnings, []);
    assert_eq!(granted.mandate.declared["search"], names(&["q"]));
    assert_eq!(granted.mandate.limit_required, BTreeMap::from([("transfer".to_owned(), names(&["amount"]))]));

    case.catalogue.tools.insert("transfer".to_owned(), names(&["amount"]));
    let warnings = case.ask(None, Some(details)).unwrap().warnings;
    assert_eq!(
        warnings,
        [Warning::NeverCallable { tool: "transfer".to_owned(), argument: "target".to_owned() }]
    );
}

#[test]
fn a_grant_that_breaks_a_bound_is_refused() {
    let mut case = case();
    let wide = |first: u32| (first..first + 40).map(|i| (format!("d{i}"), Constraint::Wildcard)).collect();
    case.legs[0].1.limits = wide(0);
    assert!(case.ask(Some("read:docs"), None).is_ok());
    case.legs[1].1.limits = wide(40);
    assert!(matches!(case.ask(Some("read:docs"), None), Err(GrantRefusal::Bound(_))));
}

#[test]
fn the_ceiling_is_the_meet_under_the_terms() {
    let case = case();
    let met = ceiling(&case.legs, &case.terms()).unwrap();
    assert_eq!(met.scopes, scopes("read:docs write:drafts"));
    assert_eq!((met.ttl_secs, met.max_depth), (Some(900), Some(3)));
    assert_eq!(met.audience, Some(case.audience));
}
