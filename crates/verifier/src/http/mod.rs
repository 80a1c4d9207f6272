//! The verifier that runs by itself: what [`Policy`](crate::Policy) is handed, kept up to date in the background.
//!
//! Invariants: https only outside loopback, no redirects, no proxy from the environment, 5 s and 1 MiB for every
//! document; the API key goes to URLs below the issuer and nowhere else. The clock is read in one module.

mod backoff;
mod builder;
mod clock;
mod discovery;
mod events;
mod fetch;
mod follow;
mod keys;
mod meter;
mod outbox;
mod report;
mod verifier;

pub use builder::{StartError, VerifierBuilder};
pub use discovery::DiscoveryError;
pub use fetch::FetchError;
pub use verifier::{Status, Verifier};
