//! The master key, under which signing keys, tenant secrets and the secrets of identity providers are
//! stored: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.
//!
//! Invariant: a ciphertext opens only in the context that it was sealed for, so that a row copied into
//! another tenant or column is refused. The 32 bytes given by the operator are used for nothing but to
//! derive two independent keys, one that seals and one that is the public check value.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand::SecureRandom;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as B64};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Sha256Digest;

/// What a sealed text starts with; another letter is another scheme.
const VERSION: &str = "m1.";

/// Why the master key cannot be used, or does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// The text is not 32 bytes in base64.
    #[error("the master key must be 32 bytes in base64")]
    Form,
    /// The random generator failed.
    #[error("the random generator failed")]
    Random,
    /// The ciphertext is not one of this key and this context, or it was changed.
    #[error("the sealed text does not open with this key in this context")]
    DoesNotOpen,
    /// The backend refused to seal.
    #[error("the cryptographic backend failed")]
    Backend,
}

/// The key that everything secret at rest is sealed with.
pub struct MasterKey {
    sealing: LessSafeKey,
    check_value: Sha256Digest,
}

impl MasterKey {
    /// From 32 bytes of full entropy.
    ///
    /// # Errors
    /// [`MasterKeyError::Backend`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, MasterKeyError> {
        let derive = |label: &[u8]| -> Result<Zeroizing<[u8; 32]>, MasterKeyError> {
            let mut mac = Hmac::<Sha256>::new_from_slice(bytes).map_err(|_| MasterKeyError::Backend)?;
            mac.update(label);
            Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
        };
        let sealing = derive(b"deputy master key: sealing, version 1")?;
        let check = derive(b"deputy master key: check value, version 1")?;
        let sealing =
            UnboundKey::new(&AES_256_GCM, sealing.as_slice()).map_err(|_| MasterKeyError::Backend)?;
        Ok(Self { sealing: LessSafeKey::new(sealing), check_value: Sha256Digest::from_bytes(*check) })
    }

    /// From base64, standard or URL-safe, as an operator writes it; surrounding white space is ignored.
    ///
    /// # Errors
    /// [`MasterKeyError::Form`].
    pub fn from_text(text: &str) -> Result<Self, MasterKeyError> {
        let text = text.trim();
        let decoded = STANDARD.decode(text).or_else(|_| B64.decode(text.trim_end_matches('=')));
        let decoded = Zeroizing::new(decoded.map_err(|_| MasterKeyError::Form)?);
        let bytes: &[u8; 32] = decoded.as_slice().try_into().map_err(|_| MasterKeyError::Form)?;
        Self::from_bytes(bytes)
    }

    /// Draws the text of a new master key: base64 of 32 bytes.
    ///
    /// # Errors
    /// [`MasterKeyError::Random`].
    pub fn generate_text(rng: &dyn SecureRandom) -> Result<Zeroizing<String>, MasterKeyError> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        rng.fill(bytes.as_mut_slice()).map_err(|_| MasterKeyError::Random)?;
        Ok(Zeroizing::new(STANDARD.encode(bytes.as_slice())))
    }

    /// A value that tells this key from any other and reveals nothing of it; it is stored in the clear.
    pub fn check_value(&self) -> Sha256Digest {
        self.check_value
    }

    /// Seals `plain` for `context`, which names the place that it is stored in.
    ///
    /// # Errors
    /// [`MasterKeyError::Random`], [`MasterKeyError::Backend`].
    pub fn seal(
        &self,
        context: &str,
        plain: &[u8],
        rng: &dyn SecureRandom,
    ) -> Result<String, MasterKeyError> {
        let mut nonce = [0u8; NONCE_LEN];
        rng.fill(&mut nonce).map_err(|_| MasterKeyError::Random)?;
        let mut cipher = Vec::with_capacity(plain.len() + AES_256_GCM.tag_len());
        cipher.extend_from_slice(plain);
        let (aad, key_nonce) = (Aad::from(context), Nonce::assume_unique_for_key(nonce));
        self.sealing
            .seal_in_place_append_tag(key_nonce, aad, &mut cipher)
            .map_err(|_| MasterKeyError::Backend)?;
        Ok(format!("{VERSION}{}.{}", B64.encode(nonce), B64.encode(cipher)))
    }

    /// Opens what [`MasterKey::seal`] made for the same context; the plain text is wiped when dropped.
    ///
    /// # Errors
    /// [`MasterKeyError::DoesNotOpen`], whatever the cause.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
        self.try_open(context, sealed).ok_or(MasterKeyError::DoesNotOpen)
    }

    fn try_open(&self, context: &str, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, cipher) = sealed.strip_prefix(VERSION)?.split_once('.')?;
        let nonce: [u8; NONCE_LEN] = B64.decode(nonce).ok()?.try_into().ok()?;
        let mut buffer = Zeroizing::new(B64.decode(cipher).ok()?);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length = self.sealing.open_in_place(nonce, Aad::from(context), &mut buffer).ok()?.len();
        buffer.truncate(length);
        Some(buffer)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}
