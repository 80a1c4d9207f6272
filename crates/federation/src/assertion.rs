//! A JWT that somebody else signed, before and after its signature is checked (RFC 7519, RFC 8725).
//!
//! Invariant: claims are read strictly (every name once, every type as its RFC says), and a [`Verified`] exists
//! only when signature, type, issuer, sole audience and time all hold. What a token is for decides which `typ`
//! it may have, so that one kind is never taken for another (RFC 8725 section 3.12).

use std::collections::BTreeSet;

use deputy_mandate::{Instant, Members, Value};
use deputy_token::jws::{JwsError, Mistyped, UnverifiedJws, numeric_date, read_claims, sole_audience};
use deputy_token::keys::JwkSet;

use crate::keys::Wanted;

/// Clock skew that is forgiven, in seconds.
pub const LEEWAY_SECS: i64 = 30;

/// Longest life of what stands for a workload, or grants, in seconds.
pub const MAX_LIFE_SECS: i64 = 3600;

/// Longest `iss`, `sub`, `aud` or `jti`, in bytes; a SPIFFE ID may have 2048 (SPIFFE-ID section 2.3).
const MAX_TEXT: usize = 2048;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A person's ID token or access token, presented by an agent (RFC 8693).
    Subject,
    /// The ID token of a sign-in (OpenID Connect Core section 2).
    IdToken,
    /// An identity assertion grant, ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant).
    Grant,
    /// A workload's token, presented as client authentication (RFC 7523).
    Workload,
    /// A workload's JWT-SVID, which need not say its issuer (SPIFFE JWT-SVID section 3).
    Svid,
    /// A logout token (OpenID Connect Back-Channel Logout section 2.4).
    Logout,
}

/// Whom a token must come from and be for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'e> {
    /// Its `iss`, byte for byte; `None` where the keys alone say who issued it.
    pub issuer: Option<&'e str>,
    /// One of these must be its only audience.
    pub audiences: &'e BTreeSet<String>,
    /// What it is for.
    pub purpose: Purpose,
}

/// Why a token of another issuer is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// Not a compact JWS with JSON claims in which every name stands once.
    #[error("it is not a well-formed JWT")]
    Malformed,
    /// The header is refused: an algorithm that is not accepted, or a member that would choose the key.
    #[error("its header is refused: {0}")]
    Header(String),
    /// `typ`, or `events`, is that of another kind of token.
    #[error("its `typ` or `events` is that of another kind of token")]
    Typ,
    /// No published key has its `kid` and algorithm.
    #[error("the issuer publishes no key with its `kid` for its algorithm")]
    UnknownKey,
    /// The signature is not valid.
    #[error("its signature is not valid")]
    Signature,
    /// A claim is absent or of the wrong type.
    #[error("it lacks a proper `{0}`")]
    Claim(&'static str),
    /// `iss` is another.
    #[error("its `iss` is `{found}`, not the configured issuer")]
    Issuer {
        /// What stands there.
        found: String,
    },
    /// `aud` is not one of the expected audiences, alone.
    #[error("its `aud` is {found}, and must be one of the registered audiences, alone")]
    Audience {
        /// What stands there.
        found: String,
    },
    /// `exp` is in the past.
    #[error("it has expired")]
    Expired,
    /// `iat` or `nbf` is in the future.
    #[error("it is not valid yet")]
    NotYetValid,
    /// It lives longer than [`MAX_LIFE_SECS`].
    #[error("it lives longer than an hour")]
    TooLong,
}

/// A token before any check of its signature.
#[derive(Debug, Clone)]
pub struct Assertion<'t> {
    jws: UnverifiedJws<'t>,
    claims: Members,
}

/// A token whose signature, issuer, audience and time hold.
#[derive(Debug, Clone)]
pub struct Verified {
    /// `sub`; empty for a logout token that names a session alone.
    pub subject: String,
    /// `exp`.
    pub expires_at: Instant,
    /// Every claim.
    pub claims: Members,
}

impl Purpose {
    fn accepts_typ(self, typ: Option<&str>) -> bool {
        let is =
            |names: &[&str]| typ.is_some_and(|typ| names.iter().any(|name| typ.eq_ignore_ascii_case(name)));
        match self {
            Self::Subject => typ.is_none() || is(&["JWT", "at+jwt", "application/at+jwt"]),
            Self::IdToken | Self::Workload => typ.is_none() || is(&["JWT"]),
            Self::Grant => is(&["oauth-id-jag+jwt", "application/oauth-id-jag+jwt"]),
            Self::Svid => typ.is_none() || is(&["JWT", "JOSE"]),
            Self::Logout => typ.is_none() || is(&["JWT", "logout+jwt", "application/logout+jwt"]),
        }
    }

    const fn needs_iat(self) -> bool {
        !matches!(self, Self::Workload | Self::Svid)
    }

    const fn needs_jti(self) -> bool {
        matches!(self, Self::Grant | Self::Logout)
    }

    const fn needs_sub(self) -> bool {
        !matches!(self, Self::Logout)
    }

    const fn is_short(self) -> bool {
        matches!(self, Self::Grant | Self::Workload | Self::Svid | Self::Logout)
    }
}

