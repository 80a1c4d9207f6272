//! Writing a compact JWS: the claims are serialised once, into one buffer, and encoded once, into the token.

use super::MAX_JWS_LEN;
use crate::base64url::encode_onto;
use crate::keys::{KeyError, SigningKey};

/// Room for the claims of an ordinary token, in bytes.
const CLAIMS_ROOM: usize = 1536;

/// Why something could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The sealed form would be longer than 64 KiB.
    #[error("the token would be longer than 64 KiB")]
    TooLong,
    /// The claims have no JSON form.
    #[error("the claims cannot be written as JSON")]
    Claims,
    /// The key could not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Signs `claims` with `key` under the header `{"alg", "typ", "kid"}`. `typ` is one of this crate's own.
///
/// # Errors
/// [`SealError`].
pub fn seal(typ: &str, claims: &impl serde::Serialize, key: &SigningKey) -> Result<String, SealError> {
    let mut payload = Vec::with_capacity(CLAIMS_ROOM);
    serde_json::to_writer(&mut payload, claims).map_err(|_| SealError::Claims)?;
    // Neither a `Kid` nor a `typ` of ours has a character that JSON escapes.
    let (alg, kid) = (key.alg().as_str(), key.kid().as_str());
    sign(&format!(r#"{{"alg":"{alg}","typ":"{typ}","kid":"{kid}"}}"#), &payload, key)
}

/// Signs a payload under a header that the caller wrote, for forms whose header is not the usual one.
pub(crate) fn sign(header: &str, payload: &[u8], key: &SigningKey) -> Result<String, SealError> {
    let mut token = String::with_capacity((header.len() + payload.len()) * 4 / 3 + 96);
    encode_onto(&mut token, header);
    token.push('.');
    encode_onto(&mut token, payload);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    encode_onto(&mut token, signature);
    if token.len() > MAX_JWS_LEN {
        return Err(SealError::TooLong);
    }
    Ok(token)
}
