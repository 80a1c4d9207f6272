//! Sealing a root: an attenuating agent token of depth 0, bound to its holder's key.

use deputy_mandate::{BoundError, MAX_DEPTH, MAX_LIFETIME_SECS, Mandate};

use super::compile::{NotCompiled, compile_tools};
use super::root::{Confirmation, Written};
use super::{MAX_JTI_LEN, TYP};
use crate::access::{AccessClaims, ChainError, check_chain};
use crate::jws::{SealError, sign};
use crate::keys::{Alg, Jwk, SigningKey};

/// Why a root is not sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AatSealError {
    /// The grant says something that per-tool constraints cannot.
    #[error(transparent)]
    NotCompiled(#[from] NotCompiled),
    /// The compiled tools break a bound.
    #[error(transparent)]
    Bound(#[from] BoundError),
    /// The chain does not agree with the claims.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The holder's key is not Ed25519.
    #[error("the holder's key must be OKP with curve Ed25519")]
    HolderKey,
    /// The holder's key is not the one that `cnf` and the last hop name.
    #[error("the claims are bound to another key than the holder's")]
    OtherHolder,
    /// No audience.
    #[error("the token would have no audience")]
    NoAudience,
    /// It would expire before it is issued, or live longer than a day.
    #[error("the token would not live, or live longer than {MAX_LIFETIME_SECS} seconds")]
    Lifetime,
    /// The id is longer than 256 bytes.
    #[error("the token's id is longer than {MAX_JTI_LEN} bytes")]
    Id,
    /// The JWS could not be made.
    #[error(transparent)]
    Jws(#[from] SealError),
}

/// Seals the root of a chain for the holder of `holder`, whose thumbprint `claims` carries. Its tools are the
/// [compiled](compile_tools) mandate, its `del_max_depth` the hops that the chain has left.
///
/// # Errors
/// [`AatSealError`].
pub fn seal_root(claims: &AccessClaims, holder: &Jwk, key: &SigningKey) -> Result<String, AatSealError> {
    check_chain(claims)?;
    let cnf = Confirmation::of(holder).ok_or(AatSealError::HolderKey)?;
    if claims.cnf.as_ref().is_none_or(|cnf| cnf.jkt != holder.thumbprint()) {
        return Err(AatSealError::OtherHolder);
    }
    let mandate = Mandate { tools: compile_tools(&claims.mandate)?, ..claims.mandate.clone() };
    mandate.verify_bounds()?;
    if mandate.audience.is_empty() {
        return Err(AatSealError::NoAudience);
    }
    if claims.jti().len() > MAX_JTI_LEN {
        return Err(AatSealError::Id);
    }
    let (iat, exp) = (claims.iat.as_secs_floor(), mandate.expires_at.as_secs_floor());
    if exp <= iat || exp.saturating_sub(iat) > i64::from(MAX_LIFETIME_SECS) {
        return Err(AatSealError::Lifetime);
    }
    let written = Written {
        act: claims.act.as_ref(),
        agent: &claims.agent,
        aud: (&mandate.audience).into(),
        authorization_details: [(&mandate.tools).into()],
        chain: &claims.chain,
        client_id: &claims.client_id,
        cnf,
        del_depth: 0,
        del_max_depth: hops_left(claims),
        exp,
        iat,
        iss: &claims.iss,
        jti: claims.jti(),
        may_act: claims.may_act.as_ref(),
        nbf: mandate.not_before.as_secs_ceil(),
        sub: &claims.sub,
    };
    // Neither a `Kid` nor a name of ours has a character that JSON escapes.
    let header =
        format!(r#"{{"alg":"{}","kid":"{}","typ":"{TYP}"}}"#, alg_name(key.alg()), key.kid().as_str());
    Ok(sign(&header, canonical(&written)?.as_bytes(), key)?)
}

fn hops_left(claims: &AccessClaims) -> u8 {
    let done = u8::try_from(claims.del_depth()).unwrap_or(u8::MAX);
    let ceiling = claims.mandate.max_depth.min(MAX_DEPTH);
    if claims.mandate.may_delegate { ceiling.saturating_sub(done) } else { 0 }
}

/// The draft names Ed25519 as RFC 9864 does; readers here know the older name too.
pub(super) const fn alg_name(alg: Alg) -> &'static str {
    match alg {
        Alg::Es256 => "ES256",
        Alg::EdDsa => "Ed25519",
    }
}

/// The RFC 8785 text, so that `par_hash` comes out the same wherever a token is written.
pub(super) fn canonical(claims: &impl serde::Serialize) -> Result<String, SealError> {
    deputy_mandate::jcs::canonical(claims).map_err(|_| SealError::Claims)
}
