//! From a mandate to per-tool constraints, the one language that every verifier of the draft speaks.
//!
//! Invariant: of the calls that a token can express (a tool and its arguments; a proof of possession carries no
//! context and names no scope), the compiled tools allow exactly those that the mandate allows. Where that
//! cannot be had, nothing is compiled and the reason says why.
//!
//! A limit checks every member of its name at any depth. Under a closed map that comes to two things: the
//! argument of that name is met with it, and no argument may be able to hold a member of that name inside.

use deputy_mandate::{ArgumentMap, Constraint, Mandate, ToolMap, Value};

/// Why a mandate has no exact form as per-tool constraints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCompiled {
    /// It has scopes, which other verifiers ignore.
    #[error("an attenuating agent token carries tools only, and the grant has scopes")]
    Scopes,
    /// It is metered.
    #[error("an attenuating agent token cannot be metered, and the grant has `uses`")]
    Uses,
    /// It is bound to a task, contract or session.
    #[error("an attenuating agent token carries no binding, and the grant has one")]
    Binding,
    /// No tool is left.
    #[error("the grant has no tool")]
    NoTools,
    /// A limit of a type that this version does not know.
    #[error("the limit `{limit}` has a type not known here")]
    UnknownLimit {
        /// The limit.
        limit: String,
    },
    /// A tool of the catalogue takes any arguments: other verifiers would not know the declared ones.
    #[error("the catalogue declares the arguments of `{tool}`, and the grant does not constrain them")]
    DeclaredWithoutArguments {
        /// The tool.
        tool: String,
    },
    /// A tool takes any arguments, and there are limits that these would have to keep.
    #[error("`{tool}` takes any arguments, so the grant's limits cannot be written as constraints on them")]
    AnyArguments {
        /// The tool.
        tool: String,
    },
    /// A limit must be kept by an argument that the tool's map does not have: no call could be made.
    #[error("a call of `{tool}` must carry `{limit}`, which its arguments do not have")]
    LimitMissing {
        /// The tool.
        tool: String,
        /// The limit.
        limit: String,
    },
    /// The map has an argument that the catalogue does not declare: no call could be made.
    #[error("`{tool}` is constrained on `{argument}`, which the catalogue does not declare")]
    Undeclared {
        /// The tool.
        tool: String,
        /// The argument.
        argument: String,
    },
    /// An argument may hold a member of a limit's name inside, where no constraint reaches it.
    #[error(
        "the argument `{argument}` of `{tool}` may hold a member `{limit}` inside, out of a constraint's reach"
    )]
    Nested {
        /// The tool.
        tool: String,
        /// The argument.
        argument: String,
        /// The limit.
        limit: String,
    },
    /// An argument is named `*`, which has another meaning in the draft.
    #[error("`{tool}` has an argument named `*`")]
    ReservedArgument {
        /// The tool.
        tool: String,
    },
    /// A constraint that passes nothing, or of a type that this version does not know: other verifiers refuse
    /// a token that holds one.
    #[error("the constraint on `{argument}` of `{tool}` is not one that every verifier accepts")]
    Constraint {
        /// The tool.
        tool: String,
        /// The argument.
        argument: String,
    },
}

/// The tools that allow exactly what `mandate` allows, in normal form.
///
/// # Errors
/// [`NotCompiled`].
pub fn compile_tools(mandate: &Mandate) -> Result<ToolMap, NotCompiled> {
    if !mandate.scopes.is_empty() {
        return Err(NotCompiled::Scopes);
    }
    if mandate.uses.is_some() {
        return Err(NotCompiled::Uses);
    }
    if !mandate.binding.is_empty() {
        return Err(NotCompiled::Binding);
    }
    if let Some((limit, _)) = mandate.limits.iter().find(|(_, limit)| limit.has_unknown()) {
        return Err(NotCompiled::UnknownLimit { limit: limit.clone() });
    }
    let mandate = mandate.clone().normalized();
    let mut tools = ToolMap::new();
    for (tool, arguments) in &mandate.tools {
        tools.insert(tool.clone(), compile_arguments(&mandate, tool, arguments)?);
    }
    if tools.is_empty() {
        return Err(NotCompiled::NoTools);
    }
    Ok(tools)
}

fn compile_arguments(
    mandate: &Mandate,
    tool: &str,
    arguments: &ArgumentMap,
) -> Result<ArgumentMap, NotCompiled> {
    let tool = tool.to_owned();
    let declared = mandate.declared.get(&tool);
    if let Some(limit) =
        mandate.limit_required.get(&tool).into_iter().flatten().find(|name| !arguments.contains_key(*name))
    {
        return Err(NotCompiled::LimitMissing { tool, limit: limit.clone() });
    }
    if arguments.is_empty() {
        return match (declared, mandate.limits.is_empty()) {
            (Some(_), _) => Err(NotCompiled::DeclaredWithoutArguments { tool }),
            (None, false) => Err(NotCompiled::AnyArguments { tool }),
            (None, true) => Ok(ArgumentMap::new()),
        };
    }
    let mut compiled = ArgumentMap::new();
    for (argument, own) in arguments {
        if argument == "*" {
            return Err(NotCompiled::ReservedArgument { tool });
        }
        let argument = argument.clone();
        if declared.is_some_and(|known| !known.contains(&argument)) {
            return Err(NotCompiled::Undeclared { tool, argument });
        }
        let met = mandate.limits.get(&argument).map_or_else(|| own.clone(), |limit| own.meet(limit));
        if !is_well_formed(&met) {
            return Err(NotCompiled::Constraint { tool, argument });
        }
        if let Some(limit) = mandate.limits.keys().find(|limit| may_hold(&met, limit)) {
            return Err(NotCompiled::Nested { tool, argument, limit: limit.clone() });
        }
        compiled.insert(argument, met);
    }
    Ok(compiled)
}

/// Whether a value that passes `constraint` may hold a member `name`, at any depth.
fn may_hold(constraint: &Constraint, name: &str) -> bool {
    match constraint {
        Constraint::Exact(_)
        | Constraint::Range(_)
        | Constraint::NotOneOf(_)
        | Constraint::PathContainment(_)
        | Constraint::Unknown(_) => false,
        Constraint::OneOf(values) | Constraint::Subset(values) => {
            values.iter().any(|value| holds(value, name))
        }
        Constraint::Contains(_) | Constraint::Wildcard => true,
        Constraint::All(clauses) => clauses.iter().all(|clause| may_hold(clause, name)),
        Constraint::Any(clauses) => clauses.iter().any(|clause| may_hold(clause, name)),
    }
}

fn holds(value: &Value, name: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| holds(item, name)),
        Value::Object(members) => {
            members.contains_key(name) || members.values().any(|member| holds(member, name))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether the draft calls the constraint well-formed (its section 3.4), as far as this crate's reader leaves
/// that open: a `one_of` names a value, the bounds of a `range` do not cross and an exclusive one is there, and
/// every type is known.
pub(super) fn is_well_formed(constraint: &Constraint) -> bool {
    match constraint {
        Constraint::OneOf(values) => !values.is_empty(),
        Constraint::Range(range) => {
            let crossed = matches!((range.min, range.max), (Some(min), Some(max)) if min > max);
            !crossed
                && (range.min_inclusive || range.min.is_some())
                && (range.max_inclusive || range.max.is_some())
        }
        Constraint::Unknown(_) => false,
        other => other.clauses().iter().all(is_well_formed),
    }
}
