//! Deriving a token offline: what a holder does, without asking anybody.
//!
//! Invariant: what comes out is a chain that a verifier accepts if it accepts the chain that went in; whatever
//! it would refuse is refused here, before a signature is made.

use std::collections::BTreeSet;

use deputy_mandate::{Instant, ToolMap};
use serde::Serialize;

use super::link::{self, LinkError};
use super::root::{Confirmation, Entry, WrittenAudience};
use super::seal::{alg_name, canonical};
use super::token::{Position, Token, TokenError, verify_tools};
use super::verify::{AatError, UnverifiedAat};
use super::{MAX_CHAIN_LEN, MAX_JTI_LEN, SEPARATOR, THUMBPRINT_URI, TYP};
use crate::jws::{SealError, UnverifiedJws, sign};
use crate::keys::{Jwk, SigningKey};

/// What the new token says.
#[derive(Debug, Clone, Copy)]
pub struct Derivation<'a> {
    /// Who it is for: one segment, appended to the parent's name.
    pub name: &'a str,
    /// Its tools; written as they stand, because the draft compares constraints as they are written.
    pub tools: &'a ToolMap,
    /// Its audience, where it narrows; without one, the parent's holds.
    pub audience: Option<&'a BTreeSet<String>>,
    /// When it expires; at the latest with its parent.
    pub expires_at: Instant,
    /// How deep the chain may go from the root on; its own depth at least.
    pub del_max_depth: u8,
    /// When it is made; a clock behind the parent's counts as the parent's.
    pub iat: Instant,
    /// The key of whom it is for.
    pub holder: &'a Jwk,
    /// A fresh identifier.
    pub jti: &'a str,
}

/// Why no token is derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// The parent cannot be read.
    #[error("the parent cannot be read: {0}")]
    Parent(#[from] AatError),
    /// The signing key is not the one that the parent is bound to.
    #[error("the key is not the one that the parent is bound to")]
    NotHolder,
    /// The new holder's key is not Ed25519.
    #[error("the new holder's key must be OKP with curve Ed25519")]
    HolderKey,
    /// The new token would say something that no verifier reads.
    #[error("the token would not be readable: {0}")]
    Token(#[from] TokenError),
    /// The new token would break an invariant.
    #[error("the token would be refused: {0}")]
    Link(#[from] LinkError),
    /// The id is empty, too long, or one that the chain has already.
    #[error("the id is empty, longer than {MAX_JTI_LEN} bytes, or not new")]
    Id,
    /// No audience would be in every `aud` of the chain.
    #[error("no audience would be common to the whole chain")]
    Audience,
    /// The chain would be longer than 64 KiB.
    #[error("the chain would be longer than 64 KiB")]
    TooLong,
    /// The JWS could not be made.
    #[error(transparent)]
    Jws(#[from] SealError),
}

#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<WrittenAudience<'a>>,
    authorization_details: [Entry<'a>; 1],
    cnf: Confirmation,
    del_depth: u8,
    del_max_depth: u8,
    exp: i64,
    iat: i64,
    iss: &'a str,
    jti: &'a str,
    name: &'a str,
    par_hash: &'a str,
}

/// Derives a narrower token from the last of `chain` for another holder, and returns the longer chain.
///
/// # Errors
/// [`DeriveError`].
pub fn derive(chain: &str, child: &Derivation<'_>, parent_key: &SigningKey) -> Result<String, DeriveError> {
    let tokens = read(chain)?;
    let parent = tokens.last().ok_or(AatError::Jws(crate::jws::JwsError::Malformed))?;
    if parent_key.jwk().thumbprint() != parent.jkt {
        return Err(DeriveError::NotHolder);
    }
    let cnf = Confirmation::of(child.holder).ok_or(DeriveError::HolderKey)?;
    if child.jti.is_empty()
        || child.jti.len() > MAX_JTI_LEN
        || tokens.iter().any(|each| each.jti == child.jti)
    {
        return Err(DeriveError::Id);
    }
    verify_tools(child.tools)?;
    let token = Token {
        jti: child.jti.to_owned(),
        iss: format!("{THUMBPRINT_URI}{}", parent.jkt),
        iat: child.iat.as_secs_floor().max(parent.iat),
        exp: child.expires_at.as_secs_floor(),
        nbf: None,
        holder: child.holder.clone(),
        jkt: child.holder.thumbprint(),
        audience: child.audience.cloned(),
        depth: parent.depth.saturating_add(1),
        max_depth: child.del_max_depth,
        par_hash: Some(parent.hash.clone()),
        name: Some(child.name.to_owned()),
        tools: child.tools.clone(),
        hash: String::new(),
    };
    if token.exp <= token.iat {
        return Err(TokenError::Claims.into());
    }
    link::check(parent, &token)?;
    if !has_common_audience(&tokens, child.audience) {
        return Err(DeriveError::Audience);
    }
    let longer = format!("{chain}{SEPARATOR}{}", write(&token, cnf, parent_key)?);
    if longer.len() > MAX_CHAIN_LEN {
        return Err(DeriveError::TooLong);
    }
    Ok(longer)
}

/// Every token of the chain, as its maker wrote it: a holder trusts whom it has the chain from.
fn read(chain: &str) -> Result<Vec<Token>, AatError> {
    UnverifiedAat::parse(chain)?;
    let last = chain.split(SEPARATOR).count().saturating_sub(1);
    let mut tokens = Vec::with_capacity(last + 1);
    for (i, text) in chain.split(SEPARATOR).enumerate() {
        let jws = UnverifiedJws::parse(text)?;
        let position = if i == 0 || i == last { Position::RootOrLeaf } else { Position::Between };
        tokens.push(Token::read(jws.unverified_payload(), jws.signing_input(), position)?.0);
    }
    Ok(tokens)
}

fn has_common_audience(tokens: &[Token], own: Option<&BTreeSet<String>>) -> bool {
    let stated: Vec<&BTreeSet<String>> =
        tokens.iter().filter_map(|token| token.audience.as_ref()).chain(own).collect();
    stated.first().is_none_or(|first| first.iter().any(|each| stated.iter().all(|set| set.contains(each))))
}

fn write(token: &Token, cnf: Confirmation, key: &SigningKey) -> Result<String, SealError> {
    let written = Written {
        aud: token.audience.as_ref().map(WrittenAudience::from),
        authorization_details: [(&token.tools).into()],
        cnf,
        del_depth: token.depth,
        del_max_depth: token.max_depth,
        exp: token.exp,
        iat: token.iat,
        iss: &token.iss,
        jti: &token.jti,
        name: token.name.as_deref().unwrap_or_default(),
        par_hash: token.par_hash.as_deref().unwrap_or_default(),
    };
    let header = format!(r#"{{"alg":"{}","typ":"{TYP}"}}"#, alg_name(key.alg()));
    sign(&header, canonical(&written)?.as_bytes(), key)
}
