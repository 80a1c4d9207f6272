//! Why a narrowing is refused, in one sentence that names the member and says what the parent has.

use deputy_mandate::{Constraint, Mandate, Narrowing, Scope, ToolMap};

use crate::pages::when::iso;
use crate::words;

/// How two constraints compare: the order of mandates, or the draft's table.
pub(super) type Below = fn(&Constraint, &Constraint) -> bool;

/// The sentence for a stated member that is not below the parent's.
pub(super) fn member(name: &str, stated: &Narrowing, parent: &Mandate) -> String {
    let said = match name {
        "scopes" => stated.scopes.as_ref().map(|own| {
            let more = Scope::write_list(own.difference(&parent.scopes));
            format!("it does not have `{more}`; it has {}", or_none(&Scope::write_list(&parent.scopes)))
        }),
        "tools" => stated.tools.as_ref().and_then(|own| tools(own, parent, Constraint::is_below)),
        "limits" => stated.limits.as_ref().and_then(|own| {
            let wider = |(name, limit): (&String, &Constraint)| {
                let asked = own.get(name)?;
                let wider = !asked.is_below(limit);
                wider.then(|| {
                    format!("`{name}` would be {}, and it has {}", words::said(asked), words::said(limit))
                })
            };
            parent.limits.iter().find_map(wider)
        }),
        "binding" => stated.binding.as_ref().and_then(|own| {
            let differs = own
                .members()
                .into_iter()
                .zip(parent.binding.members())
                .find(|((_, a), (_, b))| a.is_some() && b.is_some() && a != b);
            differs
                .map(|(_, (what, held))| format!("it is bound to the {what} `{}`", held.unwrap_or_default()))
        }),
        "expires_at" => Some(format!("it ends at {}", iso(parent.expires_at.0))),
        "max_depth" => Some(format!("its chain may have {} delegations", parent.max_depth)),
        "may_delegate" => Some("it may not delegate".to_owned()),
        "uses" => parent.uses.map(|uses| format!("it has {uses} uses")),
        "cnf" => Some("it is bound to a key already, and the first key of a chain is final".to_owned()),
        _ => None,
    };
    let said = said.unwrap_or_else(|| "it has less".to_owned());
    format!("`{name}` would be wider than the parent's: {said}")
}

/// The first tool that is not below the parent's.
pub(super) fn tools(own: &ToolMap, parent: &Mandate, below: Below) -> Option<String> {
    own.iter().find_map(|(tool, arguments)| {
        let Some(outer) = parent.tools.get(tool) else {
            if parent.blocked_tools.contains(tool) {
                return Some(format!("the tool `{tool}` is blocked"));
            }
            let names: Vec<&str> = parent.tools.keys().map(String::as_str).collect();
            return Some(format!("it has no tool `{tool}`; it has {}", or_none(&names.join(", "))));
        };
        if outer.is_empty() {
            return None;
        }
        if let Some(more) = arguments.keys().find(|name| !outer.contains_key(*name)) {
            let names: Vec<&str> = outer.keys().map(String::as_str).collect();
            return Some(format!("`{tool}` takes no argument `{more}`; it takes {}", names.join(", ")));
        }
        outer.iter().find_map(|(name, limit)| {
            let Some(asked) = arguments.get(name) else {
                return Some(format!("`{tool}` must keep its argument `{name}`"));
            };
            (!below(asked, limit)).then(|| {
                let (asked, limit) = (words::said(asked), words::said(limit));
                format!("the argument `{name}` of `{tool}` would be: {asked}; it has: {limit}")
            })
        })
    })
}

fn or_none(list: &str) -> String {
    if list.is_empty() { "none".to_owned() } else { format!("`{list}`") }
}
