//! What a whole chain says, in the terms of an access token: the leaf's authority, and one hop per token.

use deputy_mandate::Instant;

use super::token::Token;
use super::verify::AatError;
use crate::access::{AccessClaims, ChainError, Cnf, Hop};

/// Extends the root's claims by the tokens derived from it, whose links have been checked.
pub(super) fn extend(mut claims: AccessClaims, derived: &[Token]) -> Result<AccessClaims, AatError> {
    let issued = claims.chain.last().ok_or(ChainError::Empty)?;
    let inherited =
        Hop { id: String::new(), agent: String::new(), jkt: None, rt: None, bind: None, ..issued.clone() };
    let mut agent = issued.agent.clone();
    let mandate = &mut claims.mandate;
    for token in derived {
        let name = token.name.as_deref().unwrap_or_default();
        for path in [&mut agent, &mut claims.agent.name, &mut claims.agent.spiffe_id] {
            path.push('/');
            path.push_str(name);
        }
        claims.chain.push(Hop {
            id: token.hash.clone(),
            agent: agent.clone(),
            jkt: Some(token.jkt.clone()),
            ..inherited.clone()
        });
        if let Some(audience) = &token.audience {
            mandate.audience.retain(|each| audience.contains(each));
        }
        if let Some(nbf) = token.nbf {
            mandate.not_before = mandate.not_before.max(Instant::from_secs(nbf));
        }
    }
    if mandate.audience.is_empty() {
        return Err(AatError::Audience);
    }
    if let Some(leaf) = derived.last() {
        // `del_max_depth` counts from the root of the token, `max_depth` from the root of the whole chain.
        let before = claims.chain.len().saturating_sub(derived.len() + 1);
        let ceiling = u8::try_from(before.saturating_add(usize::from(leaf.max_depth))).unwrap_or(u8::MAX);
        mandate.max_depth = mandate.max_depth.min(ceiling);
        mandate.may_delegate = leaf.depth < leaf.max_depth;
        mandate.expires_at = Instant::from_secs(leaf.exp);
        claims.iat = Instant::from_secs(leaf.iat);
        claims.cnf = Some(Cnf { jkt: leaf.jkt.clone() });
    }
    Ok(claims)
}
