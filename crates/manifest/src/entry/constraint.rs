//! Constraints as people write them: the shorthand (`{max: 500}`) and the wire form (`{constraint_type: range, …}`).
//!
//! Invariant: shorthand is only another spelling; what it means is the constraint of its wire form and nothing
//! else. Both spellings are accepted wherever a constraint is expected, inside other constraints too.

use std::collections::BTreeMap;

use deputy_mandate::{Constraint, MAX_TEXT, MAX_TOOL_NODES, Value};

use super::json;
use crate::reader::{Members, Report};
use crate::words::{list, nearest, quoted};
use crate::yaml::{Kind, Node};

/// The member that tells the wire form from the shorthand.
const TYPE: &str = "constraint_type";

/// How deep constraints may nest so that they can still be sealed (mandates section 2), each being an object in an
/// array.
const MAX_LEVELS: usize = 12;

/// What the shorthand knows.
const SHORTHAND: [&str; 9] =
    ["max", "min", "max_inclusive", "min_inclusive", "exact", "one_of", "not_one_of", "any", "within"];

/// What the value of a member looks like.
#[derive(Clone, Copy)]
enum Shape {
    Scalar,
    Scalars,
    Values,
    Number,
    Flag,
    Text,
    Constraints,
}

/// A member of the wire form.
struct Part {
    name: &'static str,
    shape: Shape,
    required: bool,
}

const fn part(name: &'static str, shape: Shape) -> Part {
    Part { name, shape, required: true }
}

const fn option(name: &'static str, shape: Shape) -> Part {
    Part { name, shape, required: false }
}

/// The wire forms (mandates section 2).
const WIRE: [(&str, &[Part]); 10] = [
    ("exact", &[part("value", Shape::Scalar)]),
    (
        "range",
        &[
            option("min", Shape::Number),
            option("max", Shape::Number),
            option("min_inclusive", Shape::Flag),
            option("max_inclusive", Shape::Flag),
        ],
    ),
    ("one_of", &[part("values", Shape::Scalars)]),
    ("not_one_of", &[part("excluded", Shape::Scalars)]),
    ("contains", &[part("required", Shape::Values)]),
    ("subset", &[part("allowed", Shape::Values)]),
    ("wildcard", &[]),
    ("all", &[part("constraints", Shape::Constraints)]),
    ("any", &[part("constraints", Shape::Constraints)]),
    ("path_containment", &[part("root", Shape::Text)]),
];

/// A constraint in either spelling, in normal form.
pub(crate) fn read<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<Constraint> {
    let wire = read_either(report, node)?;
    let size = wire.to_canonical().len();
    if size > MAX_TEXT {
        report.note(
            node.at,
            format!("this constraint has {size} bytes, and a credential holds {MAX_TEXT}: make it smaller"),
        );
        return None;
    }
    let constraint = match Constraint::from_value(&wire) {
        Ok(constraint) => constraint,
        Err(why) => {
            report.note(node.at, format!("this constraint cannot be used: {why}"));
            return None;
        }
    };
    if constraint.nodes() > MAX_TOOL_NODES || levels(&constraint) > MAX_LEVELS {
        report.note(node.at, format!("this constraint is too large: at most {MAX_TOOL_NODES} constraints in one, nested at most {MAX_LEVELS} deep"));
        return None;
    }
    Some(constraint.normalized())
}

/// How deep constraints nest in constraints.
fn levels(constraint: &Constraint) -> usize {
    constraint.clauses().iter().map(levels).max().unwrap_or(0) + 1
}

/// The wire form of a constraint in either spelling.
fn read_either<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<Value> {
    match &node.kind {
        Kind::Mapping(_) if node.member(TYPE).is_some() => read_wire(report, node),
        Kind::Mapping(_) => read_shorthand(report, node),
        Kind::Scalar { .. } => {
            report.unexpected(node, "a constraint is a mapping, such as `{exact: USD}` or `{max: 500}`")
        }
        Kind::Sequence(_) => report.unexpected(node, "a constraint is a mapping, such as `{one_of: [a, b]}`"),
        Kind::Refused => None,
    }
}

fn read_wire<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<Value> {
    let named = node.member(TYPE)?;
    let kind = report.within(TYPE, |report| report.text(named))?;
    let Some((kind, parts)) = WIRE.iter().find(|(name, _)| *name == kind) else {
        let names = WIRE.iter().map(|(name, _)| *name);
        let hint = match nearest(kind, names.clone()) {
            Some(meant) => format!("did you mean {}?", quoted(meant)),
            None => format!("there are {}", list(names)),
        };
        report.within(TYPE, |report| {
            report.note(named.at, format!("{} is no constraint type: {hint}", quoted(kind)))
        });
        return None;
    };
    let known: Vec<&'static str> = std::iter::once(TYPE).chain(parts.iter().map(|part| part.name)).collect();
    let members = report.members(node, &format!("a constraint of type `{kind}`"), &known)?;
    let mut wire = Wire::new(kind);
    let mut complete = true;
    for part in *parts {
        let value = if part.required {
            let why = format!("a constraint of type `{kind}` says it");
            members
                .required(report, part.name, &why, |report, node| read_part(report, node, part.shape))
                .map(Some)
        } else {
            members.optional(report, part.name, |report, node| read_part(report, node, part.shape))
        };
        match value {
            Some(Some(value)) => wire.set(part.name, value),
            Some(None) => {}
            None => complete = false,
        }
    }
    complete.then(|| wire.finish())
}

