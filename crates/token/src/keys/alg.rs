//! Which signature algorithms exist here, and by which names (RFC 7518 section 3.1, RFC 8037, RFC 9864).
//!
//! Invariant: there is no `none` and no symmetric algorithm, so that a public key can never be taken for
//! an HMAC secret.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    VerificationAlgorithm,
};

/// An algorithm that Deputy itself signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alg {
    /// ECDSA on P-256 with SHA-256; the default of tenants.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Alg {
    /// The name in a JWS header and in a JWK.
    pub const fn as_str(self) -> &'static str {
        self.verified_as().as_str()
    }

    /// The algorithm of that name, if it is one that Deputy signs with.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }

    /// The same algorithm from the verifier's side.
    pub const fn verified_as(self) -> VerifyAlg {
        match self {
            Self::Es256 => VerifyAlg::Es256,
            Self::EdDsa => VerifyAlg::EdDsa,
        }
    }
}

/// An algorithm whose signatures are accepted: Deputy's own, and those that clients authenticate with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VerifyAlg {
    /// ECDSA on P-256 with SHA-256, signature `r || s`.
    Es256,
    /// Ed25519, named `EdDSA` (RFC 8037) or `Ed25519` (RFC 9864).
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256, salt as long as the digest.
    Ps256,
}

impl VerifyAlg {
    /// Every name that a client's signature may carry, for the server's metadata.
    pub const NAMES: &'static [&'static str] = &["ES256", "EdDSA", "Ed25519", "RS256", "PS256"];

    /// The name under which Deputy writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    /// The accepted algorithm of that name; names are case-sensitive (RFC 7515 section 4.1.1).
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            _ => None,
        }
    }

    pub(super) fn backend(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &ECDSA_P256_SHA256_FIXED,
            Self::EdDsa => &ED25519,
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
        }
    }
}
