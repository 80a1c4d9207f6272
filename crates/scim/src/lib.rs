//! RFC 7643 and RFC 7644 without transport or storage.
//!
//! SCIM is how an identity provider tells a service who there is. This crate knows what its messages mean: the
//! schemas, the filters, the patches, the lists. It has no I/O, no clock and no database, so that a server, a store
//! and a test ask the same functions and get the same answers; instants and versions are arguments.
//!
//! # The model
//!
//! * [`schema`] has the tables: [`USER`] with the Enterprise extension, [`GROUP`], [`AGENT`] with Deputy's read-only
//!   extension. What is enforced is what `/Schemas` says, because both are read from them.
//! * [`Resource`] is a representation in the **normal form**: [`Resource::create`] makes it of a POST,
//!   [`Resource::replace`] of a PUT, [`Patch::apply`] of a PATCH, [`Resource::from_stored`] of what was kept.
//! * [`Filter`] is parsed once, then [matched](Filter::matches) or [compiled to SQL](sql::compile) over a mapping
//!   of attributes to [columns](sql::Columns), rows of other tables, or a search document.
//! * [`Patch`] does the same to a resource in memory and, as [`MemberDelta`], to a group of any size.
//! * [`ListQuery`], [`Sort`], [`Cursor`], [`Projection`] and [`ListResponse`] are the reading side, [`ErrorMessage`]
//!   what every error of the crate turns into, [`check_preconditions`] what entity tags decide.
//!
//! # How a request flows
//!
//! | request | calls |
//! |---|---|
//! | POST | [`parse_body`] → [`Resource::create`] → [`Resource::take_members`], [`Resource::set_id`] → store → [`Resource::set_meta`] → [`Projection::apply`] |
//! | PUT | [`check_preconditions`] → [`parse_body`] → [`Resource::replace`] of what is stored |
//! | PATCH | [`Patch::parse`] → [`Patch::split_members`], and [`Patch::apply`] of the rest; of the whole when there is no delta |
//! | GET one | [`Projection::from_query`] → [`Projection::wants`] says what need not be loaded → [`Projection::apply`] |
//! | GET many, `/.search` | [`ListQuery`] → [`Filter::parse`] (or [`Filter::parse_across`]), [`Sort::parse`], [`Cursor::decode`] → [`sql::compile`], [`sql::compile_order`] → [`ListResponse`] |
//!
//! # The laws
//!
//! Tested on generated filters, resources and patches, thousands in each run:
//!
//! 1. A compiled condition selects on a database just what [`Filter::matches`] matches, and a compiled order gives
//!    the order of [`Sort::compare`], page by page.
//! 2. A [`MemberDelta`] leaves the members that the whole patch leaves, and the rest of the patch leaves the rest.
//! 3. What a patch leaves is in the normal form, and a PUT of it changes nothing.
//! 4. No text makes a parser panic or recurse, and its work is linear in the length of the text.
//!
//! # What is strict, and what is not
//!
//! Bodies are read with no member twice, values have their types, what is read-only is the server's, a filter that
//! has no SQL is refused and never widened. Real clients are met where `patch` says so and nowhere else. A password
//! is looked at and forgotten: no [`Resource`] ever holds one.
//!
//! # Example
//!
//! ```
//! use deputy_scim::{Filter, Patch, Projection, Resource, USER, Unknown, parse_body};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let body = parse_body(br#"{
//!     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
//!     "USERNAME": "Alice@example.com", "active": true, "id": "ignored", "password": "forgotten"
//! }"#)?;
//! let mut alice = Resource::create(&USER, &body, Unknown::Ignore)?;
//! alice.set_id("7");
//! assert!(Filter::parse(r#"userName eq "alice@EXAMPLE.com" and active eq true"#, &USER)?.matches(alice.body()));
//!
//! // As Microsoft Entra ID patches: capitals, booleans as text, an entry that is not there yet.
//! let patch = parse_body(br#"{
//!     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
//!     "Operations": [
//!         {"op": "Replace", "path": "active", "value": "False"},
//!         {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "alice@example.com"}
//!     ]
//! }"#)?;
//! let alice = Patch::parse(&USER, &patch, Unknown::Ignore)?.apply(&alice)?;
//! assert_eq!(alice.flag("active"), Some(false));
//!
//! let shown = Projection::from_query("attributes=emails.value", &USER)?.apply(&alice);
//! assert_eq!(shown.to_string(), concat!(
//!     r#"{"emails":[{"value":"alice@example.com"}],"id":"7","#,
//!     r#""schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}"#,
//! ));
//! # Ok(())
//! # }
//! ```

mod body;
mod etag;
pub mod filter;
mod instant;
pub mod list;
mod message;
pub mod patch;
mod path;
mod resource;
pub mod schema;
pub mod sql;
mod text;

pub use body::{BodyError, parse_body};
pub use etag::{Precondition, check_preconditions, weak_etag};
pub use filter::{Filter, FilterError};
pub use instant::{format_instant, parse_instant};
pub use list::{Cursor, ListQuery, ListResponse, Paging, Projection, QueryError, Sort, SortKey};
pub use message::{ERROR_URN, ErrorMessage, ScimType};
pub use patch::{MemberDelta, PATCH_URN, Patch, PatchError, Split};
pub use path::{MAX_PATH, Path, PathError};
pub use resource::{MAX_ENTRIES, Meta, RequestError, Resource, Unknown};
pub use schema::{AGENT, GROUP, ResourceType, USER};
pub use text::fold;
