//! The tenant's capability secret, and the key of one audience that is derived from it.
//!
//! The secret serves nothing else. An audience key is what a service is given to verify its own capabilities
//! without asking; it tells nothing of the secret or of another audience's key.

use std::fmt;

use aws_lc_rs::rand::SecureRandom;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::keys::Kid;

/// `HMAC-SHA256(key, message)`.
pub(super) fn mac(key: &[u8; 32], message: &[&[u8]]) -> [u8; 32] {
    // A short key is padded with zeros to the length of a block (RFC 2104 section 2).
    let mut padded = hmac::digest::Key::<Hmac<Sha256>>::default();
    padded.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new(&padded);
    message.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// What every audience key of a tenant is derived from; wiped when dropped.
#[derive(Clone)]
pub struct CapabilitySecret(Zeroizing<[u8; 32]>);

impl CapabilitySecret {
    /// Draws a new one; `None` when the generator fails.
    pub fn generate(rng: &dyn SecureRandom) -> Option<Self> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        rng.fill(bytes.as_mut_slice()).ok()?;
        Some(Self(bytes))
    }

    /// From 32 bytes of full entropy, as they were sealed under the master key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The bytes, to be sealed under the master key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key of one audience: `HMAC-SHA256(secret, "dpyc1|{kid}|{audience}")`. A `kid` has no `|`, so no two
    /// pairs share a key.
    pub fn audience_key(&self, kid: &Kid, audience: &str) -> AudienceKey {
        let label: [&[u8]; 4] = [b"dpyc1|", kid.as_str().as_bytes(), b"|", audience.as_bytes()];
        AudienceKey {
            kid: kid.clone(),
            audience: audience.to_owned(),
            key: Zeroizing::new(mac(&self.0, &label)),
        }
    }
}

impl fmt::Debug for CapabilitySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CapabilitySecret(..)")
    }
}

/// What seals and verifies the capabilities of one audience; wiped when dropped.
#[derive(Clone)]
pub struct AudienceKey {
    kid: Kid,
    audience: String,
    key: Zeroizing<[u8; 32]>,
}

impl AudienceKey {
    /// From what a verifier was given.
    pub fn from_parts(kid: Kid, audience: impl Into<String>, key: &[u8; 32]) -> Self {
        Self { kid, audience: audience.into(), key: Zeroizing::new(*key) }
    }

    /// Its identifier.
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// The one audience that it is for.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The bytes: for the service that owns the audience, and nobody else.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.key
    }
}

impl fmt::Debug for AudienceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudienceKey")
            .field("kid", &self.kid)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
