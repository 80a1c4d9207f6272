//! From what was computed to a sealed token: its hop, its subject, its actors, its form.
//!
//! Invariant: `sub` and the person acted for are the root's, whoever exchanges; `act` is computed here and
//! never taken from a request (RFC 8693 §4.1).

use deputy_mandate::Instant;
use deputy_oauth::{error::TargetProblem, token::TokenType};
use deputy_token::{
    access::{self, AccessClaims, Act, AgentClaim, Hop, MayAct, SealedAccess},
    capability,
};

use super::compute::Computed;
use crate::{Engine, Refusal, view::TenantView};

impl Engine {
    /// Seals what was computed, in the form that was asked for.
    pub(super) async fn seal(
        &self,
        view: &TenantView,
        computed: &Computed,
        form: TokenType,
        now: Instant,
    ) -> Result<(AccessClaims, SealedAccess), Refusal> {
        let trust_domain = &self.inner.installation.trust_domain;
        let spiffe_id = spiffe_id(trust_domain, &view.slug, &computed.name);
        let claims = claims(view, computed, self.inner.sources.id()?, spiffe_id, now);
        let sealed = match form {
            TokenType::AccessToken => {
                access::seal_with_details(&claims, &*self.current_key(view)?).map_err(|e| unsealed(&e))
            }
            TokenType::Capability => {
                // Its key belongs to one audience.
                let mut audience = claims.mandate.audience.iter();
                let (Some(audience), None) = (audience.next(), audience.next()) else {
                    return Err(Refusal::OAuth(TargetProblem::Several.into()));
                };
                let key = self.sealing_key(view, audience).await?;
                capability::seal_with_details(&claims, &key).map_err(|e| unsealed(&e))
            }
        };
        Ok((claims, sealed?))
    }
}

fn unsealed(error: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a token could not be sealed");
    Refusal::Internal
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
        jkt: None,
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
        cnf: None,
    }
}
