//! One requested tool against the legs, in order.
//!
//! Argument names that the request leaves out take the constraints of the ceiling; one that the ceiling does not
//! know makes the tool impossible to call, so the tool goes, and the leg that left it out is named.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Removed;
use crate::leg::{Leg, LegName};
use crate::mandate::{ArgumentMap, ToolMap, tools::meet_arguments};

pub(super) fn keep(
    legs: &[(LegName, Leg)],
    asked: &ToolMap,
    blocked: &BTreeSet<String>,
    removed: &mut Vec<Removed>,
) -> ToolMap {
    let mut kept = ToolMap::new();
    for (tool, arguments) in asked {
        match narrow(legs, tool, arguments) {
            // A tool that the request itself blocks was not taken away by anybody.
            Ok(narrowed) if !blocked.contains(tool) => {
                kept.insert(tool.clone(), narrowed);
            }
            Ok(_) => {}
            Err(by) => removed.push(Removed::tool(tool, by)),
        }
    }
    kept
}

/// The tool's arguments after every leg, or the first leg that leaves none.
fn narrow(legs: &[(LegName, Leg)], tool: &str, asked: &ArgumentMap) -> Result<ArgumentMap, LegName> {
    let mut ceiling = ArgumentMap::new();
    for (by, leg) in legs {
        if leg.blocked_tools.contains(tool) {
            return Err(*by);
        }
        let Some(tools) = &leg.tools else { continue };
        let given = tools.get(tool).ok_or(*by)?;
        ceiling = meet_arguments(&ceiling, given).ok_or(*by)?;
        if !ceiling.is_empty() && !asked.keys().all(|name| ceiling.contains_key(name)) {
            return Err(*by);
        }
    }
    let mut narrowed: ArgumentMap = BTreeMap::new();
    for (name, wanted) in asked {
        let met = match ceiling.remove(name) {
            Some(own) => own.meet(wanted),
            None => wanted.clone().normalized(),
        };
        narrowed.insert(name.clone(), met);
    }
    narrowed.append(&mut ceiling);
    Ok(narrowed)
}
