//! The first block: the claims of an access token (RFC 9068 section 2.2) and the `kid` of the sealing key.
//!
//! Written by the writer of access tokens; read in one pass, as canonical text only.

use deputy_mandate::{CanonicalError, CanonicalReader, Mandate, Outline};
use serde_json::value::RawValue;

use super::{AudienceKey, CapabilityError, CapabilitySealError, PREFIX, frames};
use crate::access::canonical::{self, Form, Read};
use crate::access::wire::Sealing;
use crate::access::{AccessClaims, SealedAccess, chain};
use crate::keys::Kid;

/// Seals claims for the audience of the key.
///
/// # Errors
/// [`CapabilitySealError`].
pub fn seal(claims: &AccessClaims, key: &AudienceKey) -> Result<String, CapabilitySealError> {
    Ok(seal_with_details(claims, key)?.token)
}

/// Seals claims, and says what an answer repeats of them; the mandate is written once.
///
/// # Errors
/// [`CapabilitySealError`].
pub fn seal_with_details(
    claims: &AccessClaims,
    key: &AudienceKey,
) -> Result<SealedAccess, CapabilitySealError> {
    chain::check(claims)?;
    let mut audience = claims.mandate.audience.iter();
    if audience.next().map(String::as_str) != Some(key.audience()) || audience.next().is_some() {
        return Err(CapabilitySealError::Audience);
    }
    let mut sealed = claims.mandate.to_claims();
    let details = std::mem::take(&mut sealed.authorization_details);
    let details = RawValue::from_string(details).map_err(|_| CapabilitySealError::Claims)?;
    let kid = Some(key.kid().as_str());
    let block = serde_json::to_string(&Sealing { claims, sealed: &sealed, details: &details, kid });
    let block = block.map_err(|_| CapabilitySealError::Claims)?;
    // What is sealed can be read: the reader knows every bound.
    Root::read(&block).map_err(|_| CapabilitySealError::Claims)?;
    let token = frames::seal(PREFIX, key.as_bytes(), &block).ok_or(CapabilitySealError::TooLong)?;
    Ok(SealedAccess { token, details })
}

/// What the first block says.
#[derive(Debug, Clone)]
pub(super) struct Root {
    pub(super) kid: Kid,
    pub(super) claims: Box<AccessClaims>,
}

impl Root {
    pub(super) fn read(text: &str) -> Result<Self, CapabilityError> {
        let details = |reader: &mut CanonicalReader<'_>| reader.details().map(|mandate| (mandate, ()));
        Self::read_by(text, details).map(|(root, ())| root)
    }

    /// With the mandate's tools and limits in outline only, which the claims are left without.
    pub(super) fn read_outline(text: &str) -> Result<(Self, Outline<'_>), CapabilityError> {
        Self::read_by(text, CanonicalReader::outline)
    }

    /// The same for a holder, who follows nothing.
    pub(super) fn read_bare_outline(text: &str) -> Result<(Self, Outline<'_>), CapabilityError> {
        Self::read_by(text, CanonicalReader::bare_outline)
    }

    fn read_by<'a, D>(
        text: &'a str,
        details: impl FnOnce(&mut CanonicalReader<'a>) -> Result<(Mandate, D), CanonicalError>,
    ) -> Result<(Self, D), CapabilityError> {
        let Read { claims, kid, beside } =
            canonical::read_by(text, Form::Capability, details).ok_or(MALFORMED)?;
        let kid = Kid::new(kid).map_err(|_| MALFORMED)?;
        Ok((Self { kid, claims }, beside))
    }
}

const MALFORMED: CapabilityError = CapabilityError::Block { index: 0 };
