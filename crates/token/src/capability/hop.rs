//! What a later block makes of the claims before it.
//!
//! Refused in this order: deeper than the chain may be, made by one that may not delegate, wider than its parent,
//! deeper than it says itself. Nothing is clipped.

use deputy_mandate::{MAX_DEPTH, Outline, Widening};
use sha2::{Digest as _, Sha256};

use super::block::Block;
use super::{CapabilityError, Meter};
use crate::access::{AccessClaims, ChainError, Hop, chain};
use crate::base64url;

/// Room for a delegate's name in a path, in bytes; a longer one finds more.
const USUAL_SEGMENT: usize = 16;

/// The id of an offline hop, computed and never chosen: SHA-256 of its parent's id and its block.
fn id(parent: &str, block: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(parent);
    digest.update(block);
    base64url::encode(digest.finalize())
}

fn within(hop: usize, ceiling: u8) -> Result<(), CapabilityError> {
    let ceiling = ceiling.min(MAX_DEPTH);
    if hop > usize::from(ceiling) { Err(ChainError::Depth { ceiling }.into()) } else { Ok(()) }
}

/// How far a chain was followed.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    pub(super) claims: AccessClaims,
    /// Those on the way, root first.
    pub(super) meters: Vec<Meter>,
}

/// Whether the holder may hand on at all, and the key may be stated here.
fn verify_holder(claims: &AccessClaims, block: &Block<'_>) -> Result<(), CapabilityError> {
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

/// Verifies that the holder of `claims` may make the delegation, which repeats nothing; [`Reached::extend`] refuses
/// the same in the same order. The claims have the whole mandate, or lack what is in the outline.
pub(super) fn verify(
    claims: &AccessClaims,
    outline: Option<&Outline<'_>>,
    block: &Block<'_>,
) -> Result<(), CapabilityError> {
    verify_holder(claims, block)?;
    let hop = claims.chain.len();
    let narrowing = &block.narrowing;
    match outline {
        Some(outline) => outline.verify_narrowing(&claims.mandate, narrowing),
        None => claims.mandate.verify_narrowing(narrowing),
    }
    .map_err(|wider| wider_than_parent(hop, wider))?;
    within(hop, block.narrowing.max_depth.unwrap_or(MAX_DEPTH))
}

fn wider_than_parent(hop: usize, wider: Widening) -> CapabilityError {
    CapabilityError::NotAttenuated { hop, member: wider.member }
}

fn descend(path: &mut String, name: &str) {
    path.push('/');
    path.push_str(name);
}

impl Reached {
    /// The first block's claims, with room for `steps` more, and why they are no start of a chain.
    pub(super) fn issued(mut claims: AccessClaims, steps: usize) -> (Self, Option<CapabilityError>) {
        claims.chain.reserve_exact(steps);
        for path in [&mut claims.agent.name, &mut claims.agent.spiffe_id] {
            path.reserve_exact(steps * USUAL_SEGMENT);
        }
        let refused = chain::check(&claims).err().map(CapabilityError::from);
        let meters = Meter::of(&claims, claims.mandate.uses).into_iter().collect();
        (Self { claims, meters }, refused)
    }

    /// Follows the delegation that `block`, whose text is `text`, states. When it is refused, there is nothing to
    /// follow any more.
    pub(super) fn extend(&mut self, block: Block<'_>, text: &str) -> Result<(), CapabilityError> {
        let claims = &mut self.claims;
        verify_holder(claims, &block)?;
        let Block { name, narrowing, repeated, cnf } = block;
        let (hop, uses) = (claims.chain.len(), narrowing.uses);
        let narrowed = claims.mandate.narrow_repeating(narrowing.into_owned(), &repeated);
        narrowed.map_err(|wider| wider_than_parent(hop, wider))?;
        within(hop, claims.mandate.max_depth)?;
        let parent = claims.chain.last().ok_or(ChainError::Empty)?;
        let mut agent = String::with_capacity(parent.agent.len() + 1 + name.len());
        agent.push_str(&parent.agent);
        descend(&mut agent, &name);
        let id = id(&parent.id, text);
        let (crit, seq, sub) = (parent.crit, parent.seq, parent.sub.clone());
        if let (None, Some(cnf)) = (&claims.cnf, cnf) {
            claims.cnf = Some(cnf.into_owned());
        }
        let jkt = claims.cnf.as_ref().map(|cnf| cnf.jkt.clone());
        let bind = Some(&claims.mandate.binding).filter(|binding| !binding.is_empty()).cloned();
        claims.chain.push(Hop { agent, bind, crit, id, jkt, rt: None, seq, sub });
        descend(&mut claims.agent.name, &name);
        descend(&mut claims.agent.spiffe_id, &name);
        self.meters.extend(Meter::of(claims, uses));
        Ok(())
    }
}
