//! The capability: a mandate with its chain under an HMAC chain, narrowed offline by whoever holds it.
//!
//! `dpyc1.` block (`.` block)* `.` tag. The first block is what an access token says, with the `kid` of the key;
//! each later block is one delegation, made without asking anybody. `tag₀ = HMAC(key, block₀)` and
//! `tagᵢ = HMAC(tagᵢ₋₁, blockᵢ)`, so the last tag is the key for the next block and blocks can be added, never
//! removed or reordered. The key belongs to one audience: `HMAC(tenant secret, "dpyc1|{kid}|{audience}")`.
//!
//! Invariant: [`SignedCapability`] comes from a valid tag only, and its claims grant nothing that any block before
//! denies: a block states members that are below the mandate so far, or the capability is refused. Nothing of any
//! block is believed before the tag was computed again from the key. A service that holds its audience's key could
//! forge for that audience; so the issuer accepts only capabilities whose first block it issued.

mod attenuate;
mod block;
mod error;
mod frames;
mod hop;
mod key;
mod root;
#[cfg(test)]
mod tests;
mod verify;

pub use attenuate::{Attenuation, attenuate};
pub use error::{AttenuateError, CapabilityError, CapabilitySealError};
pub use key::{AudienceKey, CapabilitySecret};
pub use root::{seal, seal_with_details};
pub use verify::{Meter, SignedCapability, UnverifiedCapability, VerifiedCapability};

/// What a capability starts with; another number is another form.
pub const PREFIX: &str = "dpyc1.";
/// The `requested_token_type` of a capability (RFC 8693 section 3).
pub const TOKEN_TYPE: &str = "urn:deputy:token-type:capability";
/// Longest capability that is made or read, in bytes.
pub const MAX_LEN: usize = 64 * 1024;
