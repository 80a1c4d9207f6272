//! What a later block makes of the claims before it.
//!
//! Refused in this order: deeper than the chain may be, made by one that may not delegate, wider than its parent,
//! deeper than it says itself. Nothing is clipped.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::{MAX_DEPTH, Widening};
use sha2::{Digest as _, Sha256};

use super::CapabilityError;
use super::block::Block;
use crate::access::{AccessClaims, ChainError, Hop};

/// The id of an offline hop, computed and never chosen: SHA-256 of its parent's id and its block.
fn id(parent: &str, block: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(parent);
    digest.update(block);
    B64.encode(digest.finalize())
}

fn within(hop: usize, ceiling: u8) -> Result<(), CapabilityError> {
    let ceiling = ceiling.min(MAX_DEPTH);
    if hop > usize::from(ceiling) { Err(ChainError::Depth { ceiling }.into()) } else { Ok(()) }
}

/// Whether the holder may hand on at all, and the key may be stated here.
fn verify_holder(claims: &AccessClaims, block: &Block) -> Result<(), CapabilityError> {
    let hop = claims.chain.len();
    within(hop, claims.mandate.max_depth)?;
    if !claims.mandate.may_delegate {
        return Err(CapabilityError::DelegationNotAllowed { hop });
    }
    if claims.cnf.is_some() && block.cnf.is_some() {
        return Err(CapabilityError::NotAttenuated { hop, member: "cnf" });
    }
    Ok(())
}

/// Verifies that the holder of `claims` may make the delegation, which repeats nothing; [`extend`] refuses the same
/// in the same order.
pub(super) fn verify(claims: &AccessClaims, block: &Block) -> Result<(), CapabilityError> {
    verify_holder(claims, block)?;
    let hop = claims.chain.len();
    claims.mandate.verify_narrowing(&block.narrowing).map_err(|wider| wider_than_parent(hop, wider))?;
    within(hop, block.narrowing.max_depth.unwrap_or(MAX_DEPTH))
}

fn wider_than_parent(hop: usize, wider: Widening) -> CapabilityError {
    CapabilityError::NotAttenuated { hop, member: wider.member }
}

/// Extends the claims by the delegation that `block`, whose text is `text`, states.
pub(super) fn extend(claims: &mut AccessClaims, block: Block, text: &str) -> Result<(), CapabilityError> {
    verify_holder(claims, &block)?;
    let Block { name, narrowing, repeated, cnf } = block;
    let hop = claims.chain.len();
    claims.mandate.narrow_repeating(narrowing, &repeated).map_err(|wider| wider_than_parent(hop, wider))?;
    within(hop, claims.mandate.max_depth)?;
    let parent = claims.chain.last().ok_or(ChainError::Empty)?;
    let agent = [parent.agent.as_str(), name.as_str()].join("/");
    let id = id(&parent.id, text);
    let (crit, seq, sub) = (parent.crit, parent.seq, parent.sub.clone());
    claims.cnf = claims.cnf.take().or(cnf);
    let jkt = claims.cnf.as_ref().map(|cnf| cnf.jkt.clone());
    let bind = Some(&claims.mandate.binding).filter(|binding| !binding.is_empty()).cloned();
    claims.chain.push(Hop { agent, bind, crit, id, jkt, rt: None, seq, sub });
    for path in [&mut claims.agent.name, &mut claims.agent.spiffe_id] {
        path.push('/');
        path.push_str(&name);
    }
    Ok(())
}
