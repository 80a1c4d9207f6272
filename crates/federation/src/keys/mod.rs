//! The keys of other issuers: where they are found, and how long they are believed.

mod bundle;
mod cache;
mod discovery;
mod source;
#[cfg(test)]
mod tests;

pub use bundle::svid_keys;
pub use cache::{COOL_DOWN_SECS, KeyCache, KeysError, MAX_AGE_SECS, MAX_STALE_SECS, Provider};
pub use discovery::{DiscoveryError, Metadata, discovery_url};
pub use source::{KeySource, Wanted};
