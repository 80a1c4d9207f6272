//! The bounds of what is parsed or sealed, so that every check of a credential ends in bounded time.
//!
//! Intermediate meets may exceed them; a grant that does is refused.

use super::{LimitMap, Mandate, ToolMap};
use crate::constraint::Constraint;
use crate::json::MAX_NESTING;

/// Most tools in one mandate.
pub const MAX_TOOLS: usize = 256;
/// Most constraint nodes for one tool.
pub const MAX_TOOL_NODES: usize = 64;
/// Most constraint nodes for all limits together.
pub const MAX_LIMIT_NODES: usize = 64;
/// Most bytes of a mandate's text, as of any credential.
pub const MAX_TEXT: usize = 64 * 1024;
/// Most uses that can be told apart in JSON; a larger number is read as this one.
pub const MAX_USES: u64 = (1 << 53) - 1;
/// Nesting above a tool's constraints in any sealed form: the claims, the array of details, its entry, the tools
/// and one tool's arguments.
const ABOVE: usize = 5;

/// A bound that a mandate breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoundError {
    /// More than [`MAX_TOOLS`] tools.
    #[error("{count} tools, {MAX_TOOLS} are allowed")]
    Tools {
        /// How many there are.
        count: usize,
    },
    /// More than [`MAX_TOOL_NODES`] constraints for a tool.
    #[error("`{tool}` has {count} constraints, {MAX_TOOL_NODES} are allowed")]
    ToolNodes {
        /// Which tool.
        tool: String,
        /// How many there are.
        count: usize,
    },
    /// More than [`MAX_LIMIT_NODES`] constraints for the limits.
    #[error("the limits have {count} constraints, {MAX_LIMIT_NODES} are allowed")]
    LimitNodes {
        /// How many there are.
        count: usize,
    },
    /// A constraint that would nest deeper than [`MAX_NESTING`] once sealed.
    #[error("the constraint of `{name}` nests too deep")]
    Nesting {
        /// The argument or limit.
        name: String,
    },
    /// A text longer than [`MAX_TEXT`].
    #[error("{bytes} bytes, {MAX_TEXT} are allowed")]
    Text {
        /// How long it is.
        bytes: usize,
    },
}

impl Mandate {
    /// Verifies the bounds of a mandate that is parsed or sealed.
    ///
    /// # Errors
    /// The first [`BoundError`].
    pub fn verify_bounds(&self) -> Result<(), BoundError> {
        verify(&self.tools, &self.limits)
    }
}

pub(crate) fn verify(tools: &ToolMap, limits: &LimitMap) -> Result<(), BoundError> {
    verify_entries(tools.iter().map(|(tool, arguments)| (tool.as_str(), named(arguments))), named(limits))
}

fn named(map: &LimitMap) -> impl Iterator<Item = (&str, &Constraint)> + Clone {
    map.iter().map(|(name, constraint)| (name.as_str(), constraint))
}

/// The same of what is kept in any other way.
pub(super) fn verify_entries<'m, A>(
    tools: impl Iterator<Item = (&'m str, A)> + Clone,
    limits: impl Iterator<Item = (&'m str, &'m Constraint)> + Clone,
) -> Result<(), BoundError>
where
    A: Iterator<Item = (&'m str, &'m Constraint)> + Clone,
{
    let count = tools.clone().count();
    if count > MAX_TOOLS {
        return Err(BoundError::Tools { count });
    }
    for (tool, arguments) in tools.clone() {
        let count = nodes(arguments);
        if count > MAX_TOOL_NODES {
            return Err(BoundError::ToolNodes { tool: tool.to_owned(), count });
        }
    }
    let count = nodes(limits.clone());
    if count > MAX_LIMIT_NODES {
        return Err(BoundError::LimitNodes { count });
    }
    let mut all = tools.flat_map(|(_, arguments)| arguments).chain(limits);
    let deep = all.find(|(_, c)| ABOVE + nesting(c) > MAX_NESTING);
    deep.map_or(Ok(()), |(name, _)| Err(BoundError::Nesting { name: name.to_owned() }))
}

fn nodes<'m>(constraints: impl Iterator<Item = (&'m str, &'m Constraint)>) -> usize {
    constraints.fold(0, |sum, (_, c)| sum.saturating_add(c.nodes()))
}

/// How deep the wire form of a constraint nests.
fn nesting(constraint: &Constraint) -> usize {
    use crate::json::Value;
    fn value(v: &Value) -> usize {
        match v {
            Value::Array(items) => 1 + items.iter().map(value).max().unwrap_or(0),
            Value::Object(members) => 1 + members.values().map(value).max().unwrap_or(0),
            _ => 0,
        }
    }
    match constraint {
        Constraint::Exact(v) => 1 + value(v),
        Constraint::Unknown(v) => value(v),
        Constraint::OneOf(list)
        | Constraint::NotOneOf(list)
        | Constraint::Contains(list)
        | Constraint::Subset(list) => 2 + list.iter().map(value).max().unwrap_or(0),
        Constraint::All(clauses) | Constraint::Any(clauses) => {
            2 + clauses.iter().map(nesting).max().unwrap_or(0)
        }
        Constraint::Range(_) | Constraint::Wildcard | Constraint::PathContainment(_) => 1,
    }
}
