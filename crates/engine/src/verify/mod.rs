//! Verification of a presented token, whatever its form: the one judgement that decisions and introspection share.
//!
//! Everything is asked of memory: the signature by a published key of the tenant, issuer, chain,
//! time, halt, revocations (O(depth)) and the life of every hop's agent; only the first block of a
//! capability is looked up when this server neither issued nor saw it yet. Invariant: claims are
//! handed out only under a valid signature of the tenant, and [`Examined::is_live`] is false
//! whenever anything that must be known is not, such as revocations that are too old to rely on.

mod aat;
mod cache;
mod capability;
mod liveness;
mod signed;
mod unsigned;

use std::sync::Arc;

use deputy_mandate::{Instant, Reason, ReasonCode};
use deputy_oauth::token::TokenType;
use deputy_store::model::SigningKey;
use deputy_token::{
    aat::MAX_IAT_SKEW_SECS,
    access::{AccessClaims, AccessError, SignedAccess, UnverifiedAccess},
    capability::PREFIX as CAPABILITY,
};

use cache::{Fingerprinted, fingerprint};
pub(crate) use cache::{IssuedBlocks, VerifiedTokens};
pub(crate) use capability::FirstBlock;
pub(crate) use signed::Sealed;
pub use signed::SignedToken;
pub(crate) use unsigned::Unsigned;

use crate::{
    Engine, Refusal,
    signing::is_published,
    view::{TenantState, TenantView},
};

/// How far a token's beginning may lie ahead, in seconds: replicas' clocks differ a little. Its end
/// has no leeway, because whoever judges it here also wrote it.
const EARLY_SECS: i64 = 5;

/// A token text after the judgement of everything but a request.
#[derive(Debug, Default)]
pub struct Examined {
    /// What the tenant signed; absent when it did not sign this.
    signed: Option<Arc<SignedToken>>,
    /// What stands against its use, unsorted.
    pub reasons: Vec<Reason>,
}

impl Examined {
    /// The signed claims, of a token that may be dead.
    pub fn claims(&self) -> Option<&AccessClaims> {
        self.signed.as_deref().map(SignedToken::claims)
    }

    /// What was presented, under a valid signature of the tenant; it may be dead.
    pub(crate) fn signed(&self) -> Option<&Arc<SignedToken>> {
        self.signed.as_ref()
    }

    /// Whether nothing stands against its use.
    pub fn is_live(&self) -> bool {
        self.signed.is_some() && self.reasons.is_empty()
    }

    /// The signed claims of a live token, or every reason why it may not be used.
    pub fn into_live(self) -> Result<Arc<SignedToken>, Vec<Reason>> {
        match self.signed {
            Some(signed) if self.reasons.is_empty() => Ok(signed),
            _ => Err(self.reasons),
        }
    }

    /// Nothing was presented.
    pub(crate) fn missing() -> Self {
        let sentence = "The request carries no token in `subject.properties.token`.";
        let reason = Reason::of(ReasonCode::Malformed).field("subject.properties.token").message(sentence);
        Self { signed: None, reasons: vec![reason] }
    }

    fn refused(code: ReasonCode) -> Self {
        Self { signed: None, reasons: vec![Reason::of(code)] }
    }
}

impl Engine {
    /// Judges a token against the present state of the tenant.
    ///
    /// # Errors
    /// `Unavailable` when it could not be asked whether a capability was issued here.
    pub async fn examine(&self, view: &TenantView, token: &str, now: Instant) -> Result<Examined, Refusal> {
        match self.signed(view, token, now).await {
            Ok(signed) => {
                let mut reasons = Vec::new();
                time(signed.claims(), now, &mut reasons);
                liveness::collect(view, &view.read(), signed.claims(), now, &mut reasons);
                Ok(Examined { signed: Some(signed), reasons })
            }
            Err(Unsigned::Refused(code)) => Ok(Examined::refused(code)),
            Err(Unsigned::Unknown(refusal)) => Err(refusal),
        }
    }

    /// The claims that a key of the tenant signed or sealed. What was valid stays valid, so it is
    /// computed once a token; whether its key is still accepted is asked each time.
    pub(crate) async fn signed(
        &self,
        view: &TenantView,
        token: &str,
        now: Instant,
    ) -> Result<Arc<SignedToken>, Unsigned> {
        let digest = fingerprint(token);
        if let Some(known) = self.inner.verified.find(&digest, &view.id)
            && accepts(&view.read(), &known, now)
        {
            return Ok(known.signed);
        }
        let (kid, sealed) = if token.starts_with(CAPABILITY) {
            let (kid, signed) = self.signed_capability(view, token).await?;
            (kid, Sealed::Capability(signed))
        } else if aat::is_form(token) {
            let (kid, signed) = aat::verify(view, token, now).map_err(Unsigned::Refused)?;
            (kid, Sealed::Attenuating(signed))
        } else {
            let (kid, signed) = access(view, token, now)?;
            (kid, Sealed::Access(signed))
        };
        let (tenant, signed) = (view.id.clone(), Arc::new(SignedToken::from(sealed)));
        self.inner.verified.keep(digest, Fingerprinted { tenant, kid, signed: signed.clone() });
        Ok(signed)
    }
}

fn access(view: &TenantView, token: &str, now: Instant) -> Result<(Box<str>, SignedAccess), AccessError> {
    let unverified = UnverifiedAccess::parse(token)?;
    let kid: Box<str> = unverified.kid().into();
    let key = published_key(&view.read(), &kid, now).ok_or(AccessError::UnknownKey)?;
    // The lock is not held here: this is the one expensive step.
    let signed = unverified.verify_signature(|_| Some(key.jwk.key()), &view.issuer)?;
    Ok((kid, signed))
}

/// Whether the key of a token that was verified before still counts.
fn accepts(state: &TenantState, known: &Fingerprinted, now: Instant) -> bool {
    match known.signed.form() {
        TokenType::AccessToken | TokenType::AttenuatingAgentToken => {
            published_key(state, &known.kid, now).is_some()
        }
        TokenType::Capability => state.capability_secrets.contains_key(&*known.kid),
    }
}

fn published_key(state: &TenantState, kid: &str, now: Instant) -> Option<Arc<SigningKey>> {
    state.signing.get(kid).filter(|key| is_published(key, now)).cloned()
}

fn time(claims: &AccessClaims, now: Instant, reasons: &mut Vec<Reason>) {
    let mandate = &claims.mandate;
    if now >= mandate.expires_at {
        reasons.push(Reason::of(ReasonCode::Expired));
    }
    // A holder who makes a token offline writes its `iat`.
    let made_ahead = now.plus_secs(MAX_IAT_SKEW_SECS) < claims.iat;
    if now.plus_secs(EARLY_SECS) < mandate.not_before || made_ahead {
        reasons.push(Reason::of(ReasonCode::NotYetValid));
    }
}
