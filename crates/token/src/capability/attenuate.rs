//! Narrowing a capability offline: one block more, under the tag as its key. No other key is needed.

use std::borrow::Cow;

use deputy_mandate::{Narrowing, Stated};

use super::block::Block;
use super::frames::Frames;
use super::hop::Reached;
use super::root::Root;
use super::{AttenuateError, CapabilityError};
use crate::access::Cnf;

/// One delegation; what is absent inherits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attenuation {
    /// The delegate's name, one segment: `[a-z0-9][a-z0-9._-]{0,62}`.
    pub name: String,
    /// The members of the mandate that are narrowed; instants seal in whole seconds, rounded inward.
    pub narrowing: Narrowing,
    /// The key that the delegate must prove; only where the chain has none yet.
    pub cnf: Option<Cnf>,
}

/// Makes the delegate's capability out of the holder's. The holder's tag is not checked, which takes the key;
/// everything else that a verifier would refuse is refused here, so that a holder learns at once.
///
/// The nonce is 128 random bits, so that two delegations never share an id.
///
/// # Errors
/// [`AttenuateError`].
pub fn attenuate(text: &str, wanted: &Attenuation, nonce: [u8; 16]) -> Result<String, AttenuateError> {
    let frames = Frames::parse(text).map_err(AttenuateError::Parent)?;
    let block = Block {
        name: Cow::Borrowed(&wanted.name),
        narrowing: wanted.narrowing.to_sealed(),
        stated: Stated::default(),
        cnf: wanted.cnf.as_ref().map(Cow::Borrowed),
    };
    let index = frames.steps() + 1;
    let sealable = block.has_sealed_form().then_some(()).ok_or(CapabilityError::Block { index });
    let reached = held(&frames).map_err(AttenuateError::Parent)?;
    sealable.and_then(|()| reached.verify(&block)).map_err(AttenuateError::Refused)?;
    frames.extended(text, &block.write(nonce)).map_err(AttenuateError::Refused)
}

/// What the holder has; nothing of his mandate need be owned.
fn held(frames: &Frames) -> Result<Reached<'_>, CapabilityError> {
    let (Root { claims, .. }, outline) = Root::read_bare_outline(frames.root()?)?;
    let reached = Reached::follow(frames, (claims, outline))?;
    reached.refused.map_or(Ok(reached), Err)
}
