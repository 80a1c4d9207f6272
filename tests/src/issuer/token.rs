//! A token in the making: good as it comes, and spoilt in exactly the ways that a test names (RFC 7515, RFC 7519).

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::Key;
use crate::jwt::now;

#[derive(Clone, Debug)]
enum Signature {
    By(Arc<Key>),
    Hmac(Vec<u8>),
    Empty,
}

/// Header, claims and who signs; [`Token::seal`] makes the text.
#[derive(Clone, Debug)]
#[must_use]
pub struct Token {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signature: Signature,
    changed: Map<String, Value>,
}

impl Token {
    /// Of these claims, under `alg` and `kid` of the key that signs it.
    ///
    /// # Panics
    /// When the claims are no object.
    pub fn new(key: Arc<Key>, claims: Value) -> Self {
        let Value::Object(claims) = claims else { panic!("claims are an object: {claims}") };
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!(key.alg().name()));
        header.insert("kid".to_owned(), json!(key.kid()));
        Self { header, claims, signature: Signature::By(key), changed: Map::new() }
    }

    /// A claim, added or replaced.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Each member of an object as a claim.
    pub fn claims(mut self, more: Value) -> Self {
        let Value::Object(more) = more else { panic!("claims are an object: {more}") };
        self.claims.extend(more);
        self
    }

    /// A claim less.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// A member of the header, added or replaced: `typ`, a lie as `alg` or `kid`, `jwk`, `jku`, `x5u`, `crit`, …
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// A member of the header less.
    pub fn header_without(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Good for these seconds from its `iat`.
    pub fn lives(self, seconds: u64) -> Self {
        let start = self.claims.get("iat").and_then(Value::as_u64).unwrap_or_else(now);
        self.claim("exp", start + seconds)
    }

    /// Issued ten minutes ago, and expired five minutes ago.
    pub fn expired(self) -> Self {
        let now = now();
        self.claim("iat", now - 600).claim("nbf", now - 600).claim("exp", now - 300)
    }

    /// Issued now, and good in ten minutes only.
    pub fn not_yet_valid(self) -> Self {
        let now = now();
        self.claim("nbf", now + 600).claim("exp", now + 1200)
    }

    /// Signed by another key; the header stays, so it names a key that did not sign.
    pub fn signed_by(mut self, key: &Arc<Key>) -> Self {
        self.signature = Signature::By(key.clone());
        self
    }

    /// `alg: none`, and no signature (RFC 7518 §3.6).
    pub fn unsigned(mut self) -> Self {
        self.signature = Signature::Empty;
        self.header("alg", "none")
    }

    /// HS256 with this secret.
    pub fn hs256(mut self, secret: &[u8]) -> Self {
        self.signature = Signature::Hmac(secret.to_vec());
        self.header("alg", "HS256")
    }

    /// HS256 with each form of the published key as the secret (RFC 8725 §2.1): all must be refused.
    pub fn confused(&self) -> Vec<(&'static str, Token)> {
        let Signature::By(key) = &self.signature else { panic!("no public key belongs to this token") };
        key.public_forms().into_iter().map(|(form, secret)| (form, self.clone().hs256(&secret))).collect()
    }

    /// A claim that is changed after the signature was made.
    pub fn tampered(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.changed.insert(name.to_owned(), value.into());
        self
    }

    /// The text.
    pub fn seal(self) -> String {
        let header = encode(Value::Object(self.header).to_string());
        let mut claims = self.claims;
        let input = format!("{header}.{}", encode(Value::Object(claims.clone()).to_string()));
        let signature = match &self.signature {
            Signature::By(key) => key.signature(input.as_bytes()),
            Signature::Hmac(secret) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hmac::sign(&key, input.as_bytes()).as_ref().to_vec()
            }
            Signature::Empty => Vec::new(),
        };
        claims.extend(self.changed);
        format!("{header}.{}.{}", encode(Value::Object(claims).to_string()), encode(signature))
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
