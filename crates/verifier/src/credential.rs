//! The three sealed forms behind one type: unverified text, then what the issuer signed.
//!
//! Invariant: a [`Signed`] comes from a valid signature or tag of the issuer, with its chain and its narrowing
//! checked. It may have expired, be revoked, or be somebody else's.

use deputy_mandate::{Reason, ReasonCode};
use deputy_token::aat::{AatError, SEPARATOR, SignedAat, UnverifiedAat};
use deputy_token::access::{AccessClaims, AccessError, SignedAccess, UnverifiedAccess};
use deputy_token::capability::{
    AudienceKey, CapabilityError, PREFIX, SignedCapability, UnverifiedCapability,
};
use deputy_token::jws::JwsError;

use crate::keys::KeySet;

/// The sealed forms of a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// RFC 9068, signed by a key of the tenant.
    AccessToken,
    /// An HMAC chain under the audience's key.
    Capability,
    /// A chain of JWTs, bound to the holders' keys.
    AttenuatingAgentToken,
}

/// Why a text is no credential of the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// As an access token.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// As a capability.
    #[error(transparent)]
    Capability(#[from] CapabilityError),
    /// As an attenuating agent token.
    #[error(transparent)]
    Aat(#[from] AatError),
}

impl CredentialError {
    /// The reason that a decision gives for it.
    #[must_use]
    pub fn reason(&self) -> Reason {
        let code = match self {
            Self::Access(error) => error.reason(),
            Self::Capability(error) => error.reason(),
            Self::Aat(error) => error.reason(),
        };
        match self {
            Self::Capability(CapabilityError::NotAttenuated { member, .. }) => {
                Reason::of(code).field(*member)
            }
            // `alg`, `crit` and the like: which rule of the header was broken is no secret and hard to guess.
            Self::Access(AccessError::Jws(JwsError::Header(_))) => {
                Reason::of(ReasonCode::Malformed).field("header")
            }
            _ => Reason::of(code),
        }
    }
}

/// A text that may be a credential.
#[derive(Debug)]
pub struct Unverified<'a> {
    text: &'a str,
    parts: Parts<'a>,
}

#[derive(Debug)]
enum Parts<'a> {
    /// A single JWT: an access token, or the root of an attenuating agent token, as its `typ` will say.
    Jwt(UnverifiedAccess<'a>),
    Capability(Box<UnverifiedCapability>),
    Aat(UnverifiedAat<'a>),
}

impl<'a> Unverified<'a> {
    /// Takes the text apart in the form that it has.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn parse(text: &'a str) -> Result<Self, CredentialError> {
        let parts = if text.starts_with(PREFIX) {
            Parts::Capability(Box::new(UnverifiedCapability::parse(text)?))
        } else if text.contains(SEPARATOR) {
            Parts::Aat(UnverifiedAat::parse(text)?)
        } else {
            Parts::Jwt(UnverifiedAccess::parse(text)?)
        };
        Ok(Self { text, parts })
    }

    /// The key of the issuer's set that it claims to be signed with; capabilities are sealed with another kind.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        match &self.parts {
            Parts::Jwt(access) => Some(access.kid()),
            Parts::Aat(aat) => aat.kid(),
            Parts::Capability(_) => None,
        }
    }

    /// Verifies that the issuer, and for later hops their makers, sealed it; the time is not looked at.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn verify_signature(
        self,
        issuer: &str,
        keys: &KeySet,
        audience_keys: &[AudienceKey],
    ) -> Result<Signed, CredentialError> {
        let find = |kid: &str| keys.find(kid);
        match self.parts {
            Parts::Jwt(access) => match access.verify_signature(find, issuer) {
                // `typ` is looked at before the signature is; the only other JWT there is is a root.
                Err(AccessError::Jws(JwsError::Typ)) => {
                    let aat = UnverifiedAat::parse(self.text)?;
                    Ok(Signed::Aat(aat.verify_signature(find, issuer)?))
                }
                signed => Ok(Signed::Access(signed?)),
            },
            Parts::Aat(aat) => Ok(Signed::Aat(aat.verify_signature(find, issuer)?)),
            Parts::Capability(capability) => {
                let key = audience_keys.iter().find(|key| key.kid() == capability.kid());
                let key = key.ok_or(CapabilityError::UnknownKey)?;
                Ok(Signed::Capability(capability.verify_signature(key, issuer)?))
            }
        }
    }
}

/// A credential that the issuer sealed; it may be dead.
#[derive(Debug, Clone)]
pub enum Signed {
    /// See [`Form::AccessToken`].
    Access(SignedAccess),
    /// See [`Form::Capability`].
    Capability(SignedCapability),
    /// See [`Form::AttenuatingAgentToken`].
    Aat(SignedAat),
}

impl Signed {
    /// Its form.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Access(_) => Form::AccessToken,
            Self::Capability(_) => Form::Capability,
            Self::Aat(_) => Form::AttenuatingAgentToken,
        }
    }

    /// What it says, in the terms of an access token.
    #[must_use]
    pub fn claims(&self) -> &AccessClaims {
        match self {
            Self::Access(signed) => signed.claims(),
            Self::Capability(signed) => signed.claims(),
            Self::Aat(signed) => signed.claims(),
        }
    }

    /// How many hops of the chain the issuer made; the rest were made offline, and it does not know them.
    #[must_use]
    pub fn issued_hops(&self) -> usize {
        match self {
            Self::Access(signed) => signed.claims().chain.len(),
            Self::Capability(signed) => signed.issued_hops(),
            Self::Aat(signed) => signed.issued_hops().len(),
        }
    }

    /// Whether it, or a credential above it, may only be used so often.
    #[must_use]
    pub fn is_metered(&self) -> bool {
        let above = matches!(self, Self::Capability(signed) if !signed.meters().is_empty());
        above || self.claims().mandate.uses.is_some()
    }
}
