//! The proof of possession: that whoever presents a chain holds the leaf's key, and means this very call
//! (the draft's invariant I6, its section 7).
//!
//! Invariant: a [`VerifiedPop`] was signed by the key that the leaf is bound to, over the leaf itself, the
//! audience, the tool and its arguments, inside the window. `aat_aud` is required, which the draft leaves open.

use deputy_mandate::{Instant, ReasonCode, Value};
use serde::{Deserialize, Serialize};

use super::seal::{alg_name, canonical};
use super::token::{Position, Token};
use super::verify::{AatError, SignedAat, UnverifiedAat};
use super::{MAX_JTI_LEN, POP_TYP, SEPARATOR};
use crate::freshness::{Once, Window};
use crate::jws::{JwsError, SealError, UnverifiedJws, sign};
use crate::keys::SigningKey;

/// What a holder says with a call.
#[derive(Debug, Clone, Copy)]
pub struct Pop<'a> {
    /// A fresh random identifier.
    pub jti: &'a str,
    /// When the proof is made.
    pub iat: Instant,
    /// Whom the call is presented to.
    pub audience: &'a str,
    /// The tool.
    pub tool: &'a str,
    /// Its arguments: an object.
    pub arguments: &'a Value,
    /// The nonce that was asked for.
    pub nonce: Option<&'a str>,
}

/// Why no proof is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PopSealError {
    /// The chain cannot be read.
    #[error("the chain cannot be read: {0}")]
    Chain(#[from] AatError),
    /// The signing key is not the one that the leaf is bound to.
    #[error("the key is not the one that the leaf is bound to")]
    NotHolder,
    /// The arguments are not an object, or the id is empty or too long.
    #[error("the arguments are not an object, or the id is empty or too long")]
    Claims,
    /// The JWS could not be made.
    #[error(transparent)]
    Jws(#[from] SealError),
}

/// The claims; members in the order of RFC 8785, which the draft demands of the whole payload.
#[derive(Serialize)]
struct Written<'a> {
    aat_aud: &'a str,
    aat_hash: &'a str,
    aat_id: &'a str,
    aat_tool: &'a str,
    hta: &'a Value,
    iat: i64,
    jti: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

/// Makes the proof that goes with one call under `chain`.
///
/// # Errors
/// [`PopSealError`].
pub fn seal_pop(chain: &str, pop: &Pop<'_>, key: &SigningKey) -> Result<String, PopSealError> {
    UnverifiedAat::parse(chain)?;
    let leaf = chain.rsplit(SEPARATOR).next().unwrap_or_default();
    let jws = UnverifiedJws::parse(leaf).map_err(AatError::from)?;
    let (leaf, _) = Token::read(jws.unverified_payload(), jws.signing_input(), Position::RootOrLeaf)
        .map_err(AatError::from)?;
    if key.jwk().thumbprint() != leaf.jkt {
        return Err(PopSealError::NotHolder);
    }
    if pop.arguments.as_object().is_none() || !(1..=MAX_JTI_LEN).contains(&pop.jti.len()) {
        return Err(PopSealError::Claims);
    }
    let written = Written {
        aat_aud: pop.audience,
        aat_hash: &leaf.hash,
        aat_id: &leaf.jti,
        aat_tool: pop.tool,
        hta: pop.arguments,
        iat: pop.iat.as_secs_floor(),
        jti: pop.jti,
        nonce: pop.nonce,
    };
    let header = format!(r#"{{"alg":"{}","typ":"{POP_TYP}"}}"#, alg_name(key.alg()));
    Ok(sign(&header, canonical(&written)?.as_bytes(), key)?)
}

/// The call that a proof must be made for.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// Who asks: the enforcement point that the call was presented to.
    pub audience: &'a str,
    /// The tool that is called.
    pub tool: &'a str,
    /// Its arguments: an object.
    pub arguments: &'a Value,
    /// The time.
    pub now: Instant,
    /// How old, and how far ahead, a proof may be; the draft recommends 30 seconds each.
    pub window: Window,
}

/// Why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PopError {
    /// Not a compact JWS, a refused header, another `typ`, or not signed by the leaf's holder.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A claim is missing, repeated, or of the wrong type.
    #[error("the proof's claims are malformed")]
    Claims,
    /// `aat_id` or `aat_hash` is another token's.
    #[error("the proof was made for another token")]
    Token,
    /// `aat_aud` is missing or somebody else.
    #[error("the proof was made for another audience, or for none")]
    Audience,
    /// `aat_tool` is another tool.
    #[error("the proof was made for another tool")]
    Tool,
    /// `hta` are other arguments.
    #[error("the proof was made for other arguments")]
    Arguments,
    /// `iat` is outside the window.
    #[error("the proof is too old, or made in the future")]
    Time,
}

impl PopError {
    /// The reason that a decision gives for it.
    pub const fn reason(self) -> ReasonCode {
        ReasonCode::ProofInvalid
    }
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    iat: i64,
    aat_id: String,
    aat_hash: String,
    aat_tool: String,
    aat_aud: Option<String>,
    nonce: Option<String>,
}

/// A proof that the leaf's holder made for this call, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPop {
    once: Once,
    nonce: Option<String>,
}

impl VerifiedPop {
    /// What a memory of used proofs keeps; only a call that is allowed uses it up.
    pub fn once(&self) -> &Once {
        &self.once
    }

    /// The nonce that it carries, for the enforcement point to judge.
    pub fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }
}

/// Verifies that the leaf's holder made `proof` for this call. Whether the chain allows the call is
/// [`deputy_mandate::allows`] on its claims.
///
/// # Errors
/// [`PopError`].
pub fn verify_pop(aat: &SignedAat, proof: &str, call: &Invocation<'_>) -> Result<VerifiedPop, PopError> {
    let leaf = aat.leaf();
    let verified = UnverifiedJws::parse(proof)?.verify(leaf.holder.key(), POP_TYP)?;
    let text = std::str::from_utf8(verified.payload()).map_err(|_| PopError::Claims)?;
    let Ok(Value::Object(mut members)) = Value::parse(text) else { return Err(PopError::Claims) };
    let claims: Claims = serde_json::from_str(text).map_err(|_| PopError::Claims)?;
    let arguments = members.remove("hta").filter(|hta| hta.as_object().is_some()).ok_or(PopError::Claims)?;
    if !(1..=MAX_JTI_LEN).contains(&claims.jti.len()) || !(0..253_402_300_800).contains(&claims.iat) {
        return Err(PopError::Claims);
    }
    if (&claims.aat_id, &claims.aat_hash) != (&leaf.jti, &leaf.hash) {
        return Err(PopError::Token);
    }
    if claims.aat_aud.as_deref() != Some(call.audience) {
        return Err(PopError::Audience);
    }
    if claims.aat_tool != call.tool {
        return Err(PopError::Tool);
    }
    // Values are equal exactly when their RFC 8785 texts are.
    if &arguments != call.arguments {
        return Err(PopError::Arguments);
    }
    let iat = Instant::from_secs(claims.iat);
    if !call.window.holds(iat, call.now) {
        return Err(PopError::Time);
    }
    let once = Once { jkt: leaf.holder.thumbprint(), jti: claims.jti, until: call.window.until(iat) };
    Ok(VerifiedPop { once, nonce: claims.nonce })
}
