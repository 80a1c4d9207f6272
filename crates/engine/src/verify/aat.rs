//! Attenuating agent tokens at the server: a chain of JWTs whose root this tenant signed.
//!
//! Invariant: what comes out are the same claims as an access token's, the offline hops among them, so that
//! liveness, revocation and the current legs are asked in one way.

use deputy_mandate::{Instant, ReasonCode};
use deputy_token::{
    aat::{self, AatError, SignedAat, UnverifiedAat},
    jws::UnverifiedJws,
};

use super::published_key;
use crate::view::TenantView;

/// Whether a text has the form; what has not may be an access token.
pub(super) fn is_form(text: &str) -> bool {
    text.contains(aat::SEPARATOR) || UnverifiedJws::parse(text).is_ok_and(|jws| jws.typ() == Some(aat::TYP))
}

/// The chain under a published key, and which.
pub(super) fn verify(
    view: &TenantView,
    text: &str,
    now: Instant,
) -> Result<(Box<str>, SignedAat), ReasonCode> {
    let unverified = UnverifiedAat::parse(text).map_err(AatError::reason)?;
    let kid: Box<str> = unverified.kid().ok_or(ReasonCode::SignatureInvalid)?.into();
    let key = published_key(&view.read(), &kid, now).ok_or(ReasonCode::SignatureInvalid)?;
    // The lock is not held here: the signatures are the expensive step.
    let signed = unverified.verify_signature(|_| Some(key.jwk.key()), &view.issuer);
    Ok((kid, signed.map_err(AatError::reason)?))
}
