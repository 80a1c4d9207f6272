//! `meta` (RFC 7643 section 3.1).

use serde_json::{Value, json};

use crate::instant::format_instant;
use crate::schema::ResourceType;

/// What the server says about a resource; instants are milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta<'a> {
    /// When it was made.
    pub created: i64,
    /// When it was last changed.
    pub last_modified: i64,
    /// Its entity tag, as it stands in the header.
    pub version: &'a str,
    /// The service's base URL and the resource's id: `{base}/Users/{id}`.
    pub base: &'a str,
    /// The resource's id.
    pub id: &'a str,
}

impl Meta<'_> {
    /// The URI of the resource, as it stands in `Location` too.
    #[must_use]
    pub fn location(&self, kind: &ResourceType) -> String {
        format!("{}{}/{}", self.base, kind.endpoint, self.id)
    }

    pub(super) fn value(&self, kind: &ResourceType) -> Value {
        let mut value = json!({
            "resourceType": kind.name,
            "version": self.version,
            "location": self.location(kind),
        });
        if let Some(members) = value.as_object_mut() {
            for (name, instant) in [("created", self.created), ("lastModified", self.last_modified)] {
                members.extend(format_instant(instant).map(|text| (name.to_owned(), text.into())));
            }
        }
        value
    }
}
