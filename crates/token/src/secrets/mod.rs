//! Secrets: what opens sealed data, and what callers prove themselves with.
//!
//! Invariant: no type here shows its secret in `Debug`, and each that holds one wipes it when dropped. What
//! is stored is a digest, or a ciphertext bound to its place.

mod base62;
mod digest;
mod master;
mod presented;
#[cfg(test)]
mod tests;

pub use digest::{DigestError, Sha256Digest};
pub use master::{MasterKey, MasterKeyError};
pub use presented::{ApiKey, ApiKeyKind, ClientSecret, ClientSecretKind, Secret, SecretError, SecretKind};
