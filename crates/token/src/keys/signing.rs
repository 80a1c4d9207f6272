//! A key that signs. The key pair is parsed once; a signature costs one signing operation and no
//! allocation of ours.
//!
//! Invariant: a key has one algorithm and one identifier for life, and `Debug` never shows its secret.

use std::fmt;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use zeroize::Zeroizing;

use super::{Alg, Jwk, KeyShape, PublicKey};

/// Length of a signature, in bytes: `r || s` for ES256 (RFC 7518 section 3.4), `R || S` for Ed25519.
pub const SIGNATURE_LEN: usize = 64;

/// Why a key could not be made, loaded, stored or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key identifier is empty, longer than 128 bytes, or not of `A-Z a-z 0-9 - . _ ~`.
    #[error("a key identifier is 1 to 128 letters, digits or `-._~`")]
    Kid,
    /// The bytes are not a PKCS#8 private key of the stated algorithm.
    #[error("not a private key of algorithm `{}`", .0.as_str())]
    Rejected(Alg),
    /// The cryptographic backend refused to generate, export or sign.
    #[error("the cryptographic backend failed")]
    Backend,
}

/// A key identifier: `A-Z a-z 0-9 - . _ ~`, so that it stands in JSON, URLs and logs without escaping.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kid(String);

impl Kid {
    /// # Errors
    /// [`KeyError::Kid`].
    pub fn new(text: impl Into<String>) -> Result<Self, KeyError> {
        let text = text.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        match text.len() {
            1..=128 if text.bytes().all(plain) => Ok(Self(text)),
            _ => Err(KeyError::Kid),
        }
    }

    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

enum Pair {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

/// A private key with its identifier.
pub struct SigningKey {
    kid: Kid,
    pair: Pair,
    jwk: Jwk,
}

impl SigningKey {
    /// Makes a new key. The backend draws Ed25519 and P-256 keys from its own generator and takes `rng`
    /// only by contract.
    ///
    /// # Errors
    /// [`KeyError::Backend`].
    pub fn generate(kid: Kid, alg: Alg, rng: &dyn SecureRandom) -> Result<Self, KeyError> {
        let document = match alg {
            Alg::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, rng),
            Alg::EdDsa => Ed25519KeyPair::generate_pkcs8v1(rng),
        };
        let document = document.map_err(|_| KeyError::Backend)?;
        Self::from_pkcs8(kid, alg, document.as_ref())
    }

    /// Loads a key from PKCS#8 (RFC 5208), as [`SigningKey::pkcs8`] gives it.
    ///
    /// # Errors
    /// [`KeyError::Rejected`] when the bytes are not a key of `alg`.
    pub fn from_pkcs8(kid: Kid, alg: Alg, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let rejected = |_| KeyError::Rejected(alg);
        let pair = match alg {
            Alg::Es256 => Pair::Es256(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(rejected)?,
            ),
            Alg::EdDsa => Pair::EdDsa(Ed25519KeyPair::from_pkcs8(pkcs8).map_err(rejected)?),
        };
        let shape = match &pair {
            Pair::Es256(pair) => KeyShape::from_p256_point(pair.public_key().as_ref()),
            Pair::EdDsa(pair) => KeyShape::from_ed25519(pair.public_key().as_ref()),
        };
        let shape = shape.ok_or(KeyError::Rejected(alg))?;
        let jwk = Jwk::own(kid.as_str(), alg, shape).map_err(|_| KeyError::Rejected(alg))?;
        Ok(Self { kid, pair, jwk })
    }

    /// The private key as PKCS#8 v1, to be sealed under the master key; wiped when dropped.
    ///
    /// # Errors
    /// [`KeyError::Backend`].
    pub fn pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let document = match &self.pair {
            Pair::Es256(pair) => pair.to_pkcs8v1(),
            Pair::EdDsa(pair) => pair.to_pkcs8v1(),
        };
        document.map(|document| Zeroizing::new(document.as_ref().to_vec())).map_err(|_| KeyError::Backend)
    }

    /// Signs `message` as it stands; hashing is part of the algorithm.
    ///
    /// # Errors
    /// [`KeyError::Backend`].
    pub fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_LEN], KeyError> {
        let signature = match &self.pair {
            // The backend ignores this generator and draws the nonce from its own.
            Pair::Es256(pair) => pair.sign(&SystemRandom::new(), message),
            Pair::EdDsa(pair) => pair.try_sign(message),
        };
        let signature = signature.map_err(|_| KeyError::Backend)?;
        signature.as_ref().try_into().map_err(|_| KeyError::Backend)
    }

    /// The identifier that goes into the header of what it signs.
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// Its one algorithm.
    pub fn alg(&self) -> Alg {
        match self.pair {
            Pair::Es256(_) => Alg::Es256,
            Pair::EdDsa(_) => Alg::EdDsa,
        }
    }

    /// The verifying half, prepared.
    pub fn public(&self) -> &PublicKey {
        self.jwk.key()
    }

    /// The verifying half as it is published.
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).field("alg", &self.alg()).finish_non_exhaustive()
    }
}
