//! What a later block makes of the claims before it.
//!
//! Refused in this order: deeper than the chain may be, made by one that may not delegate, wider than its parent,
//! deeper than it says itself. Nothing is clipped.

use deputy_mandate::{MAX_DEPTH, Outline, Widening};

use super::CapabilityError;
use super::block::{Block, Malformed};
use super::frames::Frames;
use crate::access::{AccessClaims, ChainError, Hop, chain};

fn within(hop: usize, ceiling: u8) -> Result<(), CapabilityError> {
    let ceiling = ceiling.min(MAX_DEPTH);
    if hop > usize::from(ceiling) { Err(ChainError::Depth { ceiling }.into()) } else { Ok(()) }
}

/// How far a chain was followed.
#[derive(Debug)]
pub(super) struct Reached<'a> {
    /// Their mandate lacks what is in the outline, and the hops made offline lack their ids.
    pub(super) claims: Box<AccessClaims>,
    pub(super) outline: Outline<'a>,
    /// Which hops on the way state how often they may be exercised, root first.
    pub(super) uses: Vec<(usize, u64)>,
    /// Why the chain leads no further, though each block is well-formed.
    pub(super) refused: Option<CapabilityError>,
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

fn wider_than_parent(hop: usize, wider: Widening) -> CapabilityError {
    CapabilityError::NotAttenuated { hop, member: wider.member }
}

impl<'a> Reached<'a> {
    /// To the last block, from what the first one says.
    pub(super) fn follow(
        frames: &'a Frames,
        (claims, outline): (Box<AccessClaims>, Outline<'a>),
    ) -> Result<Self, CapabilityError> {
        let issued = claims.chain.len();
        let mut reached = Self::issued(claims, outline, frames.steps());
        for (i, text) in frames.blocks().enumerate().skip(1) {
            let malformed = CapabilityError::Block { index: i };
            let text = text.ok_or(malformed)?;
            let block = Block::read(text, &reached.outline).map_err(|Malformed| malformed)?;
            if reached.refused.is_none() {
                reached.refused = reached.extend(block).err();
            }
        }
        reached.name_agent(issued);
        Ok(reached)
    }

    /// Whoever is reached is named after the issued hop's agent as his path is.
    fn name_agent(&mut self, issued: usize) {
        let AccessClaims { agent, chain, .. } = &mut *self.claims;
        let from = issued.checked_sub(1).and_then(|last| chain.get(last)).map_or(0, |hop| hop.agent.len());
        if let Some(path) = chain.last().and_then(|hop| hop.agent.get(from..)) {
            agent.name.push_str(path);
            agent.spiffe_id.push_str(path);
        }
    }

    /// The first block's claims, with room for `steps` more.
    fn issued(mut claims: Box<AccessClaims>, outline: Outline<'a>, steps: usize) -> Self {
        claims.chain.reserve_exact(steps);
        let refused = chain::check(&claims).err().map(CapabilityError::from);
        let uses = claims.mandate.uses.map(|uses| (claims.del_depth(), uses)).into_iter().collect();
        Self { claims, outline, uses, refused }
    }

    /// Verifies that the holder may make a delegation that was not read; following one refuses the same in the same
    /// order.
    pub(super) fn verify(&self, block: &Block<'_>) -> Result<(), CapabilityError> {
        verify_holder(&self.claims, block)?;
        let (hop, narrowing) = (self.claims.chain.len(), &block.narrowing);
        let narrowed = self.outline.verify_narrowing(&self.claims.mandate, narrowing);
        narrowed.map_err(|wider| wider_than_parent(hop, wider))?;
        within(hop, narrowing.max_depth.unwrap_or(MAX_DEPTH))
    }

    /// Follows the delegation that the block states. When it is refused, there is nothing to follow any more.
    fn extend(&mut self, block: Block<'a>) -> Result<(), CapabilityError> {
        let claims = &mut self.claims;
        verify_holder(claims, &block)?;
        let Block { name, narrowing, stated, cnf } = block;
        let (hop, uses) = (claims.chain.len(), narrowing.uses);
        let narrowed = self.outline.narrow(&mut claims.mandate, narrowing.into_owned(), stated);
        narrowed.map_err(|wider| wider_than_parent(hop, wider))?;
        within(hop, claims.mandate.max_depth)?;
        let parent = claims.chain.last().ok_or(ChainError::Empty)?;
        let mut agent = String::with_capacity(parent.agent.len() + 1 + name.len());
        agent.push_str(&parent.agent);
        agent.push('/');
        agent.push_str(&name);
        let (crit, seq, sub) = (parent.crit, parent.seq, parent.sub.clone());
        if let (None, Some(cnf)) = (&claims.cnf, cnf) {
            claims.cnf = Some(cnf.into_owned());
        }
        let jkt = claims.cnf.as_ref().map(|cnf| cnf.jkt.clone());
        let bind = Some(&claims.mandate.binding).filter(|binding| !binding.is_empty()).cloned();
        claims.chain.push(Hop { agent, bind, crit, id: String::new(), jkt, rt: None, seq, sub });
        self.uses.extend(uses.map(|uses| (hop, uses)));
        Ok(())
    }
}