fn read_part<'n>(report: &mut Report<'n>, node: &'n Node, shape: Shape) -> Option<Value> {
    match shape {
        Shape::Scalar => json::read_scalar(report, node),
        Shape::Scalars => report.list(node, |report, node| json::read_scalar(report, node)).map(Value::Array),
        Shape::Values => report.list(node, json::read).map(Value::Array),
        Shape::Number => json::read_number(report, node),
        Shape::Flag => report.boolean(node).map(Value::from),
        Shape::Text => report.text(node).map(Value::from),
        Shape::Constraints => report.list(node, read_either).map(Value::Array),
    }
}

fn read_shorthand<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<Value> {
    let members = report.members(node, "a constraint", &SHORTHAND)?;
    if members.entries.is_empty() {
        report.note(node.at, "a constraint says something: write `{any: true}` where every value may pass");
        return None;
    }
    let clauses = [
        read_range(members, report)?,
        clause(members, report, "exact", "exact", "value", Shape::Scalar)?,
        clause(members, report, "one_of", "one_of", "values", Shape::Scalars)?,
        clause(members, report, "not_one_of", "not_one_of", "excluded", Shape::Scalars)?,
        clause(members, report, "within", "path_containment", "root", Shape::Text)?,
        read_any(members, report)?,
    ];
    let mut clauses: Vec<Value> = clauses.into_iter().flatten().collect();
    match (clauses.pop(), clauses.is_empty()) {
        (Some(only), true) => Some(only),
        (Some(last), false) => {
            clauses.push(last);
            let mut wire = Wire::new("all");
            wire.set("constraints", Value::Array(clauses));
            Some(wire.finish())
        }
        // Every member was unknown, which has been noted.
        (None, _) => None,
    }
}

/// One clause of the shorthand. The outer `None` says that it is there and wrong.
fn clause<'n>(
    members: Members<'n>,
    report: &mut Report<'n>,
    name: &'static str,
    kind: &str,
    member: &str,
    shape: Shape,
) -> Option<Option<Value>> {
    let value = members.optional(report, name, |report, node| read_part(report, node, shape))?;
    Some(value.map(|value| {
        let mut wire = Wire::new(kind);
        wire.set(member, value);
        wire.finish()
    }))
}

/// `max`, which writes `min: 0` too, and `min`.
fn read_range<'n>(members: Members<'n>, report: &mut Report<'n>) -> Option<Option<Value>> {
    let number = |report: &mut Report<'n>, node| json::read_number(report, node);
    let flag = |report: &mut Report<'n>, node| report.boolean(node);
    let max = members.optional(report, "max", number);
    let min = members.optional(report, "min", number);
    let max_inclusive = members.optional(report, "max_inclusive", flag);
    let min_inclusive = members.optional(report, "min_inclusive", flag);
    let (max, min, max_inclusive, min_inclusive) = (max?, min?, max_inclusive?, min_inclusive?);
    if max.is_none() && min.is_none() {
        if max_inclusive.is_some() || min_inclusive.is_some() {
            report.note(
                members.at,
                "`min_inclusive` and `max_inclusive` go with `min` and `max`: write the bound too",
            );
            return None;
        }
        return Some(None);
    }
    let mut wire = Wire::new("range");
    let floor = min.or_else(|| max.is_some().then(|| Value::from(0_u32)));
    if let (Some(Value::Number(floor)), Some(Value::Number(ceiling))) = (&floor, &max)
        && floor > ceiling
    {
        report.note(
            members.at,
            "nothing lies in this range: `max` alone starts at 0, and `min` may not be above `max`",
        );
        return None;
    }
    let flags = [("min_inclusive", min_inclusive), ("max_inclusive", max_inclusive)];
    for (name, bound) in [("min", floor), ("max", max)] {
        if let Some(bound) = bound {
            wire.set(name, bound);
        }
    }
    for (name, flag) in flags {
        if let Some(flag) = flag {
            wire.set(name, Value::from(flag));
        }
    }
    Some(Some(wire.finish()))
}

/// `any: true`, which stands alone.
fn read_any<'n>(members: Members<'n>, report: &mut Report<'n>) -> Option<Option<Value>> {
    let any = members.optional(report, "any", |report, node| match report.boolean(node)? {
        true if members.entries.len() == 1 => Some(()),
        true => report.unexpected(node, "`any: true` lets every value pass, so it stands alone"),
        false => report.unexpected(node, "`any` is `true` or absent"),
    })?;
    Some(any.map(|()| Wire::new("wildcard").finish()))
}

/// A wire form under construction.
struct Wire(BTreeMap<String, Value>);

impl Wire {
    fn new(kind: &str) -> Self {
        Self(BTreeMap::from([(TYPE.to_owned(), Value::from(kind))]))
    }

    fn set(&mut self, member: &str, value: Value) {
        self.0.insert(member.to_owned(), value);
    }

    fn finish(self) -> Value {
        Value::Object(self.0)
    }
}
