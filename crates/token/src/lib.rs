//! Seals mandates into tokens and verifies them.
//!
//! - [`keys`]: what signs and what verifies; an algorithm belongs to a key, never to a message.
//! - [`jws`]: compact JWS, read strictly; unverified and verified are different types.
//! - [`access`]: the access token (RFC 9068), a mandate with its chain, signed by a tenant's key.
//! - [`capability`]: the same under an HMAC chain, which a holder narrows offline.
//! - [`aat`]: the attenuating agent token, a chain of JWTs that its holders narrow offline.
//! - [`dpop`]: DPoP proofs (RFC 9449); [`freshness`]: how long a proof counts, and that it counts once.
//! - [`revocation`]: whether a chain is dead, in time proportional to its depth.
//! - [`secrets`]: API keys, client secrets and the master key.
//! - [`checkpoint`]: signed points of the audit log.
//!
//! Time and randomness are parameters. Nothing here does I/O.

pub mod aat;
pub mod access;
mod base64url;
pub mod capability;
pub mod checkpoint;
pub mod dpop;
pub mod freshness;
pub mod jws;
pub mod keys;
pub mod revocation;
pub mod secrets;
