//! Signed points of a tenant's audit log: whoever holds one can prove later that the log, up to there, was not
//! rewritten. A compact JWS by the audit key, which signs nothing else.

use deputy_mandate::Instant;
use serde::{Deserialize, Serialize};

use crate::jws::{JwsError, SealError, UnverifiedJws};
use crate::keys::{PublicKey, SigningKey};

/// The `typ` of a checkpoint.
pub const TYP: &str = "deputy-checkpoint+jwt";

/// A point of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The tenant's slug.
    pub tenant: String,
    /// Position of the last event that it covers.
    pub seq: i64,
    /// Hash of that event.
    pub hash: String,
    /// When it was signed.
    pub time: Instant,
}

/// Why a checkpoint is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a compact JWS of the right `typ`, or a signature that is not valid.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// It names no key, or one that is not an audit key.
    #[error("the checkpoint is signed with an unknown key")]
    UnknownKey,
    /// Signed, but not a checkpoint.
    #[error("the checkpoint is malformed")]
    Malformed,
}

impl Checkpoint {
    /// Signs it with the audit key.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal(&self, key: &SigningKey) -> Result<String, SealError> {
        crate::jws::seal(TYP, self, key)
    }

    /// Reads a sealed checkpoint, once its signature is known to be of one of the audit keys.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn verify<'k>(
        sealed: &str,
        find_key: impl FnOnce(&str) -> Option<&'k PublicKey>,
    ) -> Result<Self, CheckpointError> {
        let jws = UnverifiedJws::parse(sealed)?;
        let key = jws.kid().and_then(find_key).ok_or(CheckpointError::UnknownKey)?;
        let verified = jws.verify(key, TYP)?;
        serde_json::from_slice(verified.payload()).map_err(|_| CheckpointError::Malformed)
    }
}
