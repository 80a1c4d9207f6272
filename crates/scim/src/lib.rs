//! RFC 7643 and RFC 7644 without transport or storage.
#![doc = ""]
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
pub use patch::{MemberDelta, Patch, PatchError, Split};
pub use path::{MAX_PATH, Path, PathError};
pub use resource::{MAX_ENTRIES, Meta, RequestError, Resource, Unknown};
pub use schema::{AGENT, GROUP, ResourceType, USER};
pub use text::fold;
