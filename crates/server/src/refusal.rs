//! What the dialects put into words: the engine's one refusal.

pub use deputy_engine::{Problem, Refusal};
