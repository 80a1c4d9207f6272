//! The one way out: whatever the server fetches from outside, it fetches here.
//!
//! Invariant: nothing is sent to an address that is not public unless the administrator named it, no matter
//! how a URL spells the address or what a name resolves to; no redirect is followed; and what is asked for
//! (a query, a form) reaches neither an error nor a log.

mod address;
mod answer;
mod client;
mod failure;
mod networks;
mod resolver;
mod roots;
mod target;
#[cfg(test)]
mod tests;

pub use client::Outbound;
pub use networks::Networks;
pub use roots::{Roots, RootsError};

/// What the administrator decided about fetching.
#[derive(Debug, Clone, Default)]
pub struct OutboundRules {
    /// Addresses that are not public and may be asked nevertheless.
    pub allow: Networks,
    /// CAs that are trusted besides the system's.
    pub roots: Roots,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// TLS could not be set up.
    #[error("the client for other servers could not be set up")]
    Client(#[source] reqwest::Error),
}
