//! What Deputy says in a root beside the draft's own claims: whose authority it is, and who was issued what.
//!
//! Invariant: a root that is read agrees with itself as an access token does ([`check_chain`]), is bound to the
//! key that its last hop is bound to, and leaves no more hops than its chain has left.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use deputy_mandate::{Binding, Instant, LimitMap, MAX_DEPTH, MAX_LIFETIME_SECS, Mandate, NameMap, ToolMap};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

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

/// Deputy's own members of a root. The others are read as of any token; here they are only known by name, so
/// that a member without a meaning is found.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    sub: String,
    client_id: String,
    agent: AgentClaim,
    chain: Vec<Hop>,
    act: Option<Act>,
    may_act: Option<MayAct>,
    #[serde(rename = "jti")]
    _jti: IgnoredAny,
    #[serde(rename = "iss")]
    _iss: IgnoredAny,
    #[serde(rename = "iat")]
    _iat: IgnoredAny,
    #[serde(rename = "exp")]
    _exp: IgnoredAny,
    #[serde(rename = "nbf")]
    _nbf: IgnoredAny,
    #[serde(rename = "cnf")]
    _cnf: IgnoredAny,
    #[serde(rename = "aud")]
    _aud: IgnoredAny,
    #[serde(rename = "del_depth")]
    _del_depth: IgnoredAny,
    #[serde(rename = "del_max_depth")]
    _del_max_depth: IgnoredAny,
    #[serde(rename = "authorization_details")]
    _authorization_details: IgnoredAny,
}

/// The claims that a root states as an access token would, with the authority of `token`.
pub(super) fn read(payload: &[u8], token: &Token) -> Result<AccessClaims, AatError> {
    let own: Own = serde_json::from_slice(payload).map_err(|_| TokenError::Claims)?;
    let (Some(nbf), Some(audience)) = (token.nbf, &token.audience) else {
        return Err(TokenError::Claims.into());
    };
    if token.depth != 0 || token.par_hash.is_some() || token.exp - token.iat > i64::from(MAX_LIFETIME_SECS) {
        return Err(TokenError::Claims.into());
    }
    let hops_before = own.chain.len().saturating_sub(1);
    let max_depth = hops_before.saturating_add(usize::from(token.max_depth));
    let max_depth = u8::try_from(max_depth).ok().filter(|depth| *depth <= MAX_DEPTH);
    let mandate = Mandate {
        scopes: BTreeSet::new(),
        tools: token.tools.clone(),
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
        sub: own.sub,
        iat: Instant::from_secs(token.iat),
        client_id: own.client_id,
        agent: own.agent,
        chain: own.chain,
        mandate,
        act: own.act,
        may_act: own.may_act,
        cnf: Some(Cnf { jkt: token.jkt.clone() }),
    };
    if check_chain(&claims)?.id != token.jti {
        return Err(TokenError::Claims.into());
    }
    Ok(claims)
}
