//! PATCH (RFC 7644 section 3.5.2).
//!
//! [`Patch::parse`] judges the message, [`Patch::apply`] gives the resource as all operations leave it, in their
//! order, or an error and no resource: it is all or nothing. What the tables do not let a client change is protected.
//!
//! # Where clients differ, and what is done
//!
//! * `op` in any case; `path` with or without URN, of core attributes too.
//! * Without a path the value's members are paths: names, URNs, `name.givenName`, `emails[type eq "work"].value`.
//!   Members that are read-only (`id`, `meta`) or unknown are left out there; as a path they are errors.
//! * `"True"` and `"False"` are booleans; one value stands for an array of one, and an array of one for a value; text
//!   stands for an object with that `value`. Null and, for an object, empty text remove.
//! * `attr[type eq "x"].sub` and `attr[type eq "x"]` make the entry when there is none; any other filter that
//!   matches nothing is `noTarget`.
//! * `remove` with a value removes those entries and no others. What is not there is removed already: a repeated
//!   operation changes nothing.
//! * An added entry that is primary takes that from the others.
//!
//! # Large groups
//!
//! [`Patch::split_members`] gives what a patch does to members as a [`MemberDelta`], for which the members need not
//! be read. Ask it first.

mod apply;
mod entries;
mod error;
mod members;
mod request;
mod target;

pub use error::{PatchError, PatchFault};
pub use members::{MemberDelta, Split};
pub use request::PATCH_URN;

use serde_json::{Map, Value};

use crate::resource::{Resource, Unknown};
use crate::schema::ResourceType;

use target::Target;

/// Most operations in one message; an operation without a path counts once for each of its members.
pub const MAX_OPERATIONS: usize = 1_000;

/// A PATCH message, judged and resolved against its resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    kind: &'static ResourceType,
    operations: Vec<Operation>,
    unknown: Unknown,
}

/// One change of one target.
#[derive(Debug, Clone, PartialEq)]
struct Operation {
    /// Its number in the message, from 1.
    number: usize,
    verb: Verb,
    target: Target,
    /// What the client sent; null is none.
    value: Option<Value>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Add,
    Replace,
    Remove,
}

impl Patch {
    /// Reads a PATCH message.
    ///
    /// # Errors
    /// [`PatchError`].
    pub fn parse(
        kind: &'static ResourceType,
        body: &Map<String, Value>,
        unknown: Unknown,
    ) -> Result<Self, PatchError> {
        let operations = request::operations(kind, body, unknown)?;
        Ok(Self { kind, operations, unknown })
    }

    /// Whether it does nothing, as far as the message says.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// The resource as the operations leave it.
    ///
    /// # Errors
    /// [`PatchError`]; nothing is changed then.
    pub fn apply(&self, resource: &Resource) -> Result<Resource, PatchError> {
        let mut body = resource.body().clone();
        for operation in &self.operations {
            apply::apply(operation, &mut body, self.unknown)
                .map_err(|fault| PatchError::Operation { number: operation.number, fault })?;
        }
        let patched = Resource::with_body(self.kind, body);
        patched.verify_required()?;
        Ok(patched)
    }
}

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
