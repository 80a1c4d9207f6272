//! One proof, first as text that anybody may have written, then as one that its own key made for this request.

use deputy_mandate::{Instant, Members, ReasonCode, Value};

use super::{TYP, htu, token_hash};
use crate::freshness::{Once, Window};
use crate::jws::{JwsError, UnverifiedJws};
use crate::keys::{Jwk, JwkError, KeyShape};

/// Longest proof that is read, in bytes.
pub const MAX_PROOF_LEN: usize = 8 * 1024;
/// Longest `jti` that is taken into memory, in bytes.
pub const MAX_JTI_LEN: usize = 256;
/// Instants that are read: up to the year 9999, so that no later arithmetic saturates.
const SECONDS: std::ops::Range<i64> = 0..253_402_300_800;

/// Why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Longer than [`MAX_PROOF_LEN`].
    #[error("the proof is longer than 8 KiB")]
    TooLong,
    /// Not a compact JWS, a refused header, another `typ`, or a signature that its own key did not make.
    #[error("the proof is not valid: {0}")]
    Jws(#[from] JwsError),
    /// The header has no `jwk`.
    #[error("the proof's header carries no `jwk`")]
    NoKey,
    /// The `jwk` is no public key.
    #[error("the proof's `jwk` is refused: {0}")]
    Key(#[from] JwkError),
    /// The `jwk` is neither a P-256 nor an Ed25519 key.
    #[error("the proof's key must be EC with curve P-256, or OKP with curve Ed25519")]
    Alg,
    /// A claim is missing, repeated, or of the wrong type.
    #[error("the proof's claim `{0}` is missing or malformed")]
    Claim(&'static str),
    /// The payload is not JSON that can be read strictly.
    #[error("the proof's payload is malformed")]
    Payload,
    /// `htm` is another method.
    #[error("the proof was made for another method")]
    Method,
    /// `htu` is another URI.
    #[error("the proof was made for another URI")]
    Uri,
    /// `iat` is outside the window.
    #[error("the proof is too old, or made in the future")]
    Time,
    /// `ath` is missing or of another token.
    #[error("the proof was not made for this token")]
    Token,
    /// The token is bound to another key.
    #[error("the token is bound to another key")]
    Binding,
}

impl ProofError {
    /// The reason that a decision gives for it.
    pub const fn reason(self) -> ReasonCode {
        ReasonCode::ProofInvalid
    }
}

/// What a proof must be made for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's URI as the client sees it; query and fragment are not compared.
    pub uri: &'a str,
    /// The access token that comes with the proof, where one does.
    pub token: Option<BoundToken<'a>>,
    /// The time.
    pub now: Instant,
    /// How old, and how far ahead, a proof may be.
    pub window: Window,
}

/// An access token and the key that it is bound to.
#[derive(Debug, Clone, Copy)]
pub struct BoundToken<'a> {
    /// The token's text.
    pub token: &'a str,
    /// Its `cnf.jkt`.
    pub jkt: &'a str,
}

/// A text that may be a proof.
#[derive(Debug, Clone)]
pub struct UnverifiedProof<'a> {
    jws: UnverifiedJws<'a>,
    key: Jwk,
}

impl<'a> UnverifiedProof<'a> {
    /// Takes the text apart: RFC 9449 section 4.3, checks 2, 4, 5 and 7.
    ///
    /// # Errors
    /// [`ProofError::TooLong`], [`ProofError::Jws`], [`ProofError::NoKey`], [`ProofError::Key`],
    /// [`ProofError::Alg`].
    pub fn parse(text: &'a str) -> Result<Self, ProofError> {
        if text.len() > MAX_PROOF_LEN {
            return Err(ProofError::TooLong);
        }
        let (jws, key) = UnverifiedJws::parse_with_key(text)?;
        if jws.typ() != Some(TYP) {
            return Err(JwsError::Typ.into());
        }
        let key = Jwk::parse(key.ok_or(ProofError::NoKey)?.get())?;
        if matches!(key.shape(), KeyShape::Rsa { .. }) || !key.key().is_bound_to(jws.alg()) {
            return Err(ProofError::Alg);
        }
        Ok(Self { jws, key })
    }

