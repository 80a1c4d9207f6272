//! What a whole chain says, in the terms of an access token: the leaf's authority, and one hop per token.

use deputy_mandate::Instant;

use super::token::Token;
use super::verify::AatError;
use crate::access::{AccessClaims, ChainError, Cnf, Hop};

/// Extends the root's claims by the tokens derived from it, whose links have been checked.
pub(super) fn extend(mut claims: AccessClaims, derived: &[Token]) -> Result<AccessClaims, AatError> {
    let Some(leaf) = derived.last() else { return Ok(normal(claims)) };
    let issued = claims.chain.last().ok_or(ChainError::Empty)?.clone();
    let ceiling_before = claims.del_depth();
    for token in derived {
        let name = token.name.as_deref().unwrap_or_default();
        for path in [&mut claims.agent.name, &mut claims.agent.spiffe_id] {
            path.push('/');
            path.push_str(name);
        }
        let agent = match claims.chain.last() {
            Some(parent) => format!("{}/{name}", parent.agent),
            None => return Err(ChainError::Empty.into()),
        };
        claims.chain.push(Hop {
            id: token.hash.clone(),
            agent,
            jkt: Some(token.jkt.clone()),
            rt: None,
            bind: None,
            ..issued.clone()
        });
        if let Some(audience) = &token.audience {
            claims.mandate.audience.retain(|each| audience.contains(each));
        }
        if let Some(nbf) = token.nbf {
            claims.mandate.not_before = claims.mandate.not_before.max(Instant::from_secs(nbf));
        }
    }
    if claims.mandate.audience.is_empty() {
        return Err(AatError::Audience);
    }
    let ceiling = ceiling_before.saturating_add(usize::from(leaf.max_depth));
    claims.mandate.max_depth = claims.mandate.max_depth.min(u8::try_from(ceiling).unwrap_or(u8::MAX));
    claims.mandate.may_delegate = leaf.depth < leaf.max_depth;
    claims.mandate.expires_at = Instant::from_secs(leaf.exp);
    claims.mandate.tools.clone_from(&leaf.tools);
    claims.iat = Instant::from_secs(leaf.iat);
    claims.cnf = Some(Cnf { jkt: leaf.jkt.clone() });
    Ok(normal(claims))
}

fn normal(mut claims: AccessClaims) -> AccessClaims {
    claims.mandate = claims.mandate.normalized();
    claims
}
