//! What the current legs say: narrowing a role acts at once, on credentials already issued too.
//!
//! The legs are those of every hop's registered agent, for the audience of the request, each asked in
//! turn. They are asked about what the mandate itself allows; otherwise they would only repeat it.

use std::{borrow::Cow, collections::BTreeSet};

use deputy_mandate::{Reason, ReasonCode, Request, ceiling_reasons};
use deputy_token::access::AccessClaims;

use crate::view::{LegError, TenantState};

pub(super) fn collect(
    state: &TenantState,
    request: &Request,
    claims: &AccessClaims,
    reasons: &mut Vec<Reason>,
) {
    let audience: Cow<'_, BTreeSet<String>> = match &request.audience {
        Some(one) => Cow::Owned(BTreeSet::from([one.clone()])),
        None => Cow::Borrowed(&claims.mandate.audience),
    };
    let mut asked: Option<&str> = None;
    for hop in &claims.chain {
        let id = hop.registered_agent();
        // Unregistered delegates stand below their registered ancestor: one asking is enough.
        if asked.replace(id) == Some(id) {
            continue;
        }
        // An agent that is gone is reported where the life of the chain is judged.
        let Some(agent) = state.agents.get(id) else { continue };
        match state.authority(agent, &audience) {
            Ok(authority) => reasons.extend(ceiling_reasons(&authority.legs, request)),
            Err(LegError::UnknownAudience(uri)) => {
                let sentence = format!("The audience `{uri}` is no longer a registered resource.");
                reasons.push(Reason::of(ReasonCode::CeilingNarrowed).field("audience").message(sentence));
            }
        }
    }
}
