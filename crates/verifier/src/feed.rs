//! The revocation feed on the wire: `GET /t/{tenant}/revocations` and the events of its stream.
//!
//! Invariant: an entry is understood whole or the message is refused, because a revocation that is passed over
//! is one that does not act. Members beside the known ones of a message are ignored, so that a newer server
//! does not stop older verifiers.

use deputy_token::revocation::{Halt, Target};
use serde::{Deserialize, Serialize};

/// One message of the feed: the full live set after position 0, else what is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Revocations in the order of the log.
    pub entries: Vec<FeedEntry>,
    /// The position up to which the entries are complete: the next `after`.
    pub head_seq: i64,
    /// When nothing newer was known (RFC 3339).
    pub as_of: String,
    /// How far the tenant is halted.
    pub halt: Halt,
}

/// One revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedEntry {
    /// Its position in the tenant's event log.
    pub seq: i64,
    /// What it kills.
    pub target: Target,
    /// When it may be forgotten (RFC 3339); absent is never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<String>,
}

/// Why a message of the feed is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// Not the JSON of a message, or an entry that this version does not understand.
    #[error("the message is not one of the revocation feed")]
    Json,
    /// `as_of` or a `kept_until` is no instant.
    #[error("the message has a malformed instant")]
    Instant,
    /// A target that cannot be one, or a negative position.
    #[error("the message has a malformed entry")]
    Entry,
}

impl Feed {
    /// Reads one message.
    ///
    /// # Errors
    /// [`FeedError::Json`].
    pub fn parse(text: &str) -> Result<Self, FeedError> {
        serde_json::from_str(text).map_err(|_| FeedError::Json)
    }
}
