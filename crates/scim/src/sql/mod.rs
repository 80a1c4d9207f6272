//! Filters and sort orders as SQL, over whatever tables the caller keeps resources in.
//!
//! [`compile`] turns a [`Filter`](crate::filter::Filter) into a condition that selects just the rows whose resources
//! the filter matches; a property test holds the two together. A caller says where attributes stand with a
//! [`Columns`]; what it does not place is refused as `invalidFilter`, never skipped.
//!
//! # What keeps it safe
//!
//! * Everything that comes from a request is bound. The text is made of `&'static str`: the caller's columns and the
//!   names of the tables in [`schema`](crate::schema).
//! * One `?` a value, in order, and no other question mark.
//! * Negation is pushed down to the comparisons, so that NULL never decides: a condition is true or it is not.
//!
//! # What a column must hold
//!
//! Text folded with [`fold`](crate::fold) unless the attribute is `caseExact`; booleans as 0 and 1; instants as
//! milliseconds. [`Resource::search_document`](crate::Resource::search_document) gives the same for a JSON column,
//! from which every attribute can be searched that has no column of its own.

mod columns;
mod compile;
mod operand;
mod order;

pub use columns::{Bind, Column, Columns, Dialect, Place, Rows, SqlCondition, SqlError};
pub use compile::compile;
pub use order::{SqlOrder, compile_order};

#[cfg(test)]
mod tests;

#[cfg(test)]
mod property_tests;
