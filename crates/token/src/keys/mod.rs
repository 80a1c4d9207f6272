//! Keys: what signs a sealed mandate, and what verifies one (RFC 7517, 7518, 7638, 8037).
//!
//! Invariant: a key knows its algorithms; a header can only agree with the key, never choose for it
//! (RFC 8725 section 3.1). A key is parsed once, when it is loaded, never per signature.

mod alg;
mod jwk;
mod jwk_set;
mod jwk_wire;
mod public;
mod signing;
#[cfg(test)]
mod tests;

pub use alg::{Alg, VerifyAlg};
pub use jwk::{Jwk, KeyShape};
pub use jwk_set::JwkSet;
pub use jwk_wire::JwkError;
pub use public::{PublicKey, SignatureInvalid};
pub use signing::{KeyError, Kid, SIGNATURE_LEN, SigningKey};
