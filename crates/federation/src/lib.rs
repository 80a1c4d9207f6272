//! Turns what an upstream issuer signed into a principal: a person of an identity provider, or a workload.
//!
//! Trust is exactly what is configured: an issuer's keys are found through its own discovery document
//! or stand in the configuration ([`keys`]), its name and audience are compared byte for byte, and a claim
//! means nothing until the signature over it has been verified ([`assertion`]). Every byte that comes from
//! outside comes through one place, [`outbound`].

pub mod assertion;
#[cfg(test)]
mod assertion_tests;
pub mod claims;
#[cfg(test)]
mod claims_tests;
pub mod fetch;
pub mod keys;
pub mod outbound;
pub mod product;
#[cfg(test)]
mod product_tests;
#[cfg(test)]
mod scripted;
pub mod sign_in;
#[cfg(test)]
mod sign_in_tests;
#[cfg(test)]
mod signer;
pub mod spiffe;
#[cfg(test)]
mod spiffe_tests;
