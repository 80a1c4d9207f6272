//! The RFC 8785 text of a mandate, whole or as the entry of an access token, written member by member.
//!
//! Members are named in the order in which the canonical form sorts them; a test holds the text against a
//! canonicalizer that knows nothing of mandates.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{ArgumentMap, Binding, Mandate, NameMap, ToolMap};
use crate::constraint::Constraint;
use crate::details::DETAILS_TYPE;
use crate::instant::Instant;
use crate::jcs::{ObjectWriter, write_array, write_object, write_string};
use crate::scope::Scope;

/// Which members are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Every member.
    Whole,
    /// What the claims `scope`, `aud`, `nbf` and `exp` do not hold, with the entry's type.
    Entry,
}

pub(crate) fn write(mandate: &Mandate, form: Form, out: &mut String) {
    let whole = form == Form::Whole;
    let mut object = ObjectWriter::open(out);
    if whole {
        object.member("audience", |out| names(&mandate.audience, out));
    }
    object.member("binding", |out| binding(&mandate.binding, out));
    object.member("blocked_tools", |out| names(&mandate.blocked_tools, out));
    object.member("declared", |out| name_map(&mandate.declared, out));
    if whole {
        object.member("expires_at", |out| instant(mandate.expires_at, out));
    }
    object.member("limit_required", |out| name_map(&mandate.limit_required, out));
    object.member("limits", |out| constraints(&mandate.limits, out));
    object.member("max_depth", |out| integer(mandate.max_depth, out));
    object.flag("may_delegate", mandate.may_delegate);
    if whole {
        object.member("not_before", |out| instant(mandate.not_before, out));
        object
            .member("scopes", |out| write_array(mandate.scopes.iter().map(Scope::as_str), out, write_string));
    }
    object.member("tools", |out| write_object(&mandate.tools, out, constraints));
    if !whole {
        object.text("type", DETAILS_TYPE);
    }
    if let Some(uses) = mandate.uses {
        object.member("uses", |out| integer(uses, out));
    }
    object.close();
}

/// Members of a mandate, for sealed forms that write some of them. Constraints are written as they are: the
/// caller brings them into normal form.
impl ObjectWriter<'_> {
    /// A non-negative integer, at most 2^53 − 1.
    pub fn integer(&mut self, name: &str, value: u64) {
        self.member(name, |out| integer(value, out));
    }

    /// A set of names.
    pub fn names(&mut self, name: &str, value: &BTreeSet<String>) {
        self.member(name, |out| names(value, out));
    }

    /// Constraints by name: `limits`.
    pub fn limits(&mut self, name: &str, value: &ArgumentMap) {
        self.member(name, |out| constraints(value, out));
    }

    /// Tools with their arguments.
    pub fn tools(&mut self, name: &str, value: &ToolMap) {
        self.member(name, |out| write_object(value, out, constraints));
    }

    /// A binding.
    pub fn binding(&mut self, name: &str, value: &Binding) {
        self.member(name, |out| binding(value, out));
    }
}

fn names(names: &BTreeSet<String>, out: &mut String) {
    write_array(names, out, |name, out| write_string(name, out));
}

fn name_map(map: &NameMap, out: &mut String) {
    write_object(map, out, names);
}

fn constraints(map: &ArgumentMap, out: &mut String) {
    write_object(map, out, Constraint::write);
}

fn binding(binding: &Binding, out: &mut String) {
    let mut object = ObjectWriter::open(out);
    for (name, value) in binding.members() {
        if let Some(value) = value {
            object.text(name, value);
        }
    }
    object.close();
}

fn instant(instant: Instant, out: &mut String) {
    integer(instant.0, out);
}

/// Integers are written as they are: one that a double would change is refused when it is read.
fn integer(value: impl std::fmt::Display, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{value}");
}
