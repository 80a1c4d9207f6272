//! Tokens whose signature has been verified, by the digest of their text.
//!
//! Only what can never change is kept: that a key of a tenant signed these claims. Whether the key is
//! still published, and whether anything of the chain lives, is asked on every use. Invariant: at
//! most two generations of [`GENERATION`] tokens are held, never a token's text.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use parking_lot::Mutex;

use super::SignedToken;

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
    generations: Mutex<Generations>,
}

/// When the young generation is full it becomes the old one, and the old one is forgotten.
#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Digest, Fingerprinted>,
    old: HashMap<Digest, Fingerprinted>,
}

impl VerifiedTokens {
    /// A token of this tenant that was verified before.
    pub(super) fn find(&self, digest: &Digest, tenant: &str) -> Option<Fingerprinted> {
        let mut generations = self.generations.lock();
        let known = match generations.young.get(digest) {
            Some(known) => known.clone(),
            None => {
                let known = generations.old.remove(digest)?;
                generations.put(*digest, known.clone());
                known
            }
        };
        (*known.tenant == *tenant).then_some(known)
    }

    /// Remembers a token that was just verified.
    pub(super) fn keep(&self, digest: Digest, token: Fingerprinted) {
        if digest.1 <= MOST_BYTES {
            self.generations.lock().put(digest, token);
        }
    }
}

impl Generations {
    fn put(&mut self, digest: Digest, token: Fingerprinted) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(digest, token);
    }
}
