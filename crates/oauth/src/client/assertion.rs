//! A JWT that authenticates a client (RFC 7521 section 4.2, RFC 7523 section 3).
//!
//! Invariant: a [`VerifiedAssertion`] was signed by one of the client's own keys, for this issuer alone,
//! and is short-lived. That its `jti` was not seen before is for whoever remembers them to say.

use deputy_mandate::{Instant, Members, Value};
use deputy_token::jws::{JwsError, Mistyped, UnverifiedJws, numeric_date, read_claims, sole_audience};
use deputy_token::keys::{PublicKey, VerifyAlg};

/// Longest time ahead that an assertion may expire, in seconds.
pub const MAX_ASSERTION_SECS: i64 = 3600;

/// Longest `iss`, `sub` or `jti`, in bytes.
const MAX_TEXT: usize = 512;

/// Why an assertion does not authenticate a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// Not a compact JWS with JSON claims in which every name stands once.
    #[error("the client assertion is not a well-formed JWT")]
    Malformed,
    /// The header is refused, or its `typ` is that of another kind of token.
    #[error("the header of the client assertion is refused")]
    Header,
    /// A claim is absent or of the wrong type.
    #[error("the client assertion lacks a proper `{0}`")]
    Claim(&'static str),
    /// `aud` is not the issuer, alone.
    #[error("the `aud` of the client assertion must be the issuer identifier, alone")]
    Audience,
    /// `exp` is in the past.
    #[error("the client assertion has expired")]
    Expired,
    /// `exp` is more than [`MAX_ASSERTION_SECS`] ahead.
    #[error("the client assertion expires too far ahead")]
    TooLong,
    /// `iat` or `nbf` is in the future.
    #[error("the client assertion is not valid yet")]
    NotYetValid,
    /// No key of the client made the signature.
    #[error("the signature of the client assertion is not valid")]
    Signature,
}

/// A client assertion before any check of its signature.
#[derive(Debug, Clone)]
pub struct ClientAssertion {
    jws: String,
    issuer: String,
    subject: String,
    kid: Option<String>,
    alg: VerifyAlg,
}

/// A client that proved possession of one of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// The client.
    pub client_id: String,
    /// The assertion's own id, to be accepted once.
    pub jti: String,
    /// Until when the `jti` must be remembered; leeway is included.
    pub remember_until: Instant,
}

impl ClientAssertion {
    /// Whether a client made it for itself: `iss` and `sub` are one.
    ///
    /// # Errors
    /// [`AssertionError::Malformed`], [`AssertionError::Header`].
    pub fn is_of_client(text: &str) -> Result<bool, AssertionError> {
        let jws = UnverifiedJws::parse(text).map_err(of_jws)?;
        let claims = claims(jws.unverified_payload())?;
        Ok(claims.contains_key("iss") && claims.get("iss") == claims.get("sub"))
    }

    /// Reads an assertion as far as needed to find the keys.
    ///
    /// # Errors
    /// [`AssertionError::Malformed`], [`AssertionError::Header`], [`AssertionError::Claim`].
    pub fn parse(text: &str) -> Result<Self, AssertionError> {
        let jws = UnverifiedJws::parse(text).map_err(of_jws)?;
        // RFC 7523 names no type; a draft that does is followed. Any other type is another kind of token.
        if !matches!(jws.typ(), None | Some("JWT" | "jwt" | "client-authentication+jwt")) {
            return Err(AssertionError::Header);
        }
        let claims = claims(jws.unverified_payload())?;
        Ok(Self {
            issuer: text_claim(&claims, "iss")?.to_owned(),
            subject: text_claim(&claims, "sub")?.to_owned(),
            kid: jws.kid().map(str::to_owned),
            alg: jws.alg(),
            jws: text.to_owned(),
        })
    }

    /// Its claimed `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its claimed `sub`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The key that it claims to be signed with.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm that it claims.
    pub fn alg(&self) -> VerifyAlg {
        self.alg
    }

    /// Verifies the assertion as one of `private_key_jwt`: signed by one of the client's `keys`, `iss` and
    /// `sub` the client, `aud` the `issuer` alone, `exp` ahead but not far, `jti` present.
    ///
    /// # Errors
    /// [`AssertionError`].
    pub fn verify<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k PublicKey>,
        issuer: &str,
        now: Instant,
        leeway_secs: i64,
    ) -> Result<VerifiedAssertion, AssertionError> {
        let jws = UnverifiedJws::parse(&self.jws).map_err(of_jws)?;
        let verified = keys
            .into_iter()
            .find_map(|key| jws.clone().verify_any_typ(key).ok())
            .ok_or(AssertionError::Signature)?;
        let claims = claims(verified.payload())?;
        if self.issuer != self.subject {
            return Err(AssertionError::Claim("sub"));
        }
        if sole_audience(&claims) != Some(issuer) {
            return Err(AssertionError::Audience);
        }
        let expires_at = date_claim(&claims, "exp")?.ok_or(AssertionError::Claim("exp"))?;
        if now >= expires_at.plus_secs(leeway_secs) {
            return Err(AssertionError::Expired);
        }
        if expires_at > now.plus_secs(MAX_ASSERTION_SECS + leeway_secs) {
            return Err(AssertionError::TooLong);
        }
        for name in ["iat", "nbf"] {
            if date_claim(&claims, name)?.is_some_and(|start| start > now.plus_secs(leeway_secs)) {
                return Err(AssertionError::NotYetValid);
            }
        }
        let jti = text_claim(&claims, "jti")?.to_owned();
        let remember_until = expires_at.plus_secs(leeway_secs);
        Ok(VerifiedAssertion { client_id: self.subject.clone(), jti, remember_until })
    }
}

fn of_jws(error: JwsError) -> AssertionError {
    match error {
        JwsError::Header(_) | JwsError::Typ => AssertionError::Header,
        JwsError::Signature => AssertionError::Signature,
        JwsError::TooLong | JwsError::Malformed => AssertionError::Malformed,
    }
}

fn claims(payload: &[u8]) -> Result<Members, AssertionError> {
    read_claims(payload).ok_or(AssertionError::Malformed)
}

fn text_claim<'a>(claims: &'a Members, name: &'static str) -> Result<&'a str, AssertionError> {
    let text = claims.get(name).and_then(Value::as_str);
    text.filter(|text| (1..=MAX_TEXT).contains(&text.len()) && !text.contains('\0'))
        .ok_or(AssertionError::Claim(name))
}

fn date_claim(claims: &Members, name: &'static str) -> Result<Option<Instant>, AssertionError> {
    numeric_date(claims, name).map_err(|Mistyped| AssertionError::Claim(name))
}
