//! The access token (RFC 9068, `typ: at+jwt`): a mandate with its chain, signed by a tenant's key.
//!
//! Invariant: [`SignedAccess`] and [`VerifiedAccess`] come from a valid signature of the issuer only, and
//! their chain, claims and mandate agree with each other. Nothing is stated twice that could differ:
//! `scope`, `aud`, `exp`, `nbf`, `del_max_depth` are the mandate's own members, `jti` is the last hop's id.

pub(crate) mod canonical;
pub(crate) mod chain;
mod claims;
mod name;
#[cfg(test)]
mod tests;
mod verify;
pub(crate) mod wire;

pub(crate) use chain::check as check_chain;
pub use chain::{ChainError, Hop, registered_agent};
pub use claims::{AccessClaims, Act, AgentClaim, Cnf, MayAct};
pub use name::is_segment;
pub(crate) use verify::check_time;
pub use verify::{
    AccessError, AccessSealError, SealedAccess, SignedAccess, UnverifiedAccess, VerifiedAccess, seal,
    seal_with_details,
};

/// The `typ` of an access token (RFC 9068 section 2.1).
pub const TYP: &str = "at+jwt";
