//! The RFC 8785 text of a constraint, written without building its value first.

use super::{Constraint, Range};
use crate::jcs::{ObjectWriter, write_array, write_value};
use crate::json::Value;

const TYPE: &str = "constraint_type";

impl Constraint {
    /// Appends the text of the wire form, the same as that of [`Constraint::to_value`].
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Unknown(value) => write_value(value, out),
            Self::Range(range) => range.write(out),
            Self::Wildcard => with(out, "wildcard", |_| {}),
            Self::Exact(value) => with(out, "exact", |o| o.member("value", |out| write_value(value, out))),
            Self::OneOf(values) => with(out, "one_of", |o| list(o, "values", values)),
            Self::NotOneOf(values) => with(out, "not_one_of", |o| list(o, "excluded", values)),
            Self::Contains(values) => with(out, "contains", |o| list(o, "required", values)),
            Self::All(clauses) => with(out, "all", |o| nested(o, clauses)),
            Self::Any(clauses) => with(out, "any", |o| nested(o, clauses)),
            Self::PathContainment(root) => {
                with(out, "path_containment", |o| o.text("root", &root.to_string()))
            }
            // The one type with a member that sorts before its type.
            Self::Subset(values) => {
                let mut object = ObjectWriter::open(out);
                list(&mut object, "allowed", values);
                object.text(TYPE, "subset");
                object.close();
            }
        }
    }

    /// The text by itself.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }
}

impl Range {
    fn write(&self, out: &mut String) {
        with(out, "range", |object| {
            for (bound, value, flag, inclusive) in [
                ("max", self.max, "max_inclusive", self.max_inclusive),
                ("min", self.min, "min_inclusive", self.min_inclusive),
            ] {
                if let Some(number) = value {
                    object.member(bound, |out| number.write_canonical(out));
                }
                if !inclusive {
                    object.flag(flag, false);
                }
            }
        });
    }
}

/// An object whose first member is the type, as it sorts; the name of a type needs no escape.
fn with(out: &mut String, kind: &'static str, rest: impl FnOnce(&mut ObjectWriter<'_>)) {
    out.push_str(r#"{"constraint_type":""#);
    out.push_str(kind);
    out.push('"');
    let mut object = ObjectWriter::resume(out);
    rest(&mut object);
    object.close();
}

fn list(object: &mut ObjectWriter<'_>, name: &str, values: &[Value]) {
    object.member(name, |out| write_array(values, out, write_value));
}

fn nested(object: &mut ObjectWriter<'_>, clauses: &[Constraint]) {
    object.member("constraints", |out| write_array(clauses, out, Constraint::write));
}
