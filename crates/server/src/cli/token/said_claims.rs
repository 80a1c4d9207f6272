//! The claims of an access token, read without its signature: every member that the credential's story needs.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, Mandate, MandateClaims, Members, Value};
use deputy_token::access::{AccessClaims, Act, AgentClaim, Cnf, Hop, MayAct};
use serde::Deserialize;

use super::said::Unreadable;

/// The claims that are read as they are.
#[derive(Deserialize)]
pub(super) struct Plain {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) iat: i64,
    exp: i64,
    nbf: i64,
    client_id: String,
    #[serde(default)]
    scope: String,
    agent: AgentClaim,
    chain: Vec<Hop>,
    act: Option<Act>,
    may_act: Option<MayAct>,
}

/// The members of a payload, strictly read, and the claims among them.
pub(super) fn plain(payload: &[u8]) -> Result<(Plain, Members), Unreadable> {
    let text = std::str::from_utf8(payload).map_err(|error| Unreadable::Claims(error.to_string()))?;
    let members = match Value::parse(text).map_err(|error| Unreadable::Claims(error.to_string()))? {
        Value::Object(members) => members,
        _ => return Err(Unreadable::Claims("they are no object".to_owned())),
    };
    let plain = serde_json::from_str(text).map_err(|error| Unreadable::Claims(error.to_string()))?;
    Ok((plain, members))
}

/// Who it is for: a string or an array (RFC 7519 section 4.1.3).
pub(super) fn audience(members: &Members) -> Result<Option<BTreeSet<String>>, Unreadable> {
    let malformed = || Unreadable::Claims("`aud` is neither a string nor an array of strings".to_owned());
    match members.get("aud") {
        None => Ok(None),
        Some(Value::String(one)) => Ok(Some(BTreeSet::from([one.clone()]))),
        Some(Value::Array(several)) => {
            let each = several.iter().map(|each| each.as_str().map(str::to_owned));
            each.collect::<Option<BTreeSet<_>>>().map(Some).ok_or_else(malformed)
        }
        Some(_) => Err(malformed()),
    }
}

/// The claims of an access token.
pub(super) fn read(payload: &[u8]) -> Result<AccessClaims, Unreadable> {
    let (plain, members) = plain(payload)?;
    let cnf = match members.get("cnf") {
        None => None,
        Some(cnf) => {
            let read = serde_json::from_str::<Cnf>(&cnf.to_canonical());
            Some(read.map_err(|error| Unreadable::Claims(format!("`cnf`: {error}")))?)
        }
    };
    let mandate = Mandate::from_claims(&MandateClaims {
        scope: plain.scope.clone(),
        audience: audience(&members)?.unwrap_or_default(),
        not_before: plain.nbf,
        expires_at: plain.exp,
        authorization_details: members
            .get("authorization_details")
            .map(Value::to_canonical)
            .unwrap_or_default(),
    })?;
    Ok(plain.with(mandate, cnf))
}

impl Plain {
    /// The times of it.
    pub(super) fn life(&self) -> (Instant, Instant) {
        (Instant::from_secs(self.nbf), Instant::from_secs(self.exp))
    }

    /// How many hops its chain has.
    pub(super) fn hops(&self) -> usize {
        self.chain.len()
    }

    /// With the authority and the key.
    pub(super) fn with(self, mandate: Mandate, cnf: Option<Cnf>) -> AccessClaims {
        AccessClaims {
            iss: self.iss,
            sub: self.sub,
            iat: Instant::from_secs(self.iat),
            client_id: self.client_id,
            agent: self.agent,
            chain: self.chain,
            mandate,
            act: self.act,
            may_act: self.may_act,
            cnf,
        }
    }
}
