//! Narrowing a capability offline: one block more, under the tag as its key. No other key is needed.

use std::borrow::Cow;

use deputy_mandate::{Narrowing, Repeated};

use super::block::Block;
use super::{AttenuateError, CapabilityError, UnverifiedCapability, hop};
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
    let parent = UnverifiedCapability::parse(text).map_err(AttenuateError::Parent)?;
    let (claims, frames) = parent.reached().map_err(AttenuateError::Parent)?;
    let block = Block {
        name: Cow::Borrowed(&wanted.name),
        narrowing: wanted.narrowing.to_sealed(),
        repeated: Repeated::default(),
        cnf: wanted.cnf.as_ref().map(Cow::Borrowed),
    };
    if !block.has_sealed_form() {
        let index = frames.blocks().count();
        return Err(AttenuateError::Refused(CapabilityError::Block { index }));
    }
    hop::verify(claims, &block).map_err(AttenuateError::Refused)?;
    frames.extended(text, &block.write(nonce)).map_err(AttenuateError::Refused)
}
