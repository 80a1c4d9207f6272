//! From what was computed to a signed token: its hop, its subject and its actors.
//!
//! Invariant: `sub` and the person acted for are the root's, whoever exchanges; `act` is computed here and
//! never taken from a request (RFC 8693 §4.1).

use deputy_mandate::Instant;
use deputy_token::access::{self, AccessClaims, Act, AgentClaim, Cnf, Hop, MayAct, SealedAccess};

use super::compute::Computed;
use crate::{Engine, Refusal, view::TenantView};

impl Engine {
    /// Seals what was computed.
    pub(super) fn seal(
        &self,
        view: &TenantView,
        computed: &Computed,
        now: Instant,
    ) -> Result<(AccessClaims, SealedAccess), Refusal> {
        let trust_domain = &self.inner.installation.trust_domain;
        let spiffe_id = spiffe_id(trust_domain, &view.slug, &computed.name);
        let claims = claims(view, computed, self.inner.sources.id()?, spiffe_id, now);
        let key = self.current_key(view)?;
        let sealed = access::seal_with_details(&claims, &key).map_err(|error| {
            tracing::error!(%error, "a token could not be sealed");
            Refusal::Internal
        })?;
        Ok((claims, sealed))
    }
}

/// The SPIFFE ID of an agent, or of a worker below it, by its effective name.
pub(crate) fn spiffe_id(trust_domain: &str, slug: &str, agent: &str) -> String {
    format!("spiffe://{trust_domain}/t/{slug}/agent/{agent}")
}

fn claims(
    view: &TenantView,
    computed: &Computed,
    id: String,
    spiffe_id: String,
    now: Instant,
) -> AccessClaims {
    let agent = &computed.agent;
    let mandate = &computed.grant.mandate;
    let parent = computed.parent();
    let mut chain = parent.map_or_else(Vec::new, |parent| parent.chain.clone());
    chain.push(Hop {
        id,
        agent: computed.path.clone(),
        sub: chain.first().and_then(|root| root.sub.clone()),
        jkt: computed.jkt.clone(),
        rt: agent.runtime.as_ref().map(|runtime| runtime.fingerprint.clone()),
        bind: (!mandate.binding.is_empty()).then(|| mandate.binding.clone()),
        crit: agent.critical,
        seq: computed.read_at,
    });
    let may_act = (!computed.may_act.is_empty())
        .then(|| MayAct { client_ids: computed.may_act.iter().cloned().collect() });
    AccessClaims {
        iss: view.issuer.to_string(),
        sub: parent.map_or_else(|| spiffe_id.clone(), |parent| parent.sub.clone()),
        iat: now,
        client_id: agent.id.clone(),
        act: parent.map(|parent| Act { sub: spiffe_id.clone(), act: parent.act.clone().map(Box::new) }),
        agent: AgentClaim {
            id: agent.id.clone(),
            name: computed.name.clone(),
            spiffe_id,
            owners: computed.owners.clone(),
        },
        chain,
        mandate: mandate.clone(),
        may_act,
        cnf: computed.jkt.clone().map(|jkt| Cnf { jkt }),
    }
}
