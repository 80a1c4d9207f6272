//! The keys of an issuer, and keys that a key set may hold beside them (RFC 7517, RFC 7518 §6, RFC 8037).
//!
//! Invariant: no two keys that live at the same time are the same key, though RSA keys, which are slow to make,
//! are used again by later tests of the process.

use std::sync::{Arc, Mutex};

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::holder::{Holder, pem};
use crate::jwt::nonce;

/// What an issuer signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alg {
    /// RSA with 2048 bits, PKCS#1 v1.5, SHA-256.
    Rs256,
    /// P-256.
    Es256,
    /// Ed25519, under its name of RFC 8037.
    EdDsa,
}

impl Alg {
    /// Its name in a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

#[derive(Debug)]
enum Pair {
    Rsa(Arc<RsaKeyPair>),
    Other(Holder),
}

/// One signing key.
#[derive(Debug)]
pub struct Key {
    kid: String,
    alg: Alg,
    pair: Pair,
}

/// RSA keys whose owners are gone.
static FREE: Mutex<Vec<Arc<RsaKeyPair>>> = Mutex::new(Vec::new());

impl Key {
    /// A key that no issuer has published.
    pub fn generate(alg: Alg) -> Arc<Self> {
        let pair = match alg {
            Alg::Rs256 => {
                let free = FREE.lock().unwrap().pop();
                Pair::Rsa(
                    free.unwrap_or_else(|| RsaKeyPair::generate(KeySize::Rsa2048).expect("a key").into()),
                )
            }
            Alg::Es256 => Pair::Other(Holder::p256()),
            Alg::EdDsa => Pair::Other(Holder::ed25519()),
        };
        Arc::new(Self { kid: nonce(), alg, pair })
    }

    /// Its name in the key set.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What it signs with.
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// Its public part, as a key set shows it.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let (n, e) = rsa_public(pair.public_key().as_ref());
                json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)})
            }
            Pair::Other(pair) => pair.jwk(),
        };
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.alg.name());
        jwk
    }

    /// The bytes of its public part that a careless verifier could take for the secret of an HMAC.
    pub fn public_forms(&self) -> [(&'static str, Vec<u8>); 3] {
        let der = match &self.pair {
            Pair::Rsa(pair) => {
                let der: PublicKeyX509Der<'_> = pair.public_key().as_der().expect("exported");
                der.as_ref().to_vec()
            }
            Pair::Other(pair) => pair.public_der(),
        };
        let pem = pem("PUBLIC KEY", &der).into_bytes();
        [("PEM", pem), ("DER", der), ("JWK", self.jwk().to_string().into_bytes())]
    }

    /// Its signature over these bytes.
    pub fn signature(&self, input: &[u8]) -> Vec<u8> {
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut signature)
                    .expect("a signature");
                signature
            }
            Pair::Other(pair) => pair.signature(input),
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        if let Pair::Rsa(pair) = &self.pair {
            FREE.lock().unwrap().push(pair.clone());
        }
    }
}

/// Modulus and exponent of an RSAPublicKey (RFC 8017 §A.1.1).
fn rsa_public(der: &[u8]) -> (&[u8], &[u8]) {
    let (sequence, _) = element(der);
    let (n, rest) = element(sequence);
    let (e, _) = element(rest);
    // A leading zero only keeps the number positive.
    (n.strip_prefix(&[0]).unwrap_or(n), e)
}

/// The content of a DER element, and what follows it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, start) = match der[1] {
        short @ 0..0x80 => (usize::from(short), 2),
        long => {
            let count = usize::from(long & 0x7f);
            let length = der[2..2 + count].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            (length, 2 + count)
        }
    };
    der[start..].split_at(length)
}

/// A key that no token can be verified with, and that must not spoil the set that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// P-256 for ECDH: `use` is `enc`.
    Encryption,
    /// An elliptic curve that is not ours.
    Secp256k1,
    /// A secret that should never have been published.
    Symmetric,
    /// A `kty` and `alg` of the future.
    Unheard,
}

impl Foreign {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Encryption, Self::Secp256k1, Self::Symmetric, Self::Unheard];

    /// A fresh one, under this `kid`.
    pub fn jwk(self, kid: &str) -> Value {
        match self {
            Self::Encryption => {
                let mut jwk = Holder::p256().jwk();
                jwk["use"] = json!("enc");
                jwk["alg"] = json!("ECDH-ES");
                jwk["kid"] = json!(kid);
                jwk
            }
            // The generator: a point of the curve that anybody can write down.
            Self::Secp256k1 => json!({
                "kty": "EC", "crv": "secp256k1", "alg": "ES256K", "use": "sig", "kid": kid,
                "x": "eb5mfvncu6xVoGKVzocLBwKb_NstzijZWfKBWxb4F5g",
                "y": "SDradyajxGVdpPv8DhEIqP0XtEimhVQZnEfQj_sQ1Lg",
            }),
            Self::Symmetric => {
                json!({"kty": "oct", "alg": "HS256", "use": "sig", "kid": kid, "k": URL_SAFE_NO_PAD.encode([7; 32])})
            }
            Self::Unheard => {
                json!({"kty": "AKP", "alg": "ML-DSA-44", "use": "sig", "kid": kid, "pub": nonce()})
            }
        }
    }
}
