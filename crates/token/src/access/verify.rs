//! From claims to a token and back: unverified text, signed claims, a valid token are three types.

use deputy_mandate::{Instant, Mandate, ReasonCode};
use serde_json::value::RawValue;

use super::wire::{self, Sealing};
use super::{AccessClaims, ChainError, TYP, chain};
use crate::jws::{JwsError, SealError, UnverifiedJws};
use crate::keys::{PublicKey, SigningKey};

/// Why an access token is refused, or not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// Not a compact JWS, a refused header, a wrong `typ`, or a signature that is not valid.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// The token names no key, or one that the issuer does not have.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// A claim is missing, repeated, unknown, of the wrong type, or contradicts another.
    #[error("the token's claims are malformed")]
    Claims,
    /// The chain does not agree with the claims.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// `iss` is another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
}

impl AccessError {
    /// The reason that a decision gives for it.
    pub const fn reason(self) -> ReasonCode {
        match self {
            // Another issuer's token is not one that this issuer signed, whoever did.
            Self::Jws(JwsError::Signature) | Self::UnknownKey | Self::Issuer => ReasonCode::SignatureInvalid,
            Self::Chain(ChainError::Depth { .. }) => ReasonCode::DepthExceeded,
            Self::Jws(_) | Self::Claims | Self::Chain(_) => ReasonCode::Malformed,
            Self::Expired => ReasonCode::Expired,
            Self::NotYetValid => ReasonCode::NotYetValid,
        }
    }
}

/// A token with what an answer repeats of it.
#[derive(Clone)]
pub struct SealedAccess {
    /// The token.
    pub token: String,
    /// Its `authorization_details`, as they stand in it.
    pub details: Box<RawValue>,
}

/// Seals an access token; the mandate is written once.
///
/// # Errors
/// [`AccessSealError`].
pub fn seal_with_details(claims: &AccessClaims, key: &SigningKey) -> Result<SealedAccess, AccessSealError> {
    chain::check(claims)?;
    if claims.mandate.audience.is_empty() {
        return Err(AccessSealError::NoAudience);
    }
    let mut sealed = claims.mandate.to_claims();
    let details = std::mem::take(&mut sealed.authorization_details);
    let details = RawValue::from_string(details).map_err(|_| SealError::Claims)?;
    let token =
        crate::jws::seal(TYP, &Sealing { claims, sealed: &sealed, details: &details, kid: None }, key)?;
    Ok(SealedAccess { token, details })
}

/// Seals an access token.
///
/// # Errors
/// [`AccessSealError`].
pub fn seal(claims: &AccessClaims, key: &SigningKey) -> Result<String, AccessSealError> {
    Ok(seal_with_details(claims, key)?.token)
}

/// Why an access token cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessSealError {
    /// The chain does not agree with the claims.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The mandate has no audience; RFC 9068 demands one.
    #[error("the token would have no audience")]
    NoAudience,
    /// The JWS could not be made.
    #[error(transparent)]
    Jws(#[from] SealError),
}

/// A text that may be an access token.
#[derive(Debug, Clone)]
pub struct UnverifiedAccess<'a> {
    jws: UnverifiedJws<'a>,
}

impl<'a> UnverifiedAccess<'a> {
    /// Takes the text apart.
    ///
    /// # Errors
    /// [`AccessError::Jws`]; [`AccessError::UnknownKey`] when the header names no key.
    pub fn parse(token: &'a str) -> Result<Self, AccessError> {
        let jws = UnverifiedJws::parse(token)?;
        if jws.kid().is_none() {
            return Err(AccessError::UnknownKey);
        }
        Ok(Self { jws })
    }

    /// The key that it claims to be signed with.
    pub fn kid(&self) -> &str {
        self.jws.kid().unwrap_or_default()
    }

    /// Verifies signature, `typ`, `iss`, and that the claims agree with each other; the time is not looked
    /// at, so that a decision can give every reason at once.
    ///
    /// # Errors
    /// Every [`AccessError`] but `Expired` and `NotYetValid`.
    pub fn verify_signature<'k>(
        self,
        find_key: impl FnOnce(&str) -> Option<&'k PublicKey>,
        issuer: &str,
    ) -> Result<SignedAccess, AccessError> {
        let key = find_key(self.kid()).ok_or(AccessError::UnknownKey)?;
        let verified = self.jws.verify(key, TYP)?;
        let claims = wire::claims(verified.payload())?;
        if claims.iss != issuer {
            return Err(AccessError::Issuer);
        }
        chain::check(&claims)?;
        Ok(SignedAccess { claims })
    }

    /// Verifies everything that the token itself can say; revocation is the caller's to ask.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn verify<'k>(
        self,
        find_key: impl FnOnce(&str) -> Option<&'k PublicKey>,
        issuer: &str,
        now: Instant,
        leeway_secs: i64,
    ) -> Result<VerifiedAccess, AccessError> {
        self.verify_signature(find_key, issuer)?.verify_time(now, leeway_secs)
    }
}

/// Claims that the issuer signed; the token may have expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAccess {
    claims: Box<AccessClaims>,
}

impl SignedAccess {
    /// The signed claims.
    pub fn claims(&self) -> &AccessClaims {
        &self.claims
    }

    /// Gives the claims away.
    pub fn into_claims(self) -> AccessClaims {
        *self.claims
    }

    /// Verifies that the token is valid at `now`: not before `nbf`, and before `exp`, give or take the leeway.
    ///
    /// # Errors
    /// [`AccessError::Expired`], [`AccessError::NotYetValid`].
    pub fn verify_time(self, now: Instant, leeway_secs: i64) -> Result<VerifiedAccess, AccessError> {
        let mandate = &self.claims.mandate;
        check_time(mandate, now, leeway_secs, AccessError::Expired, AccessError::NotYetValid)?;
        Ok(VerifiedAccess { claims: self.claims })
    }
}

/// The rule of every sealed form: not before its start, and before its expiry, give or take the leeway.
pub(crate) fn check_time<E>(
    mandate: &Mandate,
    now: Instant,
    leeway_secs: i64,
    expired: E,
    not_yet_valid: E,
) -> Result<(), E> {
    if now >= mandate.expires_at.plus_secs(leeway_secs) {
        return Err(expired);
    }
    if now.plus_secs(leeway_secs) < mandate.not_before {
        return Err(not_yet_valid);
    }
    Ok(())
}

/// Claims that the issuer signed, and that are valid now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAccess {
    claims: Box<AccessClaims>,
}

impl VerifiedAccess {
    /// The signed claims.
    pub fn claims(&self) -> &AccessClaims {
        &self.claims
    }

    /// Gives the claims away.
    pub fn into_claims(self) -> AccessClaims {
        *self.claims
    }
}
