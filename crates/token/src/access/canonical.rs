//! The claims out of their canonical text (RFC 8785), in one pass: what is sealed here is written so.
//!
//! Invariant: this refuses more than the reader of `wire.rs`, and reads the same out of what it takes; a test holds
//! the two against each other. An access token in another writing goes on to that one, a capability is refused.

use std::collections::BTreeSet;

use deputy_mandate::{CanonicalError, CanonicalReader, Instant, Mandate, Scope};

use super::wire::{INSTANTS, Repeated};
use super::{AccessClaims, Act, AgentClaim, Cnf, Hop, MayAct};

/// In which sealed form the claims stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The payload of a JWS, whose header names the key; one audience or several.
    AccessToken,
    /// The first block of a capability, which names the key itself; one audience.
    Capability,
}

/// What a text of claims says.
pub(crate) struct Read<D> {
    /// Many bytes, so they stay where they are while others hand them on.
    pub(crate) claims: Box<AccessClaims>,
    /// Empty in an access token.
    pub(crate) kid: String,
    /// What came with the mandate.
    pub(crate) beside: D,
}

type Reader<'a> = CanonicalReader<'a>;

/// `None` for any text that is not the canonical one of claims that agree with each other.
pub(crate) fn read(text: &str, form: Form) -> Option<Read<()>> {
    read_by(text, form, |reader| reader.details().map(|mandate| (mandate, ())))
}

/// As [`read`]; `details` reads the mandate, whole or as much of it as the caller wants.
pub(crate) fn read_by<'a, D>(
    text: &'a str,
    form: Form,
    details: impl FnOnce(&mut Reader<'a>) -> Result<(Mandate, D), CanonicalError>,
) -> Option<Read<D>> {
    let mut reader = CanonicalReader::new(text);
    let read = members(&mut reader, form, details).ok().flatten()?;
    reader.finish().ok().map(|()| read)
}

/// `None` when the members are there and do not fit together.
fn members<'a, D>(
    reader: &mut Reader<'a>,
    form: Form,
    details: impl FnOnce(&mut Reader<'a>) -> Result<(Mandate, D), CanonicalError>,
) -> Result<Option<Read<D>>, CanonicalError> {
    reader.open()?;
    let act = maybe(reader, "act", act)?;
    let agent = need(reader, "agent", agent)?;
    let audience = need(reader, "aud", |reader| audience(reader, form))?;
    let (mut mandate, beside) = need(reader, "authorization_details", details)?;
    let chain = need(reader, "chain", hops)?;
    let client_id = need(reader, "client_id", Reader::text)?;
    let cnf = maybe(reader, "cnf", cnf)?;
    let del_depth = need(reader, "del_depth", Reader::depth)?;
    let del_max_depth = need(reader, "del_max_depth", Reader::depth)?;
    let exp = need(reader, "exp", Reader::integer)?;
    let iat = need(reader, "iat", Reader::integer)?;
    let iss = need(reader, "iss", Reader::text)?;
    let jti = need(reader, "jti", Reader::string)?;
    let kid = match form {
        Form::AccessToken => String::new(),
        Form::Capability => need(reader, "kid", Reader::text)?,
    };
    let may_act = maybe(reader, "may_act", may_act)?;
    let nbf = need(reader, "nbf", Reader::integer)?;
    let scope = need(reader, "scope", Reader::string)?;
    let sub = need(reader, "sub", Reader::text)?;
    reader.close()?;

    let (Some(exp), Some(iat), Some(nbf)) = (instant(exp), instant(iat), instant(nbf)) else {
        return Ok(None);
    };
    let Ok(scopes) = Scope::parse_sealed(&scope) else { return Ok(None) };
    (mandate.scopes, mandate.audience) = (scopes, audience);
    (mandate.not_before, mandate.expires_at) = (nbf, exp);
    let claims =
        Box::new(AccessClaims { iss, sub, iat, client_id, agent, chain, mandate, act, may_act, cnf });
    let stated = Repeated { jti: &jti, del_depth: usize::from(del_depth), del_max_depth };
    Ok(stated.agrees(&claims).then_some(Read { claims, kid, beside }))
}

/// Seconds that every later calculation can hold.
pub(crate) fn instant(seconds: u64) -> Option<Instant> {
    i64::try_from(seconds).ok().filter(|seconds| INSTANTS.contains(seconds)).map(Instant::from_secs)
}

#[inline(always)]
fn need<'a, T>(
    reader: &mut Reader<'a>,
    name: &'static str,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, CanonicalError>,
) -> Result<T, CanonicalError> {
    reader.need(name)?;
    read(reader)
}

/// A member that may be absent.
#[inline(always)]
pub(crate) fn maybe<'a, T>(
    reader: &mut Reader<'a>,
    name: &'static str,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, CanonicalError>,
) -> Result<Option<T>, CanonicalError> {
    if reader.find(name) { read(reader).map(Some) } else { Ok(None) }
}

fn audience(reader: &mut Reader<'_>, form: Form) -> Result<BTreeSet<String>, CanonicalError> {
    // Where no quote stands, nothing was read.
    match reader.text() {
        Err(_) if form == Form::AccessToken => reader.names(),
        one => one.map(|one| BTreeSet::from([one])),
    }
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

pub(crate) fn cnf(reader: &mut Reader<'_>) -> Result<Cnf, CanonicalError> {
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
