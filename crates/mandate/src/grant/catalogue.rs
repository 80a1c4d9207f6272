//! The tenant's tool catalogue, and what the issuer seals from it.
//!
//! For a catalogued tool a call may carry no argument that the catalogue does not know, and must carry every
//! argument that a limit names. For a tool that is not catalogued and takes any arguments, a limit only binds
//! callers who name the dimension: it is advisory, and the grant says so.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Warning;
use crate::mandate::Mandate;

/// Tool → the names of its arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// The catalogued tools.
    pub tools: BTreeMap<String, BTreeSet<String>>,
}

impl Catalogue {
    /// Adds `declared` and `limit_required` for the tools of the mandate.
    pub(super) fn declare(&self, mut mandate: Mandate, warnings: &mut Vec<Warning>) -> Mandate {
        for (tool, arguments) in &mandate.tools {
            let Some(known) = self.tools.get(tool) else {
                if arguments.is_empty() && !mandate.limits.is_empty() {
                    warnings.push(Warning::LimitsAdvisory { tool: tool.clone() });
                }
                continue;
            };
            let declared = mandate.declared.entry(tool.clone()).or_insert_with(|| known.clone());
            declared.retain(|name| known.contains(name));
            if let Some(argument) = arguments.keys().find(|name| !declared.contains(*name)) {
                warnings.push(Warning::NeverCallable { tool: tool.clone(), argument: argument.clone() });
            }
            let required: BTreeSet<String> =
                mandate.limits.keys().filter(|name| known.contains(*name)).cloned().collect();
            if !required.is_empty() {
                mandate.limit_required.entry(tool.clone()).or_default().extend(required);
            }
        }
        mandate
    }
}