    /// Thumbprint of the key that claims to have made it; good for choosing a limiter, for nothing else.
    pub fn unverified_jkt(&self) -> String {
        self.key.thumbprint()
    }

    /// Verifies the rest of RFC 9449 section 4.3.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(self, expected: &Expected<'_>) -> Result<VerifiedProof, ProofError> {
        let verified = self.jws.verify(self.key.key(), TYP)?;
        let text = std::str::from_utf8(verified.payload()).map_err(|_| ProofError::Payload)?;
        let Ok(Value::Object(claims)) = Value::parse(text) else { return Err(ProofError::Payload) };
        let jti = text_claim(&claims, "jti")?;
        if jti.len() > MAX_JTI_LEN {
            return Err(ProofError::Claim("jti"));
        }
        let (method, uri) = (text_claim(&claims, "htm")?, text_claim(&claims, "htu")?);
        let iat = instant(&claims)?;
        if method != expected.method {
            return Err(ProofError::Method);
        }
        if htu::normalized(uri).is_none_or(|uri| Some(uri) != htu::normalized(expected.uri)) {
            return Err(ProofError::Uri);
        }
        if !expected.window.holds(iat, expected.now) {
            return Err(ProofError::Time);
        }
        let (ath, nonce) = (optional(&claims, "ath")?, optional(&claims, "nonce")?);
        let jkt = self.key.thumbprint();
        if let Some(bound) = expected.token {
            if ath != Some(token_hash(bound.token).as_str()) {
                return Err(ProofError::Token);
            }
            if bound.jkt != jkt {
                return Err(ProofError::Binding);
            }
        }
        Ok(VerifiedProof {
            iat,
            ath: ath.map(str::to_owned),
            nonce: nonce.map(str::to_owned),
            once: Once { jkt, jti: jti.to_owned(), until: expected.window.until(iat) },
        })
    }
}

fn optional<'a>(claims: &'a Members, name: &'static str) -> Result<Option<&'a str>, ProofError> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or(ProofError::Claim(name)),
    }
}

fn text_claim<'a>(claims: &'a Members, name: &'static str) -> Result<&'a str, ProofError> {
    optional(claims, name)?.filter(|text| !text.is_empty()).ok_or(ProofError::Claim(name))
}

/// `iat`, which some clients write with a fraction (RFC 7519 section 2 allows it); rounded down.
fn instant(claims: &Members) -> Result<Instant, ProofError> {
    let Some(Value::Number(number)) = claims.get("iat") else { return Err(ProofError::Claim("iat")) };
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and the range is checked next")]
    let seconds = number.as_i64().unwrap_or_else(|| number.as_f64().floor() as i64);
    if !SECONDS.contains(&seconds) {
        return Err(ProofError::Claim("iat"));
    }
    Ok(Instant::from_secs(seconds))
}

/// A proof that its key made for this request, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedProof {
    iat: Instant,
    ath: Option<String>,
    nonce: Option<String>,
    once: Once,
}

impl VerifiedProof {
    /// Thumbprint of the key that made it: the `cnf.jkt` of a token that is bound to it.
    pub fn jkt(&self) -> &str {
        &self.once.jkt
    }

    /// Its identifier.
    pub fn jti(&self) -> &str {
        &self.once.jti
    }

    /// When it was made, in whole seconds.
    pub fn iat(&self) -> Instant {
        self.iat
    }

    /// The hash of the token that it was made for; checked, when a token was expected.
    pub fn ath(&self) -> Option<&str> {
        self.ath.as_deref()
    }

    /// The server's nonce that it carries, for the server to judge (RFC 9449 section 8).
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    /// What a memory of used proofs keeps.
    pub fn once(&self) -> &Once {
        &self.once
    }
}
