//! The list message (RFC 7644 section 3.4.2, RFC 9865 section 2).

use serde_json::{Map, Value};

/// The URN of a list.
pub const LIST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// A page of resources.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListResponse {
    /// How many resources match in all; left out when it is not known.
    pub total: Option<u64>,
    /// The place of the first resource, counted from 1; only in index paging.
    pub start_index: Option<u64>,
    /// The cursor of the next page; none on the last, or in index paging.
    pub next_cursor: Option<String>,
    /// The resources, projected.
    pub resources: Vec<Value>,
}

impl ListResponse {
    /// A list that is complete, as `/Schemas` is.
    #[must_use]
    pub fn complete(resources: Vec<Value>) -> Self {
        Self {
            total: u64::try_from(resources.len()).ok(),
            start_index: Some(1),
            next_cursor: None,
            resources,
        }
    }

    /// The message as JSON; `itemsPerPage` is what came back.
    #[must_use]
    pub fn body(self) -> Value {
        let mut members = Map::new();
        members.insert("schemas".to_owned(), vec![LIST_URN].into());
        members.extend(self.total.map(|total| ("totalResults".to_owned(), total.into())));
        members.extend(self.start_index.map(|start| ("startIndex".to_owned(), start.into())));
        members.extend(self.next_cursor.map(|cursor| ("nextCursor".to_owned(), cursor.into())));
        members.insert("itemsPerPage".to_owned(), self.resources.len().into());
        members.insert("Resources".to_owned(), self.resources.into());
        Value::Object(members)
    }
}
