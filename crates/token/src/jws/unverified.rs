//! One compact JWS, first as text that anybody may have written, then as a payload that a key signed.

use serde_json::value::RawValue;

use super::header::{Header, HeaderError};
use crate::base64url;
use crate::keys::{PublicKey, VerifyAlg};

/// Longest compact JWS that is read, in bytes.
pub const MAX_JWS_LEN: usize = 64 * 1024;

/// Why a text is not a JWS that can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than [`MAX_JWS_LEN`].
    #[error("the token is longer than 64 KiB")]
    TooLong,
    /// Not three parts of canonical, unpadded base64url around a JSON object.
    #[error("the token is not a compact JWS")]
    Malformed,
    /// The header is refused.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// `typ` is not the one expected here (RFC 8725 section 3.11).
    #[error("the token's `typ` is not the expected one")]
    Typ,
    /// The signature is not one of the key, or the key is bound to another algorithm.
    #[error("the token's signature is not valid")]
    Signature,
}

/// A well-formed compact JWS whose signature has not been checked.
#[derive(Debug, Clone)]
pub struct UnverifiedJws<'a> {
    signing_input: &'a str,
    header: Header,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> UnverifiedJws<'a> {
    /// Takes a compact JWS apart.
    ///
    /// # Errors
    /// [`JwsError::TooLong`], [`JwsError::Malformed`], [`JwsError::Header`].
    pub fn parse(text: &'a str) -> Result<Self, JwsError> {
        Self::take_apart(text, |header| Header::parse(header).map(|header| (header, ()))).map(|(jws, ())| jws)
    }

    /// As [`UnverifiedJws::parse`], but takes a `jwk` member in the header and gives its text. For DPoP alone:
    /// everywhere else the sender would choose the key that judges him.
    pub(crate) fn parse_with_key(text: &'a str) -> Result<(Self, Option<Box<RawValue>>), JwsError> {
        Self::take_apart(text, Header::parse_with_key)
    }

    fn take_apart<T>(
        text: &'a str,
        read: impl FnOnce(&[u8]) -> Result<(Header, T), HeaderError>,
    ) -> Result<(Self, T), JwsError> {
        if text.len() > MAX_JWS_LEN {
            return Err(JwsError::TooLong);
        }
        let (signing_input, signature) = text.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwsError::Malformed)?;
        // The reader refuses padding and non-zero trailing bits, so a signature has one spelling; a fourth
        // part would put a `.` into the payload, which it refuses as well.
        let decode = |part: &str| base64url::decode(part).ok_or(JwsError::Malformed);
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        if !starts_object(&header) || !starts_object(&payload) {
            return Err(JwsError::Malformed);
        }
        let (header, more) = read(&header)?;
        Ok((Self { signing_input, header, payload, signature }, more))
    }

    /// What the signature is over (RFC 7515 section 5.1), for digests that name this very token.
    pub fn signing_input(&self) -> &'a str {
        self.signing_input
    }

    /// The key identifier that the sender claims.
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// The algorithm that the sender claims.
    pub fn alg(&self) -> VerifyAlg {
        self.header.alg
    }

    /// The `typ` that the sender claims.
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// The payload as the sender wrote it: good for choosing a key, for nothing else.
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// Checks the signature with `key`, which the caller chose, and that the token is of type `typ`.
    ///
    /// # Errors
    /// [`JwsError::Typ`], [`JwsError::Signature`].
    pub fn verify(self, key: &PublicKey, typ: &str) -> Result<VerifiedJws, JwsError> {
        if self.typ() != Some(typ) {
            return Err(JwsError::Typ);
        }
        self.verify_any_typ(key)
    }

    /// Checks the signature with `key` and leaves `typ` to the caller, for messages whose RFC leaves it open.
    ///
    /// # Errors
    /// [`JwsError::Signature`].
    pub fn verify_any_typ(self, key: &PublicKey) -> Result<VerifiedJws, JwsError> {
        key.verify(self.header.alg, self.signing_input.as_bytes(), &self.signature)
            .map_err(|_| JwsError::Signature)?;
        Ok(VerifiedJws { payload: self.payload })
    }
}

/// Derived deserializers also take a JSON array for a struct; only an object may pass.
fn starts_object(json: &[u8]) -> bool {
    json.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) == Some(&b'{')
}

/// The payload of a JWS whose signature is valid.
#[derive(Debug, Clone)]
pub struct VerifiedJws {
    payload: Vec<u8>,
}

impl VerifiedJws {
    /// The signed payload.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}
