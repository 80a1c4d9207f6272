//! DPoP proofs: made, verified, and attacked.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test builds, it may take apart")]

mod checks;
mod forge;
mod fuzz;
mod vectors;
