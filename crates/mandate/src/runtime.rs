//! The runtime of an agent and its fingerprint.
//!
//! The fingerprint is `base64url(SHA-256(JCS({config, model, tools})))`, with `config` replaced by its digest and
//! tools sorted and unique: reordering changes nothing, anything else does. Evidence that an agent reports about
//! itself is drift detection, not attestation.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::json::{Members, Value};

/// What a SHA-256 digest of a configuration begins with.
const DIGEST_PREFIX: &str = "sha256:";
/// Characters of an unpadded base64url SHA-256.
const FINGERPRINT_LENGTH: usize = 43;

/// What an agent runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    /// The model.
    pub model: String,
    /// Its tools; order and repetition do not count.
    #[serde(default)]
    pub tools: BTreeSet<String>,
    /// Anything else that shapes its behaviour, or the `sha256:` digest of it; absent is `null`.
    #[serde(default = "no_config")]
    pub config: Value,
}

const fn no_config() -> Value {
    Value::Null
}

/// The hash of a runtime: 43 base64url characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Fingerprint(Box<str>);

/// A text that is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is {FINGERPRINT_LENGTH} base64url characters")]
pub struct FingerprintError;

/// Why the `runtime` of a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// Neither a runtime object nor a fingerprint.
    #[error("`runtime` is neither an object of model, tools and config nor a fingerprint")]
    Shape(#[from] serde_json::Error),
    /// A text that is no fingerprint.
    #[error(transparent)]
    Fingerprint(#[from] FingerprintError),
}

impl Runtime {
    /// The runtime with its configuration replaced by the digest: what is stored and compared.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.config = Value::String(digest(&self.config));
        self
    }

    /// The fingerprint; the same for a runtime and its sealed form.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let canonical = Value::Object(Members::from([
            ("config".to_owned(), digest(&self.config).into()),
            ("model".to_owned(), self.model.as_str().into()),
            ("tools".to_owned(), self.tools.iter().map(String::as_str).collect()),
        ]));
        let hash = Sha256::digest(canonical.to_canonical().as_bytes());
        Fingerprint(URL_SAFE_NO_PAD.encode(hash).into_boxed_str())
    }
}

fn digest(config: &Value) -> String {
    if let Value::String(text) = config
        && text.strip_prefix(DIGEST_PREFIX).is_some_and(is_hex_digest)
    {
        return text.clone();
    }
    let hash = Sha256::digest(config.to_canonical().as_bytes());
    hash.iter().fold(DIGEST_PREFIX.to_owned(), |mut text, byte| {
        text.extend([byte >> 4, byte & 15].into_iter().filter_map(|n| char::from_digit(u32::from(n), 16)));
        text
    })
}

fn is_hex_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

impl Fingerprint {
    /// Reads the `runtime` of a request: a runtime object or its fingerprint, as JSON or as bare text.
    ///
    /// # Errors
    /// [`RuntimeError`] when it is neither.
    pub fn from_evidence(text: &str) -> Result<Self, RuntimeError> {
        match text.trim_start().bytes().next() {
            Some(b'{') => Ok(serde_json::from_str::<Runtime>(text)?.fingerprint()),
            Some(b'"') => Ok(serde_json::from_str(text)?),
            _ => Ok(Self::try_from(text.to_owned())?),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = FingerprintError;

    fn try_from(text: String) -> Result<Self, FingerprintError> {
        let fits = text.len() == FINGERPRINT_LENGTH
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if fits { Ok(Self(text.into_boxed_str())) } else { Err(FingerprintError) }
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.0.into_string()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[path = "runtime_tests.rs"]
mod tests;
