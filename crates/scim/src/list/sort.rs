//! Sorting (RFC 7644 section 3.4.2.3).
//!
//! Values compare as the attribute says: folded unless `caseExact`, instants by time, booleans false first. Of a
//! multi-valued attribute the primary entry counts, else the first. What has no value comes last, in descending
//! order first.

use std::cmp::Ordering;

use serde_json::Value;

use super::QueryError;
use crate::filter::Literal;
use crate::path::Path;
use crate::resource::Resource;
use crate::schema::{ResourceType, Returned, Type};
use crate::text::shown;

/// An attribute and a direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// What is sorted by; of a complex attribute its `value`.
    pub path: Path,
    /// From the greatest to the least.
    pub descending: bool,
}

/// What a resource is sorted by: its cursor holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// A number, a boolean as 0 or 1, or an instant in milliseconds.
    Number(i64),
    /// Text, folded unless the attribute is `caseExact`.
    Text(String),
}

impl Sort {
    /// Resolves `sortBy`.
    ///
    /// # Errors
    /// [`QueryError::SortBy`] when there is no such attribute, or it has no order.
    pub fn parse(text: &str, descending: bool, resource: &ResourceType) -> Result<Self, QueryError> {
        let unsorted = || QueryError::SortBy(shown(text));
        let mut path = Path::parse(text, resource).map_err(|_| unsorted())?;
        if path.leaf().kind == Type::Complex {
            path = path.with(Some(path.attribute.value_sub().ok_or_else(unsorted)?));
        }
        let leaf = path.leaf();
        let ordered = !matches!(leaf.kind, Type::Binary | Type::Decimal | Type::Complex);
        if ordered && leaf.returned != Returned::Never {
            Ok(Self { path, descending })
        } else {
            Err(unsorted())
        }
    }

    /// What a resource is sorted by; none when it has no value.
    #[must_use]
    pub fn key(&self, resource: &Resource) -> Option<SortKey> {
        let value = match self.path.whole(resource.body())? {
            Value::Array(entries) => {
                let primary =
                    entries.iter().find(|entry| entry.get("primary").and_then(Value::as_bool) == Some(true));
                primary.or_else(|| entries.first())?
            }
            value => value,
        };
        let value = match self.path.sub {
            Some(sub) => value.get(sub.name)?,
            None => value,
        };
        match Literal::typed(value, self.path.leaf(), false)? {
            Literal::Text(text) => (!text.is_empty()).then_some(SortKey::Text(text)),
            Literal::Boolean(value) => Some(SortKey::Number(i64::from(value))),
            Literal::Integer(value) | Literal::Instant(value) => Some(SortKey::Number(value)),
            Literal::Decimal(_) => None,
        }
    }

    /// The order of two resources, by id where their keys are equal.
    #[must_use]
    pub fn compare(&self, a: &Resource, b: &Resource) -> Ordering {
        let rank = |resource: &Resource| {
            let key = self.key(resource);
            (key.is_none(), key)
        };
        let by_key = rank(a).cmp(&rank(b));
        let by_key = if self.descending { by_key.reverse() } else { by_key };
        by_key.then_with(|| a.text("id").cmp(&b.text("id")))
    }
}
