//! A public key, prepared once, and the check of a signature with it.
//!
//! Invariant: a signature is checked only with an algorithm that the key is bound to.

use std::fmt;

use aws_lc_rs::signature::{ParsedPublicKey, RsaParameters, RsaPublicKeyComponents};
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256};

use super::{JwkError, KeyShape, VerifyAlg};

/// The signature is not one of this key, or its algorithm is not one of this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not valid")]
pub struct SignatureInvalid;

/// A key that verifies. It holds one prepared form per algorithm that it is bound to: two for an RSA key
/// that states no `alg`, one for every other.
#[derive(Clone)]
pub struct PublicKey {
    prepared: Vec<(VerifyAlg, ParsedPublicKey)>,
}

impl PublicKey {
    pub(super) fn prepare(shape: &KeyShape, alg: Option<VerifyAlg>) -> Result<Self, JwkError> {
        let refused = |_| JwkError::NotAKey;
        let prepared = match shape {
            KeyShape::P256 { x, y } => {
                let mut point = [4u8; 65];
                let (_, coordinates) = point.split_at_mut(1);
                for (to, from) in coordinates.iter_mut().zip(x.iter().chain(y)) {
                    *to = *from;
                }
                vec![(
                    VerifyAlg::Es256,
                    ParsedPublicKey::new(VerifyAlg::Es256.backend(), point).map_err(refused)?,
                )]
            }
            KeyShape::Ed25519 { x } => {
                vec![(
                    VerifyAlg::EdDsa,
                    ParsedPublicKey::new(VerifyAlg::EdDsa.backend(), x).map_err(refused)?,
                )]
            }
            KeyShape::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                let both: [(VerifyAlg, &'static RsaParameters); 2] = [
                    (VerifyAlg::Rs256, &RSA_PKCS1_2048_8192_SHA256),
                    (VerifyAlg::Ps256, &RSA_PSS_2048_8192_SHA256),
                ];
                let mut prepared = Vec::with_capacity(both.len());
                for (each, parameters) in both {
                    if alg.is_none_or(|stated| stated == each) {
                        prepared.push((each, key.to_parsed_public_key(parameters).map_err(refused)?));
                    }
                }
                prepared
            }
        };
        Ok(Self { prepared })
    }

    /// Whether signatures of `alg` can be verified with this key.
    pub fn is_bound_to(&self, alg: VerifyAlg) -> bool {
        self.prepared.iter().any(|(each, _)| *each == alg)
    }

    /// Checks `signature` (for ES256 the 64 bytes `r || s`) over `message`.
    ///
    /// # Errors
    /// [`SignatureInvalid`], also when the key is not bound to `alg`.
    pub fn verify(&self, alg: VerifyAlg, message: &[u8], signature: &[u8]) -> Result<(), SignatureInvalid> {
        let (_, key) = self.prepared.iter().find(|(each, _)| *each == alg).ok_or(SignatureInvalid)?;
        key.verify_sig(message, signature).map_err(|_| SignatureInvalid)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.prepared.iter().map(|(alg, _)| alg)).finish()
    }
}
