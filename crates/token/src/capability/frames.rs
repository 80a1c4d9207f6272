//! The text of a capability taken apart: blocks and tag, and the chain of HMACs over them.

use deputy_mandate::MAX_DEPTH;
use subtle::ConstantTimeEq as _;

use super::key::mac;
use super::{CapabilityError, MAX_LEN, PREFIX};
use crate::access::ChainError;
use crate::base64url::{decode_onto, encode_onto};

/// Most blocks: the root and one for each delegation.
const MAX_BLOCKS: usize = MAX_DEPTH as usize + 1;
/// Bytes of a tag in base64url.
const TAG_LEN: usize = 43;

/// The blocks, decoded into one text, and the tag after them.
#[derive(Debug, Clone)]
pub(super) struct Frames {
    text: String,
    ends: Vec<usize>,
    tag: [u8; 32],
}

impl Frames {
    pub(super) fn parse(text: &str) -> Result<Self, CapabilityError> {
        if text.len() > MAX_LEN {
            return Err(CapabilityError::TooLong);
        }
        let rest = text.strip_prefix(PREFIX).ok_or(CapabilityError::Text)?;
        let (blocks, tag) = rest.rsplit_once('.').ok_or(CapabilityError::Text)?;
        let mut decoded = Vec::with_capacity(blocks.len());
        let mut ends = Vec::with_capacity(4);
        let mut start = 0;
        for dot in memchr::memchr_iter(b'.', blocks.as_bytes()).chain([blocks.len()]) {
            if ends.len() == MAX_BLOCKS {
                return Err(ChainError::Depth { ceiling: MAX_DEPTH }.into());
            }
            let block = blocks.get(start..dot).ok_or(CapabilityError::Text)?;
            start = dot + 1;
            // The reader refuses padding and non-zero trailing bits, so a block has one spelling.
            decode_onto(&mut decoded, block).ok_or(CapabilityError::Text)?;
            ends.push(decoded.len());
        }
        let end = decoded.len();
        decode_onto(&mut decoded, tag).ok_or(CapabilityError::Text)?;
        let tag = decoded.get(end..).and_then(|tag| tag.try_into().ok()).ok_or(CapabilityError::Text)?;
        decoded.truncate(end);
        let text = String::from_utf8(decoded).map_err(|_| CapabilityError::Text)?;
        Ok(Self { text, ends, tag })
    }

    /// The blocks in order; `None` for one whose end is not the end of a character.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Option<&str>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| self.text.get(start..end))
    }

    /// How many delegations stand after the first block.
    pub(super) fn steps(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    /// The first block.
    pub(super) fn root(&self) -> Result<&str, CapabilityError> {
        self.blocks().next().flatten().ok_or(CapabilityError::Block { index: 0 })
    }

    /// Computes the tag again, block by block from the key, and compares it in constant time.
    pub(super) fn verify(&self, key: &[u8; 32]) -> Result<(), CapabilityError> {
        let mut tag = *key;
        for block in self.blocks() {
            tag = mac(&tag, &[block.ok_or(CapabilityError::Text)?.as_bytes()]);
        }
        if bool::from(tag.ct_eq(&self.tag)) { Ok(()) } else { Err(CapabilityError::Signature) }
    }

    /// The text with one block more, sealed with the tag before it.
    pub(super) fn extended(&self, text: &str, block: &str) -> Result<String, CapabilityError> {
        let blocks = text.get(..text.len().saturating_sub(TAG_LEN)).ok_or(CapabilityError::Text)?;
        seal(blocks, &self.tag, block).ok_or(CapabilityError::TooLong)
    }
}

/// What goes before, the block, and its tag under `key`; `None` when that is too long.
pub(super) fn seal(before: &str, key: &[u8; 32], block: &str) -> Option<String> {
    let length = before.len() + block.len().div_ceil(3) * 4 + 1 + TAG_LEN;
    let mut text = String::with_capacity(length);
    text.push_str(before);
    encode_onto(&mut text, block);
    text.push('.');
    encode_onto(&mut text, mac(key, &[block.as_bytes()]));
    (text.len() <= MAX_LEN).then_some(text)
}
