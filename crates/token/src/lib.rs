//! Seals mandates into tokens and verifies them.
//!
//! - [`keys`]: what signs and what verifies; an algorithm belongs to a key, never to a message.
//! - [`jws`]: compact JWS, read strictly; unverified and verified are different types.
//! - [`access`]: the access token (RFC 9068), a mandate with its chain, signed by a tenant's key.
//! - [`revocation`]: whether a chain is dead, in time proportional to its depth.
//! - [`secrets`]: API keys, client secrets and the master key.
//! - [`checkpoint`]: signed points of the audit log.
//!
//! Time and randomness are parameters. Nothing here does I/O.

pub mod access;
pub mod checkpoint;
pub mod jws;
pub mod keys;
pub mod revocation;
pub mod secrets;
