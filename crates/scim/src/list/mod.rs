//! Lists (RFC 7644 sections 3.4.2 and 3.9, RFC 9865): what a query asks for, in which order, in which part, and the
//! message that answers it.

mod cursor;
mod error;
mod page;
mod projection;
mod query;
mod sort;

pub use cursor::Cursor;
pub use error::QueryError;
pub use page::{LIST_URN, ListResponse};
pub use projection::Projection;
pub use query::{ListQuery, Paging, SEARCH_URN};
pub use sort::{Sort, SortKey};

#[cfg(test)]
mod tests;
