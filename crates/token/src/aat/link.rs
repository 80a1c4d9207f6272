//! The draft's invariants between a token and the one derived from it, but the signature itself.
//!
//! Invariant: what passes here allows nothing that its parent does not allow, for no longer, no deeper, and
//! names the parent that it was made from.

use deputy_mandate::{MAX_DEPTH, attenuates};

use super::THUMBPRINT_URI;
use super::token::Token;
use crate::access::is_segment;

/// Which invariant a derived token breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// I1: `iss` is not the thumbprint of the parent's holder.
    #[error("`iss` is not the key of the parent's holder")]
    Issuer,
    /// I2: `del_depth` is not the parent's plus one.
    #[error("`del_depth` is not one more than the parent's")]
    Depth,
    /// I2: deeper than the parent, the token itself, or any chain may go.
    #[error("`del_depth` is above `del_max_depth`")]
    TooDeep,
    /// I2: `del_max_depth` is above the parent's.
    #[error("`del_max_depth` is above the parent's")]
    Ceiling,
    /// I3: it outlives its parent.
    #[error("`exp` is later than the parent's")]
    Expiry,
    /// I3: it says that it was issued before its parent.
    #[error("`iat` is earlier than the parent's")]
    IssuedBefore,
    /// I4: its tools are not narrower under the draft's rules.
    #[error("the tools are not an attenuation of the parent's")]
    Tools,
    /// I5: `par_hash` names another parent.
    #[error("`par_hash` is not the digest of the parent")]
    Parent,
    /// Bound to the key that its parent is bound to.
    #[error("the token is bound to the same key as its parent")]
    SameKey,
    /// `name` is missing, or not one segment.
    #[error("`name` is not one segment of lower-case letters, digits, `.`, `_` and `-`")]
    Name,
}

/// Checks `child` against the token that stands before it.
pub(super) fn check(parent: &Token, child: &Token) -> Result<(), LinkError> {
    if child.iss.strip_prefix(THUMBPRINT_URI) != Some(parent.jkt.as_str()) {
        return Err(LinkError::Issuer);
    }
    if parent.depth.checked_add(1) != Some(child.depth) {
        return Err(LinkError::Depth);
    }
    if child.depth > parent.max_depth.min(MAX_DEPTH) || child.depth > child.max_depth {
        return Err(LinkError::TooDeep);
    }
    if child.max_depth > parent.max_depth {
        return Err(LinkError::Ceiling);
    }
    if child.exp > parent.exp {
        return Err(LinkError::Expiry);
    }
    if child.iat < parent.iat {
        return Err(LinkError::IssuedBefore);
    }
    if !attenuates(&child.tools, &parent.tools) {
        return Err(LinkError::Tools);
    }
    if child.par_hash.as_ref() != Some(&parent.hash) {
        return Err(LinkError::Parent);
    }
    if child.jkt == parent.jkt {
        return Err(LinkError::SameKey);
    }
    if !child.name.as_deref().is_some_and(is_segment) {
        return Err(LinkError::Name);
    }
    Ok(())
}