impl<'t> Assertion<'t> {
    /// Reads a token as far as is needed to find its issuer's keys.
    ///
    /// # Errors
    /// [`AssertionError::Malformed`], [`AssertionError::Header`].
    pub fn parse(text: &'t str) -> Result<Self, AssertionError> {
        let jws = UnverifiedJws::parse(text).map_err(|error| match error {
            JwsError::Header(why) => AssertionError::Header(why.to_string()),
            _ => AssertionError::Malformed,
        })?;
        let claims = read_claims(jws.unverified_payload()).ok_or(AssertionError::Malformed)?;
        Ok(Self { jws, claims })
    }

    /// Its claimed `iss`: good for choosing whose keys judge it, for nothing else.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.claims.get("iss").and_then(Value::as_str)
    }

    /// Its claimed `sub`, likewise.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.claims.get("sub").and_then(Value::as_str)
    }

    /// The key that it claims to be signed with.
    #[must_use]
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted { kid: self.jws.kid(), alg: self.jws.alg() }
    }

    /// Verifies it.
    ///
    /// # Errors
    /// [`AssertionError`]; what it says is for the tenant's administrator, not for whoever presents the token.
    pub fn verify(
        self,
        keys: &JwkSet,
        expected: &Expected<'_>,
        now: Instant,
    ) -> Result<Verified, AssertionError> {
        let purpose = expected.purpose;
        if !purpose.accepts_typ(self.jws.typ()) {
            return Err(AssertionError::Typ);
        }
        let mut tried = false;
        let (kid, alg) = (self.jws.kid().map(str::to_owned), self.jws.alg());
        let verified = keys.candidates(kid.as_deref(), alg).find_map(|jwk| {
            tried = true;
            self.jws.clone().verify_any_typ(jwk.key()).ok()
        });
        let verified = match (verified, tried) {
            (Some(verified), _) => verified,
            (None, true) => return Err(AssertionError::Signature),
            (None, false) => return Err(AssertionError::UnknownKey),
        };
        let claims = read_claims(verified.payload()).ok_or(AssertionError::Malformed)?;
        // A security event, such as a logout token, may say no `typ` of its own (RFC 8417 section 2.2).
        if purpose != Purpose::Logout && claims.contains_key("events") {
            return Err(AssertionError::Typ);
        }
        if let Some(issuer) = expected.issuer {
            let found = text(&claims, "iss")?;
            if found != issuer {
                return Err(AssertionError::Issuer { found: found.to_owned() });
            }
        }
        require_audience(&claims, expected.audiences)?;
        let expires_at = require_time(&claims, purpose, now)?;
        if purpose.needs_jti() {
            text(&claims, "jti")?;
        }
        let subject = match (claims.contains_key("sub"), purpose.needs_sub()) {
            (false, false) => String::new(),
            _ => text(&claims, "sub")?.to_owned(),
        };
        Ok(Verified { subject, expires_at, claims })
    }
}

/// A text claim: there, not empty, not too long, without control characters.
pub(crate) fn text<'c>(claims: &'c Members, name: &'static str) -> Result<&'c str, AssertionError> {
    let text = claims.get(name).and_then(Value::as_str);
    text.filter(|text| (1..=MAX_TEXT).contains(&text.len()) && !text.contains(char::is_control))
        .ok_or(AssertionError::Claim(name))
}

fn require_audience(claims: &Members, expected: &BTreeSet<String>) -> Result<(), AssertionError> {
    match (sole_audience(claims), claims.get("aud")) {
        (Some(sole), _) if expected.contains(sole) => Ok(()),
        (_, Some(found @ (Value::String(_) | Value::Array(_)))) => {
            let found = found.to_canonical().chars().take(MAX_TEXT).collect();
            Err(AssertionError::Audience { found })
        }
        _ => Err(AssertionError::Claim("aud")),
    }
}

fn require_time(claims: &Members, purpose: Purpose, now: Instant) -> Result<Instant, AssertionError> {
    let expires_at = date(claims, "exp")?.ok_or(AssertionError::Claim("exp"))?;
    if now >= expires_at.plus_secs(LEEWAY_SECS) {
        return Err(AssertionError::Expired);
    }
    let issued_at = date(claims, "iat")?;
    if purpose.needs_iat() && issued_at.is_none() {
        return Err(AssertionError::Claim("iat"));
    }
    let starts = [issued_at, date(claims, "nbf")?];
    if starts.into_iter().flatten().any(|start| start > now.plus_secs(LEEWAY_SECS)) {
        return Err(AssertionError::NotYetValid);
    }
    if purpose.is_short() {
        let lives_on = expires_at > now.plus_secs(MAX_LIFE_SECS + LEEWAY_SECS);
        let lived = issued_at.is_some_and(|from| expires_at > from.plus_secs(MAX_LIFE_SECS));
        if lives_on || lived {
            return Err(AssertionError::TooLong);
        }
    }
    Ok(expires_at)
}

fn date(claims: &Members, name: &'static str) -> Result<Option<Instant>, AssertionError> {
    numeric_date(claims, name).map_err(|Mistyped| AssertionError::Claim(name))
}
