//! Narrowing a capability offline: one block more, under the tag as its key. No other key is needed.

use std::borrow::Cow;

use deputy_mandate::{Narrowing, Repeated};

use super::block::Block;
use super::frames::Frames;
use super::root::Root;
use super::{AttenuateError, CapabilityError, UnverifiedCapability, hop};
use crate::access::{Cnf, chain};

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
        repeated: Repeated::default(),
        cnf: wanted.cnf.as_ref().map(Cow::Borrowed),
    };
    let index = frames.steps() + 1;
    let sealable = block.has_sealed_form().then_some(()).ok_or(CapabilityError::Block { index });
    // Nothing is followed from a capability as it was issued, so nothing of its mandate need be owned.
    if let (0, Some(root)) = (frames.steps(), frames.block(0)) {
        let (Root { claims, .. }, outline) = Root::read_outline(root).map_err(AttenuateError::Parent)?;
        chain::check(&claims).map_err(|error| AttenuateError::Parent(error.into()))?;
        let verified = sealable.and_then(|()| hop::verify(&claims, Some(&outline), &block));
        verified.map_err(AttenuateError::Refused)?;
        return frames.extended(text, &block.write(nonce)).map_err(AttenuateError::Refused);
    }
    let parent = UnverifiedCapability::follow(frames).and_then(UnverifiedCapability::into_reached);
    let (frames, claims) = parent.map_err(AttenuateError::Parent)?;
    let verified = sealable.and_then(|()| hop::verify(&claims, None, &block));
    verified.map_err(AttenuateError::Refused)?;
    frames.extended(text, &block.write(nonce)).map_err(AttenuateError::Refused)
}
