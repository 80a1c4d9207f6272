//! What a chain of attenuating agent tokens says, read without its signatures: the leaf's authority and one hop
//! for each token.
//!
//! The tools come as the leaf's maker wrote them, because the draft compares constraints as they are written.

use std::collections::BTreeSet;

use deputy_mandate::{
    ArgumentMap, Binding, Constraint, Instant, LimitMap, Mandate, Members, NameMap, ToolMap, Value,
};
use deputy_token::aat::{DETAILS_TYPE, UnverifiedAat, UnverifiedToken};
use deputy_token::access::{Cnf, Hop};
use deputy_token::keys::Jwk;

use super::credential::Form;
use super::said::{Said, Unreadable};
use super::said_claims::{audience, plain};

fn malformed(what: &str) -> Unreadable {
    Unreadable::Claims(what.to_owned())
}

/// Reads a chain.
pub(super) fn read(text: &str) -> Result<Said, Unreadable> {
    let chain = UnverifiedAat::parse(text)?;
    let mut tokens = chain.tokens();
    let root = tokens.next().ok_or_else(|| malformed("there is no token"))?;
    // Tokens of the chain are small, and so is the cost of writing the strict value again.
    let root_members = members(root)?;
    let (plain, _) = plain(Value::Object(root_members.clone()).to_canonical().as_bytes())?;
    let issued = plain.hops();
    let (not_before, expires_at) = plain.life();
    let mandate = Mandate {
        scopes: BTreeSet::new(),
        tools: tools(&root_members)?,
        blocked_tools: BTreeSet::new(),
        limits: LimitMap::new(),
        declared: NameMap::new(),
        limit_required: NameMap::new(),
        audience: audience(&root_members)?.unwrap_or_default(),
        binding: Binding::default(),
        not_before,
        expires_at,
        max_depth: 0,
        may_delegate: false,
        uses: None,
    };
    let mut claims = plain.with(mandate, Some(Cnf { jkt: holder(&root_members)? }));
    set_depth(&mut claims.mandate, &root_members, issued)?;
    let inherited = claims.chain.last().cloned().ok_or_else(|| malformed("`chain` is empty"))?;
    let mut agent = inherited.agent.clone();
    for token in tokens {
        let members = members(token)?;
        let name =
            members.get("name").and_then(Value::as_str).ok_or_else(|| malformed("`name` is missing"))?;
        for path in [&mut agent, &mut claims.agent.name, &mut claims.agent.spiffe_id] {
            path.push('/');
            path.push_str(name);
        }
        let jkt = holder(&members)?;
        claims.chain.push(Hop {
            id: token.digest(),
            agent: agent.clone(),
            jkt: Some(jkt.clone()),
            rt: None,
            bind: None,
            ..inherited.clone()
        });
        claims.cnf = Some(Cnf { jkt });
        let mandate = &mut claims.mandate;
        if let Some(own) = audience(&members)? {
            mandate.audience.retain(|each| own.contains(each));
        }
        mandate.tools = tools(&members)?;
        mandate.expires_at = Instant::from_secs(integer(&members, "exp")?);
        if members.contains_key("nbf") {
            mandate.not_before = mandate.not_before.max(Instant::from_secs(integer(&members, "nbf")?));
        }
        set_depth(mandate, &members, issued)?;
    }
    Ok(Said { form: Form::Aat, claims, issued })
}

fn members(token: UnverifiedToken<'_>) -> Result<Members, Unreadable> {
    match token.claims() {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(malformed("a token's payload cannot be read strictly")),
    }
}

fn integer(members: &Members, name: &str) -> Result<i64, Unreadable> {
    match members.get(name) {
        Some(Value::Number(number)) => number.as_i64(),
        _ => None,
    }
    .ok_or_else(|| malformed(&format!("`{name}` is missing or no integer")))
}

/// `del_max_depth` counts from the first token, `max_depth` from the root of the whole chain.
fn set_depth(mandate: &mut Mandate, members: &Members, issued: usize) -> Result<(), Unreadable> {
    let (depth, most) = (integer(members, "del_depth")?, integer(members, "del_max_depth")?);
    let before = i64::try_from(issued.saturating_sub(1)).unwrap_or(i64::MAX);
    mandate.max_depth = u8::try_from(before.saturating_add(most))
        .map_err(|_| malformed("`del_max_depth` is out of range"))?;
    mandate.may_delegate = depth < most;
    Ok(())
}

/// The thumbprint of the holder's key.
fn holder(members: &Members) -> Result<String, Unreadable> {
    let jwk = members.get("cnf").and_then(Value::as_object).and_then(|cnf| cnf.get("jwk"));
    let jwk = jwk.and_then(|jwk| Jwk::parse(&jwk.to_canonical()).ok());
    jwk.map(|jwk| jwk.thumbprint()).ok_or_else(|| malformed("`cnf` carries no public key"))
}

/// The tools of the one entry of the draft's type; a token between root and leaf may have none.
fn tools(members: &Members) -> Result<ToolMap, Unreadable> {
    let malformed = || malformed("`authorization_details` has no plain entry of tools");
    let Some(Value::Array(entries)) = members.get("authorization_details") else { return Err(malformed()) };
    let entries = entries.iter().filter_map(Value::as_object);
    let ours = |entry: &&Members| entry.get("type").and_then(Value::as_str) == Some(DETAILS_TYPE);
    let Some(entry) = entries.clone().find(ours) else { return Ok(ToolMap::new()) };
    let tools = entry.get("tools").and_then(Value::as_object).ok_or_else(malformed)?;
    let arguments = |map: &Value| {
        let constraint = |(name, value): (&String, &Value)| {
            Some((name.clone(), Constraint::try_from(value.clone()).ok()?))
        };
        map.as_object()?.iter().map(constraint).collect::<Option<ArgumentMap>>()
    };
    let tools = tools.iter().map(|(name, map)| Some((name.clone(), arguments(map)?)));
    tools.collect::<Option<ToolMap>>().ok_or_else(malformed)
}
