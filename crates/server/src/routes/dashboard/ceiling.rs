//! The ceiling as a table: a row for each scope, tool, limit and term that any leg names.
//!
//! Invariant: the last column is the engine's own meet, never computed here from the others.

use std::collections::{BTreeMap, BTreeSet};

use deputy_engine::Ceiling as Answer;
use deputy_mandate::Leg;

use crate::pages::ceiling::{Ceiling, Cell, Group, Mark, Row};
use crate::words;

/// The table of an answer.
#[must_use]
pub fn table(answer: &Answer) -> Ceiling {
    let nothing = Leg { scopes: Some(BTreeSet::new()), tools: Some(BTreeMap::new()), ..Leg::default() };
    let outcome = answer.ceiling.as_ref().unwrap_or(&nothing);
    let legs: Vec<&Leg> = answer.legs.iter().map(|leg| &leg.allows).chain([outcome]).collect();
    let groups = [
        group("Scopes", &scopes(&legs), &legs, scope),
        group("Tools", &tools(&legs), &legs, tool),
        group("Limits", &limits(&legs), &legs, limit),
    ];
    let mut groups: Vec<Group> = groups.into_iter().filter(|group| !group.rows.is_empty()).collect();
    if !groups.is_empty() {
        groups.push(terms(&legs, outcome));
    }
    Ceiling { legs: answer.legs.iter().map(|leg| title(leg.name)).collect(), groups }
}

fn title(name: &str) -> String {
    let mut text = name.replace('_', " ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

fn group(
    title: &'static str,
    names: &BTreeSet<&str>,
    legs: &[&Leg],
    cell: impl Fn(&Leg, &str) -> Cell,
) -> Group {
    let row = |name: &&str| Row {
        what: (*name).to_owned(),
        cells: legs.iter().map(|leg| cell(leg, name)).collect(),
    };
    Group { title, rows: names.iter().map(row).collect() }
}

fn scopes<'l>(legs: &[&'l Leg]) -> BTreeSet<&'l str> {
    legs.iter().flat_map(|leg| leg.scopes.iter().flatten()).map(|scope| scope.as_str()).collect()
}

fn tools<'l>(legs: &[&'l Leg]) -> BTreeSet<&'l str> {
    let named = legs.iter().flat_map(|leg| leg.tools.iter().flat_map(BTreeMap::keys));
    let blocked = legs.iter().flat_map(|leg| &leg.blocked_tools);
    named.chain(blocked).map(String::as_str).collect()
}

fn limits<'l>(legs: &[&'l Leg]) -> BTreeSet<&'l str> {
    legs.iter().flat_map(|leg| leg.limits.keys()).map(String::as_str).collect()
}

fn cell(mark: Mark, note: impl Into<String>) -> Cell {
    Cell { mark, note: note.into() }
}

fn scope(leg: &Leg, name: &str) -> Cell {
    match &leg.scopes {
        None => cell(Mark::Silent, ""),
        Some(scopes) if scopes.iter().any(|scope| scope.as_str() == name) => cell(Mark::Allows, ""),
        Some(_) => cell(Mark::Refuses, ""),
    }
}

fn tool(leg: &Leg, name: &str) -> Cell {
    if leg.blocked_tools.contains(name) {
        return cell(Mark::Refuses, "blocked");
    }
    let Some(tools) = &leg.tools else { return cell(Mark::Silent, "") };
    tools.get(name).map_or_else(|| cell(Mark::Refuses, ""), |map| cell(Mark::Allows, words::arguments(map)))
}

fn limit(leg: &Leg, name: &str) -> Cell {
    let said = |constraint| cell(Mark::Bounds, words::of("", constraint));
    leg.limits.get(name).map_or_else(|| cell(Mark::Silent, ""), said)
}

fn terms(legs: &[&Leg], outcome: &Leg) -> Group {
    let row = |what: &str, said: &dyn Fn(&Leg) -> Option<String>| Row {
        what: what.to_owned(),
        cells: legs
            .iter()
            .map(|leg| said(leg).map_or_else(|| cell(Mark::Silent, ""), |text| cell(Mark::Bounds, text)))
            .collect(),
    };
    let mut rows = vec![row("lifetime", &|leg| leg.ttl_secs.map(words::seconds))];
    rows.push(row("delegations", &|leg| match (leg.may_delegate, leg.max_depth) {
        (Some(false), _) => Some("none".to_owned()),
        (_, depth) => depth.map(|depth| format!("at most {depth}")),
    }));
    if outcome.uses.is_some() {
        rows.push(row("uses", &|leg| leg.uses.map(|uses| uses.to_string())));
    }
    Group { title: "Terms", rows }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use deputy_engine::{Ceiling as Answer, CeilingLeg};
    use deputy_mandate::{Leg, Scope};

    use super::table;
    use crate::pages::ceiling::Mark;

    fn leg(scopes: &str) -> Leg {
        Leg { scopes: Some(Scope::parse_list(scopes).unwrap()), ..Leg::default() }
    }

    fn answer(legs: Vec<Leg>, ceiling: Option<Leg>) -> Answer {
        let names = ["role_bindings", "allowed_scopes"];
        let legs = legs.into_iter().zip(names);
        Answer {
            agent: "a".into(),
            audience: "https://a.example/".into(),
            legs: legs.map(|(allows, name)| CeilingLeg { name, from: vec![], allows }).collect(),
            ceiling,
        }
    }

    #[test]
    fn a_row_says_which_leg_refuses() {
        let shown = table(&answer(vec![leg("read write"), leg("read")], Some(leg("read"))));
        assert_eq!(shown.legs, ["Role bindings", "Allowed scopes"]);
        let write = &shown.groups[0].rows[1];
        let marks: Vec<Mark> = write.cells.iter().map(|cell| cell.mark).collect();
        assert_eq!((write.what.as_str(), marks), ("write", vec![Mark::Allows, Mark::Refuses, Mark::Refuses]));
    }

    #[test]
    fn blocking_comes_before_allowing() {
        let tools = BTreeMap::from([("shell".to_owned(), BTreeMap::new())]);
        let blocked =
            Leg { tools: Some(tools), blocked_tools: ["shell".to_owned()].into(), ..Leg::default() };
        let shown = table(&answer(vec![blocked.clone()], Some(blocked)));
        assert_eq!(shown.groups[0].rows[0].cells[0].note, "blocked");
    }

    #[test]
    fn legs_that_name_nothing_are_an_empty_table() {
        assert!(table(&answer(vec![Leg::default()], Some(Leg::default()))).groups.is_empty());
    }

    #[test]
    fn contradiction_lets_nothing_through() {
        let shown = table(&answer(vec![leg("read")], None));
        assert_eq!(shown.groups[0].rows[0].cells[1].mark, Mark::Refuses);
    }
}
