//! From bytes to a tree with a place for everything, in bounded time and memory.
//!
//! Invariant: what gets past here is one document of at most [`MAX_BYTES`] and [`MAX_VALUES`], nested at most
//! [`MAX_DEPTH`] deep, without aliases, anchors, tags or repeated keys.

mod compose;
mod node;
mod scalar;
mod source;

pub(crate) use compose::compose;
pub use node::Step;
pub(crate) use node::{Key, Kind, Node, path_text};
pub(crate) use scalar::{Plain, plain};

/// The largest file that is read.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// The most values (of any kind, names of members included) that a file may hold.
pub const MAX_VALUES: usize = 2_000_000;

/// The deepest nesting of lists and mappings; constraints alone may nest 32 deep.
pub const MAX_DEPTH: usize = 64;
