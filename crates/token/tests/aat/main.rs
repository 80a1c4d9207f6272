//! Attenuating agent tokens: sealed, narrowed, verified, and attacked.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what a test builds, it may take apart")]

mod chains;
mod compile;
mod derive;
mod draft;
mod fixture;
mod forge;
mod fuzz;
#[path = "../../../mandate/tests/laws/generate.rs"]
mod generate;
mod invariants;
mod laws;
mod pop;
mod root;
mod vectors;
