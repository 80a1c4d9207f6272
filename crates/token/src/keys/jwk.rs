//! A public JSON Web Key (RFC 7517), checked and prepared, and its thumbprint (RFC 7638).
//!
//! Invariant: a `Jwk` is a usable public signature key; it holds nothing private.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use sha2::{Digest as _, Sha256};

use super::jwk_wire::{JwkError, JwkWire};
use super::{Alg, PublicKey, VerifyAlg};

/// The public numbers of a key, of exactly the size that its curve has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyShape {
    /// A point on P-256, big-endian coordinates (RFC 7518 section 6.2).
    P256 {
        /// First coordinate.
        x: [u8; 32],
        /// Second coordinate.
        y: [u8; 32],
    },
    /// An Ed25519 public key (RFC 8037 section 2).
    Ed25519 {
        /// The encoded point.
        x: [u8; 32],
    },
    /// An RSA public key, big-endian without leading zeros (RFC 7518 section 6.3).
    Rsa {
        /// Modulus, 2048 to 8192 bits.
        n: Vec<u8>,
        /// Public exponent.
        e: Vec<u8>,
    },
}

impl KeyShape {
    /// From an uncompressed SEC 1 point, `04 || x || y`.
    pub(super) fn from_p256_point(point: &[u8]) -> Option<Self> {
        let (x, y) = point.strip_prefix(&[4])?.split_at_checked(32)?;
        Some(Self::P256 { x: x.try_into().ok()?, y: y.try_into().ok()? })
    }

    pub(super) fn from_ed25519(point: &[u8]) -> Option<Self> {
        point.try_into().ok().map(|x| Self::Ed25519 { x })
    }
}

/// A public signature key. `Serialize` writes the JWK with `"use": "sig"`.
#[derive(Debug, Clone)]
pub struct Jwk {
    kid: Option<String>,
    alg: Option<VerifyAlg>,
    shape: KeyShape,
    key: PublicKey,
}

impl Jwk {
    /// Reads one JWK.
    ///
    /// # Errors
    /// [`JwkError`], also for a private or symmetric key: those are refused, not stripped, because whoever
    /// sent one has leaked it.
    pub fn parse(text: &str) -> Result<Self, JwkError> {
        // A derived deserializer would also take an array for the object.
        if !text.trim_start().starts_with('{') {
            return Err(JwkError::Malformed);
        }
        let wire: JwkWire<'_> = serde_json::from_str(text).map_err(|_| JwkError::Malformed)?;
        wire.check()
    }

    /// Reads exactly what [`Jwk::bare`] writes of an Ed25519 key, without the cost of reading JSON; `None` for
    /// any other text, also for another spelling of such a key.
    pub(crate) fn from_bare_ed25519(text: &str) -> Option<Self> {
        let x = text.strip_prefix(r#"{"crv":"Ed25519","kty":"OKP","x":""#)?.strip_suffix(r#""}"#)?;
        let x = B64.decode(x).ok()?.try_into().ok()?;
        Self::checked(None, None, KeyShape::Ed25519 { x }).ok()
    }

    pub(super) fn checked(
        kid: Option<String>,
        alg: Option<VerifyAlg>,
        shape: KeyShape,
    ) -> Result<Self, JwkError> {
        let key = PublicKey::prepare(&shape, alg)?;
        Ok(Self { kid, alg, shape, key })
    }

    pub(super) fn own(kid: &str, alg: Alg, shape: KeyShape) -> Result<Self, JwkError> {
        Self::checked(Some(kid.to_owned()), Some(alg.verified_as()), shape)
    }

    /// The `kid`, if the key has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The `alg` that it states.
    pub fn alg(&self) -> Option<VerifyAlg> {
        self.alg
    }

    /// The public numbers.
    pub fn shape(&self) -> &KeyShape {
        &self.shape
    }

    /// The key, ready to verify.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The public numbers and nothing else, as the JSON text that RFC 7638 hashes: members sorted, no spaces.
    pub fn bare(&self) -> String {
        match &self.shape {
            KeyShape::P256 { x, y } => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, B64.encode(x), B64.encode(y))
            }
            KeyShape::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, B64.encode(x)),
            KeyShape::Rsa { n, e } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, B64.encode(e), B64.encode(n))
            }
        }
    }

    /// The RFC 7638 thumbprint, base64url of SHA-256: two JWKs of one key have the same, whatever their
    /// `kid` or `alg`.
    pub fn thumbprint(&self) -> String {
        B64.encode(Sha256::digest(self.bare()))
    }
}

impl PartialEq for Jwk {
    fn eq(&self, other: &Self) -> bool {
        (&self.kid, self.alg, &self.shape) == (&other.kid, other.alg, &other.shape)
    }
}

impl Eq for Jwk {}

impl serde::Serialize for Jwk {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        JwkWire::of(self).serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Jwk {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        JwkWire::deserialize(deserializer)?.check().map_err(serde::de::Error::custom)
    }
}
