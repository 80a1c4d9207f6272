//! Limits: every member of a limit's name is checked, at any depth of the arguments and the context.
//!
//! The walk allocates nothing unless something is denied: the way to a member is a list on the stack.

use std::fmt;

use super::check::failure;
use super::reason::Reason;
use super::{ReasonCode, Request};
use crate::json::Value;
use crate::mandate::LimitMap;

pub(super) fn collect(limits: &LimitMap, request: &Request, out: &mut Vec<Reason>) {
    if limits.is_empty() {
        return;
    }
    for (name, limit) in limits.iter().filter(|(_, limit)| limit.has_unknown()) {
        // Denied whether or not the dimension is named: what is not understood is never skipped.
        let sentence = format!("The limit `{name}` has a type not known here.");
        let reason = Reason::of(ReasonCode::UnknownConstraint).field(name).limit(limit.to_value());
        out.push(reason.message(sentence).among_limits());
    }
    walk(&request.arguments, &Trail::Root("arguments"), limits, out);
    walk(&request.context, &Trail::Root("context"), limits, out);
}

fn walk(value: &Value, trail: &Trail<'_>, limits: &LimitMap, out: &mut Vec<Reason>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let here = Trail::Member(trail, name);
                judge(name, member, &here, limits, out);
                walk(member, &here, limits, out);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                walk(item, &Trail::Item(trail, i), limits, out);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn judge(name: &str, value: &Value, here: &Trail<'_>, limits: &LimitMap, out: &mut Vec<Reason>) {
    let Some(limit) = limits.get(name) else { return };
    let sentence = match failure(limit.check(value)) {
        // An unknown limit has been reported once already.
        None | Some(ReasonCode::UnknownConstraint) => return,
        Some(code @ ReasonCode::TypeMismatch) => {
            let kind = value.kind().as_str();
            (code, format!("`{here}` is of type {kind}, which the limit `{name}` never passes."))
        }
        Some(code) => (code, format!("`{here}` is outside the limit `{name}`.")),
    };
    let (code, sentence) = sentence;
    out.push(Reason::constrained(code, name, limit, value).message(sentence).among_limits());
}

/// The way from the request to a member, innermost first.
enum Trail<'a> {
    Root(&'static str),
    Member(&'a Trail<'a>, &'a str),
    Item(&'a Trail<'a>, usize),
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
