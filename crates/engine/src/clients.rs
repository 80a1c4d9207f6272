//! Client authentication: an agent proves that it is the agent it says (RFC 6749 §2.3, RFC 7523).
//!
//! Whatever fails, the answer is one `invalid_client`: an unknown client, a wrong secret and a
//! suspended agent look the same. A digest is compared in constant time, also when there is no such
//! client.

use std::sync::Arc;

use deputy_federation::keys::{KeySource, Wanted};
use deputy_mandate::Instant;
use deputy_oauth::{
    client::{AssertionError, ClientAssertion, ClientAuthentication, PresentedSecret},
    error::{ClientProblem, OAuthError},
};
use deputy_store::{
    Append, AppendError, Spend,
    event::EventDraft,
    model::{Agent, AgentState, Credential, CredentialKind},
};
use deputy_token::{keys::PublicKey, secrets::Sha256Digest};

use crate::{
    Engine, Refusal,
    view::{TenantState, TenantView},
};

/// Clock skew that is forgiven, in seconds.
pub(crate) use deputy_federation::assertion::LEEWAY_SECS;

/// A client that has proved who it is.
#[derive(Debug, Clone)]
pub struct Client {
    /// The agent.
    pub agent: Arc<Agent>,
    /// Thumbprint of the key that its request proves (RFC 9449 §5).
    pub(crate) jkt: Option<String>,
    /// What it proved itself with and may use once: its assertion, its proof.
    pub(crate) spend: Vec<Spend>,
}

impl Engine {
    /// Authenticates a client.
    pub async fn authenticate_client(
        &self,
        view: &TenantView,
        presented: &ClientAuthentication,
    ) -> Result<Client, Refusal> {
        let now = self.inner.sources.now();
        let client = match presented {
            ClientAuthentication::Secret(secret) => by_secret(&view.read(), secret, now)?,
            ClientAuthentication::PrivateKeyJwt(assertion) => self.by_assertion(view, assertion, now).await?,
            ClientAuthentication::Federated(assertion) => self.workload(view, assertion, now).await?,
        };
        if client.agent.state == AgentState::Active { Ok(client) } else { Err(refused()) }
    }

    /// Remembers the assertion of a client that asks for something other than a token.
    pub async fn spend_assertion(&self, view: &TenantView, client: &Client) -> Result<(), Refusal> {
        if client.spend.is_empty() {
            return Ok(());
        }
        let mut event = EventDraft::new("client.authenticated", format!("agent:{}", client.agent.id));
        event.agent = Some(client.agent.id.clone());
        let spend = client.spend.clone();
        let append = Append { event, spend, ..Append::default() };
        self.inner.writer.append(&view.id, append).await.map_err(unless_replayed)?;
        Ok(())
    }
}

pub(crate) fn refused() -> Refusal {
    Refusal::OAuth(OAuthError::from(ClientProblem::Refused))
}

/// Why what a client authenticated itself with was not written down: used before, it is no authentication.
pub(crate) fn unless_replayed(error: AppendError) -> Refusal {
    match error {
        AppendError::Replayed(_) => refused(),
        other => other.into(),
    }
}

fn live_credentials<'s>(
    state: &'s TenantState,
    agent: &str,
    now: Instant,
) -> impl Iterator<Item = &'s Arc<Credential>> {
    let ids = state.credentials_of.get(agent).into_iter().flatten();
    ids.filter_map(|id| state.credentials.get(id)).filter(move |c| c.expires_at.is_none_or(|at| now < at))
}

fn by_secret(state: &TenantState, presented: &PresentedSecret, now: Instant) -> Result<Client, Refusal> {
    let digest = presented.digest();
    let agent = state.agents.get(presented.client_id());
    let mut proved = false;
    match agent {
        Some(agent) => {
            for credential in live_credentials(state, &agent.id, now) {
                if let CredentialKind::Secret { hash, .. } = &credential.kind {
                    proved |= Sha256Digest::from_text(hash).is_ok_and(|known| known == digest);
                }
            }
        }
        None => proved |= Sha256Digest::of(presented.client_id()) == digest,
    }
    match agent {
        Some(agent) if proved => Ok(Client { agent: agent.clone(), jkt: None, spend: Vec::new() }),
        _ => Err(refused()),
    }
}

impl Engine {
    async fn by_assertion(
        &self,
        view: &TenantView,
        assertion: &ClientAssertion,
        now: Instant,
    ) -> Result<Client, Refusal> {
        let (agent, mut keys, sets) = keys_of(&view.read(), assertion.subject(), now).ok_or_else(refused)?;
        let judge = |keys: &[PublicKey]| assertion.verify(keys, &view.issuer, now, LEEWAY_SECS);
        let mut judged = judge(&keys);
        // Only what no key at hand can verify is worth asking somebody else for.
        if judged == Err(AssertionError::Signature) && !sets.is_empty() {
            for jwks_uri in sets {
                let wanted = Wanted { kid: assertion.kid(), alg: assertion.alg() };
                let set = self.keys_of(view, &KeySource::Url { jwks_uri }, Some(wanted), now).await?.keys;
                keys.extend(set.candidates(wanted.kid, wanted.alg).map(|jwk| jwk.key().clone()));
            }
            judged = judge(&keys);
        }
        let verified =
            judged.map_err(|error| Refusal::OAuth(OAuthError::from(ClientProblem::from(error))))?;
        let (client, jti, until) = (agent.id.clone(), verified.jti, verified.remember_until);
        let spend = vec![Spend::Assertion { client, jti, until }];
        Ok(Client { agent, jkt: None, spend })
    }
}

/// An agent, its public keys, and where it publishes more.
fn keys_of(
    state: &TenantState,
    agent: &str,
    now: Instant,
) -> Option<(Arc<Agent>, Vec<PublicKey>, Vec<String>)> {
    let agent = state.agents.get(agent)?.clone();
    let (mut keys, mut sets) = (Vec::new(), Vec::new());
    for credential in live_credentials(state, &agent.id, now) {
        match &credential.kind {
            CredentialKind::PublicKey { jwk } => keys.push(jwk.key().clone()),
            CredentialKind::PublicKeySet { jwks_uri } => sets.push(jwks_uri.clone()),
            CredentialKind::Secret { .. } | CredentialKind::Federated { .. } => {}
        }
    }
    Some((agent, keys, sets))
}
