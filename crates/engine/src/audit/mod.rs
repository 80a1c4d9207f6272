//! What makes the log provable: signed checkpoints, the keys that signed them, verification of an
//! export by whoever holds the two, and forgetting that keeps what is left provable.

mod checkpoints;
mod retention;
mod verify;

pub use checkpoints::CheckpointAnswer;
pub use verify::{AuditProblem, LogVerifier, Start, VerifiedLog, verify_log};
