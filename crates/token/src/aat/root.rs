//! What Deputy says in a root beside the draft's own claims: whose authority it is, and who was issued what.
//!
//! Invariant: a root that is read agrees with itself as an access token does ([`check_chain`]), is bound to the
//! key that its last hop is bound to, and leaves no more hops than its chain has left.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::{Binding, Instant, LimitMap, MAX_DEPTH, MAX_LIFETIME_SECS, Mandate, NameMap, ToolMap};
use serde::Serialize;

use super::claims::Others;
use super::token::Token;
use super::verify::AatError;
use super::{DETAILS_TYPE, TokenError};
use crate::access::{AccessClaims, Act, AgentClaim, ChainError, Cnf, Hop, MayAct, check_chain};
use crate::keys::{Jwk, KeyShape};

/// A root as it stands in the token; members in the order of RFC 8785.
#[derive(Serialize)]
pub(super) struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) act: Option<&'a Act>,
    pub(super) agent: &'a AgentClaim,
    pub(super) aud: WrittenAudience<'a>,
    pub(super) authorization_details: [Entry<'a>; 1],
    pub(super) chain: &'a [Hop],
    pub(super) client_id: &'a str,
    pub(super) cnf: Confirmation,
    pub(super) del_depth: u8,
    pub(super) del_max_depth: u8,
    pub(super) exp: i64,
    pub(super) iat: i64,
    pub(super) iss: &'a str,
    pub(super) jti: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) may_act: Option<&'a MayAct>,
    pub(super) nbf: i64,
    pub(super) sub: &'a str,
}

/// One audience is a string, several an array (RFC 7519 section 4.1.3).
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum WrittenAudience<'a> {
    One(&'a str),
    Several(&'a BTreeSet<String>),
}

impl<'a> From<&'a BTreeSet<String>> for WrittenAudience<'a> {
    fn from(audience: &'a BTreeSet<String>) -> Self {
        match (audience.first(), audience.len()) {
            (Some(one), 1) => Self::One(one),
            _ => Self::Several(audience),
        }
    }
}

/// The entry of `authorization_details`.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    tools: &'a ToolMap,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl<'a> From<&'a ToolMap> for Entry<'a> {
    fn from(tools: &'a ToolMap) -> Self {
        Self { tools, kind: DETAILS_TYPE }
    }
}

/// The confirmation claim with the key itself (RFC 7800 section 3.2), without a `kid` or `use`.
#[derive(Serialize)]
pub(super) struct Confirmation {
    jwk: Bare,
}

#[derive(Serialize)]
struct Bare {
    crv: &'static str,
    kty: &'static str,
    x: String,
}

impl Confirmation {
    /// `None` for any key but an Ed25519 one.
    pub(super) fn of(holder: &Jwk) -> Option<Self> {
        match holder.shape() {
            KeyShape::Ed25519 { x } => {
                Some(Self { jwk: Bare { crv: "Ed25519", kty: "OKP", x: B64.encode(x) } })
            }
            _ => None,
        }
    }
}

/// The claims that a root states as an access token would, but its tools. What Deputy has no meaning for is
/// refused: only Deputy makes roots.
pub(super) fn read(token: &Token, mut own: Others<'_>) -> Result<AccessClaims, AatError> {
    let malformed = |_| TokenError::Claims;
    let sub = own.take::<String>("sub").map_err(malformed)?.ok_or(TokenError::Claims)?;
    let client_id = own.take::<String>("client_id").map_err(malformed)?.ok_or(TokenError::Claims)?;
    let agent = own.take::<AgentClaim>("agent").map_err(malformed)?.ok_or(TokenError::Claims)?;
    let chain = own.take::<Vec<Hop>>("chain").map_err(malformed)?.ok_or(TokenError::Claims)?;
    let act = own.take::<Act>("act").map_err(malformed)?;
    let may_act = own.take::<MayAct>("may_act").map_err(malformed)?;
    let (Some(nbf), Some(audience), true) = (token.nbf, &token.audience, own.is_empty()) else {
        return Err(TokenError::Claims.into());
    };
    if token.depth != 0 || token.par_hash.is_some() || token.name.is_some() || audience.is_empty() {
        return Err(TokenError::Claims.into());
    }
    if token.exp - token.iat > i64::from(MAX_LIFETIME_SECS) {
        return Err(TokenError::Claims.into());
    }
    let hops_before = chain.len().saturating_sub(1);
    let max_depth = hops_before.saturating_add(usize::from(token.max_depth));
    let max_depth = u8::try_from(max_depth).ok().filter(|depth| *depth <= MAX_DEPTH);
    let mandate = Mandate {
        scopes: BTreeSet::new(),
        // The leaf's come here, once every link has been checked.
        tools: ToolMap::new(),
        blocked_tools: BTreeSet::new(),
        limits: LimitMap::new(),
        declared: NameMap::new(),
        limit_required: NameMap::new(),
        audience: audience.clone(),
        binding: Binding::default(),
        not_before: Instant::from_secs(nbf),
        expires_at: Instant::from_secs(token.exp),
        max_depth: max_depth.ok_or(ChainError::Depth { ceiling: MAX_DEPTH })?,
        may_delegate: token.max_depth > 0,
        uses: None,
    };
    let claims = AccessClaims {
        iss: token.iss.clone(),
        sub,
        iat: Instant::from_secs(token.iat),
        client_id,
        agent,
        chain,
        mandate,
        act,
        may_act,
        cnf: Some(Cnf { jkt: token.jkt.clone() }),
    };
    if check_chain(&claims)?.id != token.jti {
        return Err(TokenError::Claims.into());
    }
    Ok(claims)
}
