//! How roles join, and where two of them contradict each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Role, join_roles, tool_conflicts};
use crate::constraint::Constraint;
use crate::json::Number;
use crate::mandate::{ArgumentMap, ToolMap};
use crate::scope::Scope;

const CRM: &str = "https://crm.example.com/";
const MAIL: &str = "https://mail.example.com/";

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn role(name: &str, scope: &str, tool: &str, most: u32, audience: Option<&[&str]>) -> Role {
    let amount = Constraint::at_most(Number::from(most));
    Role {
        name: name.to_owned(),
        scopes: Scope::parse_list(scope).unwrap(),
        tools: ToolMap::from([(tool.to_owned(), BTreeMap::from([("amount".to_owned(), amount.clone())]))]),
        limits: BTreeMap::from([("amount".to_owned(), amount)]),
        audience: audience.map(set),
        ttl_secs: Some(most),
        may_delegate: Some(true),
        ..Role::default()
    }
}

#[test]
fn gives_only_what_covers_every_audience_and_narrows_by_what_covers_any() {
    let roles = [
        role("both", "read", "search", 500, Some(&[CRM, MAIL])),
        role("crm", "write", "search", 100, Some(&[CRM])),
        role("other", "admin", "deploy", 1, Some(&["https://other.example.com/"])),
    ];
    let leg = join_roles(roles.iter(), &set(&[CRM, MAIL]), CRM);
    assert_eq!(leg.scopes, Some(Scope::parse_list("read").unwrap()));
    let search = leg.tools.as_ref().unwrap().get("search").unwrap();
    assert_eq!(search.get("amount"), Some(&Constraint::at_most(Number::from(100))));
    assert_eq!(leg.limits.get("amount"), Some(&Constraint::at_most(Number::from(100))));
    assert_eq!(leg.ttl_secs, Some(100));

    let alone = join_roles(roles.iter(), &set(&[CRM]), CRM);
    assert_eq!(alone.scopes, Some(Scope::parse_list("read write").unwrap()));
}

#[test]
fn an_absent_audience_is_the_default_and_an_empty_one_is_none() {
    let (absent, none) = (role("a", "read", "t", 1, None), role("n", "write", "t", 1, Some(&[])));
    let at = |uri: &str| join_roles([&absent, &none].into_iter(), &set(&[uri]), CRM);
    assert_eq!(at(CRM).scopes, Some(Scope::parse_list("read").unwrap()));
    assert_eq!(at(CRM).may_delegate, Some(true));
    let elsewhere = at(MAIL);
    assert!(elsewhere.allows_nothing());
    assert_eq!(elsewhere.may_delegate, Some(false));
}

#[test]
fn delegation_needs_every_covering_role_to_say_so() {
    let mut silent = role("silent", "write", "t", 1, None);
    silent.may_delegate = None;
    let said = role("said", "read", "t", 1, None);
    assert_eq!(join_roles([&said].into_iter(), &set(&[CRM]), CRM).may_delegate, Some(true));
    assert_eq!(join_roles([&said, &silent].into_iter(), &set(&[CRM]), CRM).may_delegate, Some(false));
}

#[test]
fn a_tool_blocked_by_any_covering_role_is_gone() {
    let mut guard = role("guard", "write", "other", 1, None);
    guard.blocked_tools.insert("search".to_owned());
    let giver = role("giver", "read", "search", 1, None);
    let both = join_roles([&giver, &guard].into_iter(), &set(&[CRM]), CRM);
    assert!(!both.tools.unwrap().contains_key("search"));
    assert!(join_roles([&giver].into_iter(), &set(&[CRM]), CRM).tools.unwrap().contains_key("search"));
}

#[test]
fn names_tools_that_two_roles_give_differently() {
    let (a, b, c) =
        (role("a", "x", "t", 5, None), role("b", "x", "t", 5, None), role("c", "x", "t", 6, None));
    assert_eq!(tool_conflicts([&a, &b].into_iter()), []);
    let conflicts = tool_conflicts([&a, &b, &c].into_iter());
    let names: Vec<_> =
        conflicts.iter().map(|c| (c.tool.as_str(), c.role.as_str(), c.other.as_str())).collect();
    assert_eq!(names, [("t", "a", "c")]);
    let mut open = role("open", "x", "t", 5, None);
    open.tools.insert("t".to_owned(), ArgumentMap::new());
    assert_eq!(tool_conflicts([&a, &open].into_iter()).len(), 1, "any arguments is not those arguments");
}
