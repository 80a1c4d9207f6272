//! The checks that a mandate and a leg share: what is stated decides, what is unstated does not.

use std::collections::BTreeSet;

use super::limits;
use super::reason::Reason;
use super::{ReasonCode, Request};
use crate::constraint::{Constraint, Outcome};
use crate::json::{Kind, Members, Value};
use crate::leg::Leg;
use crate::mandate::{ArgumentMap, Binding, LimitMap, Mandate, NameMap, ToolMap};
use crate::scope::Scope;

/// The authority of a mandate or a leg, borrowed.
pub(super) struct Authority<'a> {
    scopes: Option<&'a BTreeSet<Scope>>,
    tools: Option<&'a ToolMap>,
    blocked_tools: &'a BTreeSet<String>,
    limits: &'a LimitMap,
    declared: &'a NameMap,
    limit_required: &'a NameMap,
    audience: Option<&'a BTreeSet<String>>,
    binding: &'a Binding,
}

impl<'a> From<&'a Mandate> for Authority<'a> {
    fn from(mandate: &'a Mandate) -> Self {
        Self {
            scopes: Some(&mandate.scopes),
            tools: Some(&mandate.tools),
            blocked_tools: &mandate.blocked_tools,
            limits: &mandate.limits,
            declared: &mandate.declared,
            limit_required: &mandate.limit_required,
            audience: Some(&mandate.audience),
            binding: &mandate.binding,
        }
    }
}

impl<'a> From<&'a Leg> for Authority<'a> {
    fn from(leg: &'a Leg) -> Self {
        Self {
            scopes: leg.scopes.as_ref(),
            tools: leg.tools.as_ref(),
            blocked_tools: &leg.blocked_tools,
            limits: &leg.limits,
            declared: &leg.declared,
            limit_required: &leg.limit_required,
            audience: leg.audience.as_ref(),
            binding: &leg.binding,
        }
    }
}

/// What makes a request malformed whatever the authority.
pub(super) fn well_formed(request: &Request, out: &mut Vec<Reason>) {
    if request.scope.is_none() && request.tool.is_none() {
        out.push(Reason::of(ReasonCode::Malformed).message("The request names neither a scope nor a tool."));
    }
    for (name, value) in [("arguments", &request.arguments), ("context", &request.context)] {
        if value.kind() != Kind::Object {
            let sentence = format!("The member `{name}` is not a JSON object.");
            out.push(Reason::of(ReasonCode::Malformed).field(name).message(sentence));
        }
    }
}

impl Authority<'_> {
    /// Appends every reason against `request`.
    pub(super) fn collect(&self, request: &Request, out: &mut Vec<Reason>) {
        self.audience(request, out);
        self.binding(request, out);
        if let (Some(scope), Some(held)) = (&request.scope, self.scopes)
            && !held.contains(scope)
        {
            let sentence = format!("The mandate does not hold the scope `{scope}`.");
            out.push(Reason::of(ReasonCode::ScopeMissing).field(scope.as_str()).message(sentence));
        }
        if let Some(tool) = &request.tool {
            self.tool(tool, &request.arguments, out);
        }
        limits::collect(self.limits, request, out);
    }

    fn audience(&self, request: &Request, out: &mut Vec<Reason>) {
        if let (Some(wanted), Some(held)) = (&request.audience, self.audience)
            && !held.contains(wanted)
        {
            let sentence = format!("The credential is not for the audience `{wanted}`.");
            let value = Value::String(wanted.clone());
            out.push(
                Reason::of(ReasonCode::AudienceMismatch).field("audience").value(&value).message(sentence),
            );
        }
    }

    fn binding(&self, request: &Request, out: &mut Vec<Reason>) {
        for ((name, bound), (_, carried)) in self.binding.members().into_iter().zip(request.binding.members())
        {
            let Some(bound) = bound.filter(|bound| carried != Some(bound)) else { continue };
            let reason = Reason::of(ReasonCode::BindingMismatch).field(name).limit(bound.into());
            out.push(match carried {
                Some(carried) => reason
                    .value(&carried.into())
                    .message(format!("The credential is bound to another {name}.")),
                None => reason
                    .message(format!("The credential is bound to a {name}, and the request names none.")),
            });
        }
    }

    fn tool(&self, tool: &str, arguments: &Value, out: &mut Vec<Reason>) {
        static NONE: Members = Members::new();
        let arguments = arguments.as_object().unwrap_or(&NONE);
        let blocked = self.blocked_tools.contains(tool);
        if blocked {
            let sentence = format!("The tool `{tool}` is blocked.");
            out.push(Reason::of(ReasonCode::ToolBlocked).field(tool).message(sentence));
        }
        if let Some(tools) = self.tools {
            match tools.get(tool).filter(|_| !blocked) {
                Some(map) => closed_world(tool, map, arguments, out),
                None => {
                    let sentence = format!("The mandate does not hold the tool `{tool}`.");
                    out.push(Reason::of(ReasonCode::ToolNotAllowed).field(tool).message(sentence));
                }
            }
        }
        if let Some(known) = self.declared.get(tool) {
            for name in arguments.keys().filter(|name| !known.contains(*name)) {
                out.push(undeclared(tool, name));
            }
        }
        if let Some(required) = self.limit_required.get(tool) {
            for name in required.iter().filter(|name| !arguments.contains_key(*name)) {
                out.push(missing(tool, name));
            }
        }
    }
}

/// A non-empty map takes exactly its arguments, each within its constraint.
fn closed_world(tool: &str, map: &ArgumentMap, arguments: &Members, out: &mut Vec<Reason>) {
    if map.is_empty() {
        return;
    }
    for name in arguments.keys().filter(|name| !map.contains_key(*name)) {
        out.push(undeclared(tool, name));
    }
    for (name, constraint) in map {
        match arguments.get(name) {
            Some(value) => {
                if let Some(code) = failure(constraint.check(value)) {
                    out.push(argument(code, name, constraint, value));
                }
            }
            None => out.push(missing(tool, name)),
        }
    }
}

pub(super) const fn failure(outcome: Outcome) -> Option<ReasonCode> {
    match outcome {
        Outcome::Pass => None,
        Outcome::Violated => Some(ReasonCode::ConstraintViolated),
        Outcome::Mismatch => Some(ReasonCode::TypeMismatch),
        Outcome::Unknown => Some(ReasonCode::UnknownConstraint),
    }
}

fn argument(code: ReasonCode, name: &str, constraint: &Constraint, value: &Value) -> Reason {
    let sentence = match code {
        ReasonCode::TypeMismatch => {
            format!(
                "The argument `{name}` is of type {}, which its constraint never passes.",
                value.kind().as_str()
            )
        }
        ReasonCode::UnknownConstraint => {
            format!("The argument `{name}` has a constraint of a type not known here.")
        }
        _ => format!("The argument `{name}` is outside its constraint."),
    };
    Reason::constrained(code, name, constraint, value).message(sentence)
}

fn undeclared(tool: &str, name: &str) -> Reason {
    let sentence = format!("The tool `{tool}` takes no argument `{name}`.");
    Reason::of(ReasonCode::ArgumentNotDeclared).field(name).message(sentence)
}

fn missing(tool: &str, name: &str) -> Reason {
    let sentence = format!("A call of the tool `{tool}` must carry the argument `{name}`.");
    Reason::of(ReasonCode::ArgumentMissing).field(name).message(sentence)
}
