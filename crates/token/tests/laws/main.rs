//! The laws of capabilities, on generated chains, and what an attacker can do to their text.

mod attacks;
mod chains;
#[expect(dead_code, reason = "the mandate's laws use more of it")]
#[path = "../../../mandate/tests/laws/generate.rs"]
mod generate;
mod sealed;
