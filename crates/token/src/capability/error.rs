//! Why a capability is refused, not sealed, or not narrowed.

use deputy_mandate::ReasonCode;

use crate::access::ChainError;

/// Why a capability is refused. Hops are counted from the root, which is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CapabilityError {
    /// Longer than [`MAX_LEN`](super::MAX_LEN).
    #[error("the capability is longer than 64 KiB")]
    TooLong,
    /// Not `dpyc1.`, blocks and a tag of 32 bytes in canonical, unpadded base64url.
    #[error("not the text of a capability")]
    Text,
    /// A block is not canonical JSON (RFC 8785), or a member is missing, unknown or malformed.
    #[error("block {index} of the capability is malformed")]
    Block {
        /// Which block; the first is 0.
        index: usize,
    },
    /// It names another key or another audience than the key at hand.
    #[error("the capability is sealed with another key")]
    UnknownKey,
    /// The tag is not that of these blocks under the key.
    #[error("the capability's tag is not valid")]
    Signature,
    /// `iss` is another issuer.
    #[error("the capability is from another issuer")]
    Issuer,
    /// The chain does not agree with the claims, or is deeper than it may be.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The hop was made by a holder that may not delegate.
    #[error("hop {hop} was made by a holder that may not delegate")]
    DelegationNotAllowed {
        /// Which hop.
        hop: usize,
    },
    /// The hop states a member that is not below its parent's.
    #[error("hop {hop} claims more than its parent has: `{member}`")]
    NotAttenuated {
        /// Which hop.
        hop: usize,
        /// Which member.
        member: &'static str,
    },
    /// `exp` has passed.
    #[error("the capability has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the capability is not valid yet")]
    NotYetValid,
}

impl CapabilityError {
    /// The reason that a decision gives for it.
    pub const fn reason(self) -> ReasonCode {
        match self {
            Self::UnknownKey | Self::Signature | Self::Issuer => ReasonCode::SignatureInvalid,
            Self::Chain(ChainError::Depth { .. }) => ReasonCode::DepthExceeded,
            Self::TooLong | Self::Text | Self::Block { .. } | Self::Chain(_) => ReasonCode::Malformed,
            Self::DelegationNotAllowed { .. } => ReasonCode::DelegationNotAllowed,
            Self::NotAttenuated { .. } => ReasonCode::NotAttenuated,
            Self::Expired => ReasonCode::Expired,
            Self::NotYetValid => ReasonCode::NotYetValid,
        }
    }
}

/// Why a capability cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CapabilitySealError {
    /// The chain does not agree with the claims.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The mandate's audience is not exactly that of the key.
    #[error("the mandate's audience is not the key's")]
    Audience,
    /// The claims have no sealed form: a bound, an instant or a position is out of range.
    #[error("the claims have no sealed form")]
    Claims,
    /// Longer than [`MAX_LEN`](super::MAX_LEN).
    #[error("the capability would be longer than 64 KiB")]
    TooLong,
}

/// Why a capability cannot be narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttenuateError {
    /// What was to be narrowed would itself be refused.
    #[error("the parent: {0}")]
    Parent(CapabilityError),
    /// The new block would be refused.
    #[error("the new block: {0}")]
    Refused(CapabilityError),
}

impl AttenuateError {
    /// The reason that a decision would give.
    pub const fn reason(self) -> ReasonCode {
        match self {
            Self::Parent(error) | Self::Refused(error) => error.reason(),
        }
    }
}
