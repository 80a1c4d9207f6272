//! One token of a chain: the claims that the draft gives a meaning, read strictly.
//!
//! Invariant: a [`Token`] states integers without fraction, no member twice at any depth, an Ed25519 key, and
//! constraints that this version understands, within the bounds of a mandate. It is not verified by being read.

use std::collections::BTreeSet;

use deputy_mandate::{CanonicalReader, Constraint, MAX_TOOL_NODES, MAX_TOOLS, Members, ToolMap, Value};

use super::claims::{Claims, Others};
use super::compile::is_well_formed;
use super::{DETAILS_TYPE, MAX_JTI_LEN, digest};
use crate::keys::{Jwk, KeyShape};

/// Seconds up to the year 9999, so that no later arithmetic saturates.
const SECONDS: std::ops::Range<i64> = 0..253_402_300_800;

/// Why the claims of a token are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// A claim is missing, repeated, of the wrong type, or out of range.
    #[error("the claims are malformed")]
    Claims,
    /// `cnf` carries no public Ed25519 key.
    #[error("`cnf` carries no public Ed25519 key")]
    Key,
    /// No entry of the type, more than one, or one with members beside `type` and `tools`.
    #[error("`authorization_details` has no single, plain entry of type `{DETAILS_TYPE}`")]
    Entry,
    /// A constraint that is not well-formed, or an argument named `*`.
    #[error("a constraint is malformed")]
    Constraint,
    /// A constraint of a type that this version does not know.
    #[error("a constraint has a type not known here")]
    UnknownConstraint,
    /// More than 256 tools, or more than 64 constraints for one.
    #[error("more tools or constraints than are allowed")]
    Bounds,
}

/// Where in the chain a token stands: only between root and leaf may it carry no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    Between,
    RootOrLeaf,
}

/// The claims of one token.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) jti: String,
    pub(super) iss: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) nbf: Option<i64>,
    pub(super) holder: Jwk,
    /// The holder's thumbprint.
    pub(super) jkt: String,
    pub(super) audience: Option<BTreeSet<String>>,
    pub(super) depth: u8,
    pub(super) max_depth: u8,
    pub(super) par_hash: Option<String>,
    pub(super) name: Option<String>,
    pub(super) tools: ToolMap,
    /// The digest of its signing input.
    pub(super) hash: String,
}

impl Token {
    /// The token, and its members that the draft does not know.
    pub(super) fn read<'a>(
        payload: &'a [u8],
        signing_input: &str,
        position: Position,
    ) -> Result<(Self, Others<'a>), TokenError> {
        let (claims, others) = Claims::read(payload).ok_or(TokenError::Claims)?;
        let instants = [Some(claims.iat), Some(claims.exp), claims.nbf];
        if !instants.iter().flatten().all(|seconds| SECONDS.contains(seconds)) || claims.exp <= claims.iat {
            return Err(TokenError::Claims);
        }
        if claims.jti.is_empty() || claims.jti.len() > MAX_JTI_LEN {
            return Err(TokenError::Claims);
        }
        let holder = holder(claims.cnf.get())?;
        let token = Self {
            jti: claims.jti,
            iss: claims.iss,
            iat: claims.iat,
            exp: claims.exp,
            nbf: claims.nbf,
            jkt: holder.thumbprint(),
            holder,
            audience: claims.aud.map(BTreeSet::from),
            depth: claims.del_depth,
            max_depth: claims.del_max_depth,
            par_hash: claims.par_hash,
            name: claims.name,
            tools: read_tools(claims.authorization_details.get(), position)?,
            hash: digest(signing_input),
        };
        Ok((token, others))
    }
}

/// The key in `cnf`.
fn holder(cnf: &str) -> Result<Jwk, TokenError> {
    if let Some(jwk) = cnf.strip_prefix(r#"{"jwk":"#).and_then(|rest| rest.strip_suffix('}'))
        && let Some(jwk) = Jwk::from_bare_ed25519(jwk)
    {
        return Ok(jwk);
    }
    // Any other spelling takes the way that finds members that stand twice.
    let Ok(Value::Object(mut members)) = Value::parse(cnf) else { return Err(TokenError::Key) };
    let jwk = members.remove("jwk").ok_or(TokenError::Key)?;
    match Jwk::parse(&jwk.to_canonical()) {
        Ok(jwk) if matches!(jwk.shape(), KeyShape::Ed25519 { .. }) => Ok(jwk),
        _ => Err(TokenError::Key),
    }
}

/// The tools of the one entry of the draft's type; entries of other types say nothing to a verifier.
fn read_tools(details: &str, position: Position) -> Result<ToolMap, TokenError> {
    let tools = match canonical_tools(details) {
        Some(tools) => tools,
        None => strict_tools(details, position)?,
    };
    verify_tools(&tools)?;
    Ok(tools)
}

/// The tools of the one entry, where it is alone and in canonical writing, as Deputy writes it: read without a tree.
/// `None` says nothing: the strict reader has the word on any other writing.
fn canonical_tools(details: &str) -> Option<ToolMap> {
    let (mut reader, mut entries) = (CanonicalReader::new(details), Vec::with_capacity(1));
    let each = |reader: &mut CanonicalReader<'_>| {
        reader.open()?;
        reader.need("tools")?;
        // As they are written in this entry alone, so there is nothing that it could repeat.
        let tools = reader.tools()?;
        reader.need("type")?;
        entries.push((tools, reader.string()? == DETAILS_TYPE));
        reader.close()
    };
    reader.items(each).ok()?;
    reader.finish().ok()?;
    match <[_; 1]>::try_from(entries) {
        Ok([(tools, true)]) => Some(tools),
        _ => None,
    }
}

