//! The claims as they stand in the token (RFC 9068 section 2.2).
//!
//! Writing borrows everything, so that sealing is one pass; its text is canonical (RFC 8785), and a capability's
//! first block is the same text with a `kid`. It is read back by `canonical.rs`. Any other writing of the claims is
//! read here, where unknown and repeated members are refused; the structs do it for the claims, the mandate's own
//! strict reader for the `authorization_details`.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, Mandate, MandateClaims};
use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::canonical::{self, Form};
use super::{AccessClaims, AccessError, Act, AgentClaim, Cnf, Hop, MayAct};

#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<&'a Act>,
    agent: &'a AgentClaim,
    #[serde(serialize_with = "write_audience")]
    aud: &'a BTreeSet<String>,
    authorization_details: &'a RawValue,
    chain: &'a [Hop],
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<&'a Cnf>,
    del_depth: usize,
    del_max_depth: u8,
    exp: i64,
    iat: i64,
    iss: &'a str,
    jti: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    may_act: Option<&'a MayAct>,
    nbf: i64,
    scope: &'a str,
    sub: &'a str,
}

/// Claims whose mandate has been written already; `kid` where the form has no header to say it in.
pub(crate) struct Sealing<'a> {
    pub(crate) claims: &'a AccessClaims,
    pub(crate) sealed: &'a MandateClaims,
    pub(crate) details: &'a RawValue,
    pub(crate) kid: Option<&'a str>,
}

impl Serialize for Sealing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { claims, sealed, details, kid } = *self;
        let written = Written {
            act: claims.act.as_ref(),
            agent: &claims.agent,
            aud: &sealed.audience,
            authorization_details: details,
            chain: &claims.chain,
            client_id: &claims.client_id,
            cnf: claims.cnf.as_ref(),
            del_depth: claims.del_depth(),
            del_max_depth: claims.mandate.max_depth,
            exp: sealed.expires_at,
            iat: claims.iat.as_secs_floor(),
            iss: &claims.iss,
            jti: claims.jti(),
            kid,
            may_act: claims.may_act.as_ref(),
            nbf: sealed.not_before,
            scope: &sealed.scope,
            sub: &claims.sub,
        };
        written.serialize(serializer)
    }
}

impl Serialize for AccessClaims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sealed = self.mandate.to_claims();
        let details = std::mem::take(&mut sealed.authorization_details);
        let details = RawValue::from_string(details).map_err(S::Error::custom)?;
        Sealing { claims: self, sealed: &sealed, details: &details, kid: None }.serialize(serializer)
    }
}

/// One audience is a string, several an array (RFC 7519 section 4.1.3).
fn write_audience<S: Serializer>(audience: &BTreeSet<String>, serializer: S) -> Result<S::Ok, S::Error> {
    if let (Some(one), 1) = (audience.first(), audience.len()) {
        return serializer.serialize_str(one);
    }
    let mut several = serializer.serialize_seq(Some(audience.len()))?;
    for each in audience {
        several.serialize_element(each)?;
    }
    several.end()
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(BTreeSet<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Read<'a> {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: i64,
    nbf: i64,
    jti: String,
    client_id: String,
    scope: String,
    #[serde(borrow)]
    authorization_details: &'a RawValue,
    act: Option<Act>,
    may_act: Option<MayAct>,
    cnf: Option<Cnf>,
    agent: AgentClaim,
    chain: Vec<Hop>,
    del_depth: usize,
    del_max_depth: u8,
}

/// Seconds up to the year 9999, so that no later arithmetic saturates.
pub(crate) const INSTANTS: std::ops::Range<i64> = 0..253_402_300_800;

/// What a sealed form says twice; the claims must say the same.
pub(crate) struct Repeated<'a> {
    pub(crate) jti: &'a str,
    pub(crate) del_depth: usize,
    pub(crate) del_max_depth: u8,
}

impl Repeated<'_> {
    pub(crate) fn agrees(&self, claims: &AccessClaims) -> bool {
        let own = (claims.jti(), claims.del_depth(), claims.mandate.max_depth);
        (self.jti, self.del_depth, self.del_max_depth) == own
    }
}

/// The claims of a payload, in whichever writing.
pub(super) fn claims(payload: &[u8]) -> Result<Box<AccessClaims>, AccessError> {
    let text = std::str::from_utf8(payload).map_err(|_| AccessError::Claims)?;
    match canonical::read(text, Form::AccessToken) {
        Some(read) => Ok(read.claims),
        None => Read::claims(text),
    }
}

impl Read<'_> {
    pub(super) fn claims(payload: &str) -> Result<Box<AccessClaims>, AccessError> {
        let read: Read<'_> = serde_json::from_str(payload).map_err(|_| AccessError::Claims)?;
        if ![read.exp, read.nbf, read.iat].iter().all(|seconds| INSTANTS.contains(seconds)) {
            return Err(AccessError::Claims);
        }
        let sealed = MandateClaims {
            scope: read.scope,
            audience: match read.aud {
                Audience::One(one) => BTreeSet::from([one]),
                Audience::Several(several) => several,
            },
            not_before: read.nbf,
            expires_at: read.exp,
            authorization_details: read.authorization_details.get().to_owned(),
        };
        let mandate = Mandate::from_claims(&sealed).map_err(|_| AccessError::Claims)?;
        let claims = Box::new(AccessClaims {
            iss: read.iss,
            sub: read.sub,
            iat: Instant::from_secs(read.iat),
            client_id: read.client_id,
            agent: read.agent,
            chain: read.chain,
            mandate,
            act: read.act,
            may_act: read.may_act,
            cnf: read.cnf,
        });
        let stated =
            Repeated { jti: &read.jti, del_depth: read.del_depth, del_max_depth: read.del_max_depth };
        if stated.agrees(&claims) { Ok(claims) } else { Err(AccessError::Claims) }
    }
}
