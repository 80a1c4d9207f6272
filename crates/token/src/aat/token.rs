//! One token of a chain: the claims that the draft gives a meaning, read strictly.
//!
//! Invariant: a [`Token`] states integers without fraction, no member twice at any depth, an Ed25519 key, and
//! constraints that this version understands, within the bounds of a mandate. It is not verified by being read.

use std::collections::BTreeSet;

use deputy_mandate::{Constraint, MAX_TOOL_NODES, MAX_TOOLS, Members, ToolMap, Value};

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
    verify_tools(&read)?;
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
