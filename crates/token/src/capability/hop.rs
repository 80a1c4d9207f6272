//! What a later block makes of the claims before it.
//!
//! Refused in this order: deeper than the chain may be, made by one that may not delegate, wider than its parent,
//! deeper than it says itself. Nothing is clipped.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::MAX_DEPTH;
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

/// Extends the claims by the delegation that `block`, whose text is `text`, states.
pub(super) fn extend(claims: &mut AccessClaims, block: Block, text: &str) -> Result<(), CapabilityError> {
    let Block { name, narrowing, cnf } = block;
    let hop = claims.chain.len();
    let deeper_than = |ceiling: u8| hop > usize::from(ceiling.min(MAX_DEPTH));
    let depth = |ceiling: u8| Err(ChainError::Depth { ceiling: ceiling.min(MAX_DEPTH) }.into());
    if deeper_than(claims.mandate.max_depth) {
        return depth(claims.mandate.max_depth);
    }
    if !claims.mandate.may_delegate {
        return Err(CapabilityError::DelegationNotAllowed { hop });
    }
    if claims.cnf.is_some() && cnf.is_some() {
        return Err(CapabilityError::NotAttenuated { hop, member: "cnf" });
    }
    claims
        .mandate
        .narrow(narrowing)
        .map_err(|wider| CapabilityError::NotAttenuated { hop, member: wider.member })?;
    if deeper_than(claims.mandate.max_depth) {
        return depth(claims.mandate.max_depth);
    }
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
