//! The first block: the claims of an access token (RFC 9068 section 2.2) and the `kid` of the sealing key.
//!
//! Written by the writer of access tokens; read in one pass, as canonical text only.

use std::collections::BTreeSet;

use deputy_mandate::{CanonicalError, CanonicalReader, Instant, Scope, Written};
use serde_json::value::RawValue;

use super::{AudienceKey, CapabilityError, CapabilitySealError, PREFIX, frames};
use crate::access::wire::{INSTANTS, Repeated, Sealing};
use crate::access::{AccessClaims, Act, AgentClaim, Cnf, Hop, MayAct, SealedAccess, chain};
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
    pub(super) claims: AccessClaims,
}

impl Root {
    pub(super) fn read(text: &str) -> Result<Self, CapabilityError> {
        Self::read_written(text).map(|(root, _)| root)
    }

    /// With what the next block may repeat.
    pub(super) fn read_written(text: &str) -> Result<(Self, Written<'_>), CapabilityError> {
        let mut reader = CanonicalReader::new(text);
        let root = root(&mut reader).map_err(|_| MALFORMED)?.ok_or(MALFORMED)?;
        reader.finish().map_err(|_| MALFORMED)?;
        Ok(root)
    }
}

const MALFORMED: CapabilityError = CapabilityError::Block { index: 0 };

type Reader<'a> = CanonicalReader<'a>;

/// `None` when the members are there and do not fit together.
fn root<'a>(reader: &mut Reader<'a>) -> Result<Option<(Root, Written<'a>)>, CanonicalError> {
    reader.open()?;
    let act = maybe(reader, "act", act)?;
    let agent = need(reader, "agent", agent)?;
    let audience = BTreeSet::from([need(reader, "aud", Reader::text)?]);
    let (mut mandate, written) = need(reader, "authorization_details", Reader::details)?;
    let chain = need(reader, "chain", hops)?;
    let client_id = need(reader, "client_id", Reader::text)?;
    let cnf = maybe(reader, "cnf", cnf)?;
    let del_depth = need(reader, "del_depth", Reader::depth)?;
    let del_max_depth = need(reader, "del_max_depth", Reader::depth)?;
    let exp = need(reader, "exp", Reader::integer)?;
    let iat = need(reader, "iat", Reader::integer)?;
    let iss = need(reader, "iss", Reader::text)?;
    let jti = need(reader, "jti", Reader::string)?;
    let kid = need(reader, "kid", Reader::text)?;
    let may_act = maybe(reader, "may_act", may_act)?;
    let nbf = need(reader, "nbf", Reader::integer)?;
    let scope = need(reader, "scope", Reader::string)?;
    let sub = need(reader, "sub", Reader::text)?;
    reader.close()?;

    let (Some(exp), Some(iat), Some(nbf)) = (instant(exp), instant(iat), instant(nbf)) else {
        return Ok(None);
    };
    let (Ok(scopes), Ok(kid)) = (Scope::parse_sealed(&scope), Kid::new(kid)) else { return Ok(None) };
    (mandate.scopes, mandate.audience) = (scopes, audience);
    (mandate.not_before, mandate.expires_at) = (nbf, exp);
    let claims = AccessClaims { iss, sub, iat, client_id, agent, chain, mandate, act, may_act, cnf };
    let stated = Repeated { jti: &jti, del_depth: usize::from(del_depth), del_max_depth };
    Ok(stated.agrees(&claims).then_some((Root { kid, claims }, written)))
}

/// Seconds that every later calculation can hold.
pub(super) fn instant(seconds: u64) -> Option<Instant> {
    i64::try_from(seconds).ok().filter(|seconds| INSTANTS.contains(seconds)).map(Instant::from_secs)
}

#[inline]
fn need<'a, T>(
    reader: &mut Reader<'a>,
    name: &'static str,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, CanonicalError>,
) -> Result<T, CanonicalError> {
    reader.need(name)?;
    read(reader)
}

/// A member that may be absent.
#[inline]
pub(super) fn maybe<'a, T>(
    reader: &mut Reader<'a>,
    name: &'static str,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, CanonicalError>,
) -> Result<Option<T>, CanonicalError> {
    if reader.find(name) { read(reader).map(Some) } else { Ok(None) }
}

fn act(reader: &mut Reader<'_>) -> Result<Act, CanonicalError> {
    reader.open()?;
    let inner = maybe(reader, "act", act)?.map(Box::new);
    let sub = need(reader, "sub", Reader::text)?;
    reader.close()?;
    Ok(Act { act: inner, sub })
}

fn texts(reader: &mut Reader<'_>) -> Result<Vec<String>, CanonicalError> {
    let mut texts = Vec::new();
    reader.items(|reader| {
        texts.push(reader.text()?);
        Ok::<_, CanonicalError>(())
    })?;
    Ok(texts)
}

fn agent(reader: &mut Reader<'_>) -> Result<AgentClaim, CanonicalError> {
    reader.open()?;
    let id = need(reader, "id", Reader::text)?;
    let name = need(reader, "name", Reader::text)?;
    let owners = need(reader, "owners", texts)?;
    let spiffe_id = need(reader, "spiffe_id", Reader::text)?;
    reader.close()?;
    Ok(AgentClaim { id, name, owners, spiffe_id })
}

fn may_act(reader: &mut Reader<'_>) -> Result<MayAct, CanonicalError> {
    reader.open()?;
    let client_ids = need(reader, "client_ids", texts)?;
    reader.close()?;
    Ok(MayAct { client_ids })
}

pub(super) fn cnf(reader: &mut Reader<'_>) -> Result<Cnf, CanonicalError> {
    reader.open()?;
    let jkt = need(reader, "jkt", Reader::text)?;
    reader.close()?;
    Ok(Cnf { jkt })
}

fn hops(reader: &mut Reader<'_>) -> Result<Vec<Hop>, CanonicalError> {
    let mut hops = Vec::with_capacity(4);
    reader.items(|reader| {
        reader.open()?;
        let agent = need(reader, "agent", Reader::text)?;
        let bind = maybe(reader, "bind", Reader::binding)?;
        let crit = maybe(reader, "crit", Reader::flag)?.unwrap_or_default();
        let id = need(reader, "id", Reader::text)?;
        let jkt = maybe(reader, "jkt", Reader::text)?;
        let rt = maybe(reader, "rt", Reader::text)?;
        // At most 2^53 − 1, so it is one of an i64 as well.
        let seq = i64::try_from(need(reader, "seq", Reader::integer)?).unwrap_or(i64::MAX);
        let sub = maybe(reader, "sub", Reader::text)?;
        reader.close()?;
        hops.push(Hop { agent, bind, crit, id, jkt, rt, seq, sub });
        Ok::<_, CanonicalError>(())
    })?;
    Ok(hops)
}
