//! DPoP proofs (RFC 9449): that whoever sends a request holds a key.
//!
//! Invariant: a [`VerifiedProof`] comes from a signature by the very key whose thumbprint it states, made for
//! this method and URI, inside the window. The checks are those of RFC 9449 section 4.3 in their order; that
//! the request has one `DPoP` field (the first of them), the server's nonce (the tenth) and that the proof is
//! not seen twice are the caller's, who gets what they need: [`VerifiedProof::nonce`], [`VerifiedProof::once`].
//!
//! Algorithms are ES256 and EdDSA, bound to the `jwk`. The header may carry `kid` and members unknown here,
//! which change nothing; `jku`, `x5u`, `x5c`, `crit` and `b64` are refused. Claims unknown here are ignored, as
//! the RFC lets clients add some; a member twice, at any depth, is not.

mod htu;
mod proof;
mod seal;

pub use proof::{
    BoundToken, Expected, MAX_JTI_LEN, MAX_PROOF_LEN, ProofError, UnverifiedProof, VerifiedProof,
};
pub use seal::{Proof, ProofSealError, seal};

use crate::freshness::Window;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use sha2::{Digest as _, Sha256};

/// The names that a proof's `alg` may have, for the metadata of whoever verifies it.
pub const ALGORITHMS: &[&str] = &["ES256", "EdDSA", "Ed25519"];
/// The `typ` of a proof (RFC 9449 section 4.2).
pub const TYP: &str = "dpop+jwt";
/// How old a proof may be, and how far ahead its maker's clock, where nobody says otherwise.
pub const WINDOW: Window = Window { past_secs: 60, ahead_secs: 5 };

/// The `ath` of an access token: base64url of the SHA-256 of its text (RFC 9449 section 4.2).
pub fn token_hash(token: &str) -> String {
    B64.encode(Sha256::digest(token))
}
