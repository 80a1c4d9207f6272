//! The laws of capabilities, on generated chains, and what an attacker can do to their text.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop anywhere"
)]

mod attacks;
mod chains;
#[path = "../../../mandate/tests/laws/generate.rs"]
mod generate;
mod sealed;
