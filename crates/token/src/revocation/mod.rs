//! Whether a chain is dead: revocations and the kill switch.
//!
//! Invariant: the answer depends on the chain's own hops and on the index alone. It costs a few look-ups a
//! hop and no allocation, however many descendants a revocation has.

mod halt;
mod index;
mod target;
#[cfg(test)]
mod tests;

pub use halt::Halt;
pub use index::{Revocation, RevocationIndex};
pub use target::{BindingTarget, Everything, Target, TargetError, TargetKind};
