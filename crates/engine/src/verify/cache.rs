//! Tokens whose signature has been verified, by the digest of their text; first blocks of capabilities that were
//! issued, by theirs.
//!
//! Only what can never change is kept: that a key of a tenant signed these claims. Whether the key is
//! still published, and whether anything of the chain lives, is asked on every use. Invariant: at
//! most two generations of [`GENERATION`] of each are held, never a token's text.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use parking_lot::Mutex;

use super::{SignedToken, capability::FirstBlock};

/// Tokens a generation, about 6 KiB each.
const GENERATION: usize = 4_096;
/// Longer tokens are rare, and are verified each time rather than held.
const MOST_BYTES: usize = 8 * 1024;

/// SHA-256 of a token's text, with its length.
pub(super) type Digest = ([u8; 32], usize);

pub(super) fn fingerprint(token: &str) -> Digest {
    let mut bytes = [0_u8; 32];
    for (to, from) in bytes.iter_mut().zip(digest(&SHA256, token.as_bytes()).as_ref()) {
        *to = *from;
    }
    (bytes, token.len())
}

/// A token that a key of a tenant signed.
#[derive(Debug, Clone)]
pub(super) struct Fingerprinted {
    /// The tenant, by id.
    pub(super) tenant: Arc<str>,
    /// The key.
    pub(super) kid: Box<str>,
    /// What it signed.
    pub(super) signed: Arc<SignedToken>,
}

/// The verified tokens of this server.
#[derive(Debug, Default)]
pub(crate) struct VerifiedTokens {
    generations: Mutex<Generations<Fingerprinted>>,
}

/// When the young generation is full it becomes the old one, and the old one is forgotten.
#[derive(Debug)]
struct Generations<V> {
    young: HashMap<Digest, V>,
    old: HashMap<Digest, V>,
}

impl<V> Default for Generations<V> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }
}

impl VerifiedTokens {
    /// A token of this tenant that was verified before.
    pub(super) fn find(&self, digest: &Digest, tenant: &str) -> Option<Fingerprinted> {
        let known = self.generations.lock().get(digest)?;
        (*known.tenant == *tenant).then_some(known)
    }

    /// Remembers a token that was just verified.
    pub(super) fn keep(&self, digest: Digest, token: Fingerprinted) {
        if digest.1 <= MOST_BYTES {
            self.generations.lock().put(digest, token);
        }
    }
}

/// First blocks that were issued. Each names its issuer, so that none is taken for another tenant's.
#[derive(Debug, Default)]
pub(crate) struct IssuedBlocks {
    generations: Mutex<Generations<()>>,
}

impl IssuedBlocks {
    /// Whether this block is known to have been issued.
    pub(super) fn holds(&self, block: FirstBlock) -> bool {
        self.generations.lock().get(&block.0).is_some()
    }

    /// Remembers a block whose issue is committed.
    pub(crate) fn keep(&self, block: FirstBlock) {
        self.generations.lock().put(block.0, ());
    }
}

impl<V: Clone> Generations<V> {
    fn get(&mut self, digest: &Digest) -> Option<V> {
        if let Some(known) = self.young.get(digest) {
            return Some(known.clone());
        }
        let known = self.old.remove(digest)?;
        self.put(*digest, known.clone());
        Some(known)
    }

    fn put(&mut self, digest: Digest, value: V) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(digest, value);
    }
}
