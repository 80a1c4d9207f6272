//! From what was computed to a sealed token: its hop, its subject, its actors, its form.
//!
//! Invariant: `sub` and the person acted for are the root's, whoever exchanges; `act` is computed here and
//! never taken from a request (RFC 8693 §4.1).

use deputy_mandate::Instant;
use deputy_oauth::{
    error::{DetailsProblem, ScopeProblem},
    token::TokenType,
};
use deputy_token::{
    aat::{self, AatSealError},
    access::{self, AccessClaims, AccessSealError, Act, AgentClaim, Cnf, Hop, MayAct, SealedAccess},
    capability::{self, CapabilitySealError},
    jws::SealError,
    keys::{Jwk, SigningKey},
};
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
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
    ) -> Result<(AccessClaims, Sealed), Refusal> {
        let trust_domain = &self.inner.installation.trust_domain;
        let spiffe_id = spiffe_id(trust_domain, &view.slug, &computed.name);
        let claims = claims(view, computed, self.inner.sources.id()?, spiffe_id, now);
        let sealed = match form {
            TokenType::AttenuatingAgentToken => {
                // There for this form, as the request was read.
                let holder = computed.holder.as_ref().ok_or(Refusal::Internal)?;
                as_attenuating(&claims, holder, &*self.current_key(view)?)?
            }
            TokenType::Capability => {
                // A token of this form has exactly one audience; sealing refuses any other number.
                let audience = claims.mandate.audience.first().map_or("", String::as_str);
                let key = self.sealing_key(view, audience).await?;
                let sealed = capability::seal_with_details(&claims, &key).map_err(|error| match error {
                    CapabilitySealError::TooLong => too_large(),
                    error => internal(&error),
                });
                Sealed::of(TokenType::Capability, sealed?)
            }
            TokenType::AccessToken => {
                let key = self.current_key(view)?;
                let sealed = access::seal_with_details(&claims, &key).map_err(|error| match error {
                    AccessSealError::Jws(SealError::TooLong) => too_large(),
                    error => internal(&error),
                });
                Sealed::of(TokenType::AccessToken, sealed?)
            }
        };
        Ok((claims, sealed))
    }
}

/// A sealed token, and what is kept and answered of it.
pub(super) struct Sealed {
    pub(super) token: String,
    pub(super) form: TokenType,
    /// The mandate, as the log keeps it whatever the form.
    pub(super) mandate: Box<RawValue>,
    /// The `authorization_details` as they stand in the token, where they are not the mandate's.
    pub(super) details: Option<Box<RawValue>>,
}

impl Sealed {
    fn of(form: TokenType, SealedAccess { token, details }: SealedAccess) -> Self {
        Self { token, form, mandate: details, details: None }
    }
}

fn as_attenuating(claims: &AccessClaims, holder: &Jwk, key: &SigningKey) -> Result<Sealed, Refusal> {
    let token = aat::seal_root(claims, holder, key).map_err(|error| match error {
        AatSealError::NotCompiled(_) | AatSealError::Bound(_) => {
            Refusal::OAuth(DetailsProblem::NotCarried(error).into())
        }
        AatSealError::Jws(SealError::TooLong) => too_large(),
        error => internal(&error),
    })?;
    let tools = aat::compile_tools(&claims.mandate).map_err(|e| internal(&e))?;
    let details = json!([{"tools": tools, "type": aat::DETAILS_TYPE}]);
    let details = to_raw_value(&details).map_err(|e| internal(&e))?;
    let mandate = claims.mandate.to_claims().authorization_details;
    let mandate = RawValue::from_string(mandate).map_err(|e| internal(&e))?;
    Ok(Sealed { token, form: TokenType::AttenuatingAgentToken, mandate, details: Some(details) })
}

fn too_large() -> Refusal {
    Refusal::OAuth(ScopeProblem::TooLarge.into())
}

fn internal(error: &dyn std::error::Error) -> Refusal {
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
    let (parent, person) = (computed.parent(), computed.person());
    let mut chain = parent.map_or_else(Vec::new, |parent| parent.chain.clone());
    chain.push(Hop {
        id,
        agent: computed.path.clone(),
        sub: match chain.first() {
            Some(root) => root.sub.clone(),
            None => person.map(|person| person.person.clone()),
        },
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
        sub: match (parent, person) {
            (Some(parent), _) => parent.sub.clone(),
            (None, Some(person)) => format!("user:{}", person.person),
            (None, None) => spiffe_id.clone(),
        },
        iat: now,
        client_id: agent.id.clone(),
        act: match (parent, person) {
            (Some(parent), _) => Some(Act { sub: spiffe_id.clone(), act: parent.act.clone().map(Box::new) }),
            (None, Some(_)) => Some(Act { sub: spiffe_id.clone(), act: None }),
            (None, None) => None,
        },
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
