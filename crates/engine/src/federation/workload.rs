//! Workloads that authenticate with what their platform issues them: Kubernetes service accounts, CI jobs, SPIFFE
//! (RFC 7523 §3, SPIFFE JWT-SVID §5). The agent needs no secret at all.
//!
//! Invariant: a token stands for an agent only if a credential of the tenant names its issuer and subject; before that
//! is known no key is fetched, so that strangers cannot make this server ask anybody. Whatever fails looks like any
//! failed authentication; the log of the server says why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deputy_federation::{
    assertion::{Assertion, AssertionError},
    claims, spiffe,
};
use deputy_mandate::{Instant, Members, Value};
use deputy_oauth::client::FederatedAssertion;
use deputy_store::model::{Agent, CredentialKind, TrustedIssuer};

use super::issuers::{expected_of, source_of};
use crate::{
    Client, Engine, Refusal,
    clients::refused,
    view::{TenantState, TenantView},
};

/// A credential that a token claims to stand for, and whose keys will tell.
struct Claimed {
    issuer: Arc<TrustedIssuer>,
    agent: Arc<Agent>,
    /// The claims that the token must have, by name; values in canonical JSON.
    required: BTreeMap<String, String>,
}

impl Engine {
    /// The agent that a workload's token stands for.
    ///
    /// # Errors
    /// `invalid_client`; `temporarily_unavailable` while the issuer's keys cannot be had.
    pub(crate) async fn workload(
        &self,
        view: &TenantView,
        presented: &FederatedAssertion,
        now: Instant,
    ) -> Result<Client, Refusal> {
        let assertion = Assertion::parse(presented.token()).map_err(|error| denied(view, &error))?;
        let claimed = claimed(&view.read(), &assertion, now).ok_or_else(refused)?;
        if presented.client_id().is_some_and(|stated| stated != claimed.agent.id) {
            return Err(refused());
        }
        let source = source_of(&claimed.issuer);
        let keys = self.keys_of(view, &source, Some(assertion.wanted()), now).await?.keys;
        let audiences = BTreeSet::from([view.issuer.to_string()]);
        let expected = expected_of(&claimed.issuer, &audiences);
        let verified = assertion.verify(&keys, &expected, now).map_err(|error| denied(view, &error))?;
        // It is good with a proof by its key only, which nothing here carries (RFC 7800 §3).
        if verified.claims.contains_key("cnf") {
            tracing::info!(tenant = %view.slug, "a workload's token is bound to a key");
            return Err(refused());
        }
        if let Some((name, _)) = claimed.required.iter().find(|required| !has(&verified.claims, *required)) {
            tracing::info!(tenant = %view.slug, claim = %name, "a workload's token lacks a required claim");
            return Err(refused());
        }
        Ok(Client { agent: claimed.agent, jkt: None, spend: Vec::new() })
    }
}

fn denied(view: &TenantView, error: &AssertionError) -> Refusal {
    tracing::info!(tenant = %view.slug, %error, "a workload's token is refused");
    refused()
}

fn claimed(state: &TenantState, assertion: &Assertion<'_>, now: Instant) -> Option<Claimed> {
    let subject = assertion.subject()?;
    let domain = spiffe::trust_domain(subject).map(|domain| format!("spiffe://{domain}"));
    // Its own name says whose keys judge a JWT-SVID, whatever its `iss` says.
    let of_domain = domain.and_then(|domain| state.trusted_issuers.get(&domain));
    let issuer = match of_domain {
        Some(issuer) => issuer,
        None => {
            let named = assertion.issuer().filter(|issuer| !issuer.starts_with("spiffe://"))?;
            state.trusted_issuers.get(named)?
        }
    };
    let id = state.workloads.get(&(issuer.issuer.clone(), subject.to_owned()))?;
    let credential = state.credentials.get(id).filter(|one| one.expires_at.is_none_or(|at| now < at))?;
    let CredentialKind::Federated { claims, .. } = &credential.kind else { return None };
    let required = claims.clone();
    let agent = state.agents.get(&credential.agent)?.clone();
    Some(Claimed { issuer: issuer.clone(), agent, required })
}

/// Whether a claim is exactly what a credential requires, in canonical JSON.
pub(super) fn has(claims: &Members, (name, value): (&String, &String)) -> bool {
    claims::find(claims, name).map(Value::to_canonical).as_ref() == Some(value)
}