fn strict_tools(details: &str, position: Position) -> Result<ToolMap, TokenError> {
    let Ok(Value::Array(entries)) = Value::parse(details) else { return Err(TokenError::Claims) };
    let ours = |entry: &Value| {
        entry.as_object().and_then(|entry| entry.get("type")).and_then(Value::as_str) == Some(DETAILS_TYPE)
    };
    let mut ours = entries.into_iter().filter(ours);
    let Some(entry) = ours.next() else {
        return if position == Position::Between { Ok(ToolMap::new()) } else { Err(TokenError::Entry) };
    };
    let Value::Object(mut entry) = entry else { return Err(TokenError::Entry) };
    entry.remove("type");
    match (entry.remove("tools"), entry.is_empty(), ours.next()) {
        (Some(Value::Object(tools)), true, None) => constraints(tools),
        _ => Err(TokenError::Entry),
    }
}

fn constraints(tools: Members) -> Result<ToolMap, TokenError> {
    let mut read = ToolMap::new();
    for (tool, arguments) in tools {
        let Value::Object(arguments) = arguments else { return Err(TokenError::Entry) };
        let arguments = arguments.into_iter().map(|(name, value)| {
            Ok((name, Constraint::try_from(value).map_err(|_| TokenError::Constraint)?))
        });
        read.insert(tool, arguments.collect::<Result<_, _>>()?);
    }
    Ok(read)
}

/// What a verifier accepts as tools, whoever made them.
pub(super) fn verify_tools(tools: &ToolMap) -> Result<(), TokenError> {
    if tools.len() > MAX_TOOLS {
        return Err(TokenError::Bounds);
    }
    for arguments in tools.values() {
        let nodes = arguments.values().fold(0_usize, |sum, each| sum.saturating_add(each.nodes()));
        if nodes > MAX_TOOL_NODES {
            return Err(TokenError::Bounds);
        }
        if arguments.values().any(Constraint::has_unknown) {
            return Err(TokenError::UnknownConstraint);
        }
        if arguments.contains_key("*") || !arguments.values().all(is_well_formed) {
            return Err(TokenError::Constraint);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = r#"[{"tools":{"read_db":{"table":{"constraint_type":"one_of","values":["b","a"]}},"search":{},"transfer":{"amount":{"constraint_type":"range","max":500},"memo":{"constraint_type":"all","constraints":[{"constraint_type":"wildcard"}]},"root":{"constraint_type":"path_containment","root":"/srv/a/../b"}}},"type":"attenuating_agent_token"}]"#;

    /// Both readers: what the quick one takes, the strict one reads alike.
    fn compare(details: &str) -> Option<ToolMap> {
        let quick = canonical_tools(details);
        if let Some(tools) = &quick {
            assert_eq!(strict_tools(details, Position::RootOrLeaf).as_ref(), Ok(tools), "{details}");
        }
        quick
    }

    #[test]
    fn the_canonical_writing_is_read_as_any_other() {
        assert!(compare(PLAIN).is_some());
        let entry = PLAIN.strip_prefix('[').unwrap().strip_suffix(']').unwrap();
        for count in [0, 2, 3] {
            let several = format!("[{}]", vec![entry; count].join(","));
            assert_eq!(compare(&several), None);
        }
        for (from, to) in [
            ("attenuating", "another"),
            ("\"type\"", "\"types\""),
            ("\"type\":", "\"uses\":1,\"type\":"),
            ("\"tools\":{", "\"tools\":{\"search\":{},"),
            ("\"search\":{}", "\"search\":[]"),
            ("\"max\":500", "\"max\":500.0"),
            ("\"max\":500", "\"max\":500,\"max\":500"),
            ("\"max\":500", "\"max\":\"500\""),
            ("\"wildcard\"", "\"regex\""),
            ("[\"b\",\"a\"]", "[\"b\", \"a\"]"),
            ("/srv/a/../b", "/.."),
        ] {
            let changed = PLAIN.replacen(from, to, 1);
            assert_ne!(changed, PLAIN);
            compare(&changed);
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(4000))]

        #[test]
        fn no_change_of_an_entry_is_read_in_two_ways(
            at in proptest::prelude::any::<proptest::sample::Index>(),
            byte in 0_u8..0x80,
            how in 0_u8..3,
        ) {
            let mut bytes = PLAIN.as_bytes().to_vec();
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
            compare(&String::from_utf8_lossy(&bytes));
        }
    }
}
