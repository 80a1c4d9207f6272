//! Compact JWS (RFC 7515 section 7.1), read and written strictly (RFC 8725).
//!
//! Invariant: [`UnverifiedJws`] never hands out claims that a caller could take for true; the claims come
//! from [`VerifiedJws`], which only a valid signature of a chosen key with the expected `typ` makes.

mod claims;
mod header;
mod seal;
#[cfg(test)]
mod tests;
mod unverified;

pub use claims::{Mistyped, numeric_date, read_claims, sole_audience};
pub use header::HeaderError;
pub(crate) use seal::sign;
pub use seal::{SealError, seal};
pub use unverified::{JwsError, MAX_JWS_LEN, UnverifiedJws, VerifiedJws};
