//! Making a proof: what a client does, and what tests of a verifier need.

use deputy_mandate::Instant;
use serde::Serialize;

use super::{TYP, token_hash};
use crate::jws::{SealError, sign};
use crate::keys::SigningKey;

/// What a proof says.
#[derive(Debug, Clone, Copy)]
pub struct Proof<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's URI, without query and fragment.
    pub uri: &'a str,
    /// A fresh identifier of at least 96 random bits (RFC 9449 section 4.2).
    pub jti: &'a str,
    /// When it is made.
    pub iat: Instant,
    /// The access token that it comes with.
    pub token: Option<&'a str>,
    /// The nonce that the server asked for.
    pub nonce: Option<&'a str>,
}

/// Why a proof could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofSealError {
    /// The JWS could not be made.
    #[error(transparent)]
    Jws(#[from] SealError),
}

#[derive(Serialize)]
struct Claims<'a> {
    jti: &'a str,
    htm: &'a str,
    htu: &'a str,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

/// Makes a proof with `key`, whose public half goes into the header.
///
/// # Errors
/// [`ProofSealError`].
pub fn seal(proof: &Proof<'_>, key: &SigningKey) -> Result<String, ProofSealError> {
    let claims = Claims {
        jti: proof.jti,
        htm: proof.method,
        htu: proof.uri,
        iat: proof.iat.as_secs_floor(),
        ath: proof.token.map(token_hash),
        nonce: proof.nonce,
    };
    let payload = serde_json::to_vec(&claims).map_err(|_| SealError::Claims)?;
    let alg = key.alg().as_str();
    let header = format!(r#"{{"alg":"{alg}","jwk":{},"typ":"{TYP}"}}"#, key.jwk().bare());
    Ok(sign(&header, &payload, key)?)
}
