//! What agents authenticate with: making, listing, rotating and deleting it.

use std::collections::BTreeMap;

use deputy_federation::fetch::Fetch;
use deputy_mandate::{Instant, Value};
use deputy_manifest::{CredentialEntry, PublicKeyEntry};
use deputy_store::{
    Record as _,
    event::rfc3339,
    model::{Agent, Credential, CredentialKind},
};
use deputy_token::{keys::Jwk, secrets::ClientSecret};
use serde::Serialize;

use super::{Page, change::about, require_agent, require_living};
use crate::{Caller, Engine, Refusal, Sources, entries, view::TenantView};

/// A credential that was just made; a secret is shown this once.
#[derive(Clone, Serialize)]
pub struct NewCredential {
    /// Its id.
    pub id: String,
    /// `secret`, `public_key` or `federated`.
    pub kind: &'static str,
    /// The agent's OAuth client id.
    pub client_id: String,
    /// The secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

impl std::fmt::Debug for NewCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCredential")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A credential as it is listed; never its secret part.
#[derive(Debug, Clone, Serialize)]
pub struct ShownCredential {
    /// Its id.
    pub id: String,
    /// `secret`, `public_key` or `federated`.
    pub kind: &'static str,
    /// How people tell it from others: a secret's first characters, a key's thumbprint, a subject.
    pub hint: String,
    /// When it was made.
    pub created_at: String,
    /// When it stops working by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

/// How long a rotated secret keeps working, so that its user can change over, in seconds.
const OVERLAP_SECS: i64 = 24 * 3600;

/// A public key of the management API as the token crate reads keys.
pub(crate) fn parse_jwk(value: &deputy_mandate::Value) -> Result<Jwk, Refusal> {
    Jwk::parse(&value.to_canonical()).map_err(|error| Refusal::invalid("jwk", error.to_string()))
}

/// Makes a credential for an agent; the secret, if it is one, is returned beside it.
///
/// # Errors
/// `Invalid` for a key that is none, and an address that this server would never ask.
pub(crate) fn make_credential(
    sources: &Sources,
    outbound: &dyn Fetch,
    agent: &str,
    entry: &CredentialEntry,
    now: Instant,
) -> Result<(Credential, Option<String>), Refusal> {
    let (kind, secret) = match entry {
        CredentialEntry::Secret => {
            let secret = ClientSecret::generate(&*sources.random).map_err(|error| {
                tracing::error!(%error, "no secret could be made");
                Refusal::Internal
            })?;
            let text = secret.reveal().to_owned();
            let hint = text.chars().take(8).collect();
            (CredentialKind::Secret { hash: secret.digest().to_text(), hint }, Some(text))
        }
        CredentialEntry::PublicKey(PublicKeyEntry::Jwk(jwk)) => {
            (CredentialKind::PublicKey { jwk: Box::new(parse_jwk(jwk)?) }, None)
        }
        CredentialEntry::PublicKey(PublicKeyEntry::JwksUri(uri)) => {
            let jwks_uri = uri.as_str().to_owned();
            outbound.check(&jwks_uri).map_err(|error| Refusal::invalid("jwks_uri", error.to_string()))?;
            (CredentialKind::PublicKeySet { jwks_uri }, None)
        }
        CredentialEntry::Federated(federated) => {
            let claims = federated.claims.iter().map(|(name, value)| (name.clone(), value.to_canonical()));
            let (issuer, subject) = (federated.issuer.clone(), federated.subject.clone());
            (CredentialKind::Federated { issuer, subject, claims: claims.collect::<BTreeMap<_, _>>() }, None)
        }
    };
    let id = sources.id()?;
    Ok((Credential { id, agent: agent.to_owned(), kind, created_at: now, expires_at: None }, secret))
}

impl Engine {
    /// Makes a credential.
    pub async fn create_credential(
        &self,
        view: &TenantView,
        caller: &Caller,
        agent: &str,
        body: &Value,
    ) -> Result<NewCredential, Refusal> {
        caller.require_admin()?;
        let entry: CredentialEntry = entries::read(body)?;
        let agent = require_living(&view.read(), agent)?;
        let (sources, outbound) = (&self.inner.sources, &**self.inner.keys.fetch());
        let (credential, secret) = make_credential(sources, outbound, &agent.id, &entry, sources.now())?;
        self.add_credential(view, caller, &agent, credential, secret, None).await
    }

    /// Makes a secret that takes the place of another, which keeps working for a day.
    pub async fn rotate_credential(
        &self,
        view: &TenantView,
        caller: &Caller,
        agent: &str,
        id: &str,
    ) -> Result<NewCredential, Refusal> {
        caller.require_admin()?;
        let (agent, old) = {
            let state = view.read();
            let agent = require_living(&state, agent)?;
            let old = state.credentials.get(id).filter(|credential| credential.agent == agent.id);
            (agent, old.cloned().ok_or(Refusal::NotFound)?)
        };
        if !matches!(old.kind, CredentialKind::Secret { .. }) {
            return Err(Refusal::invalid(
                "id",
                "only a secret is rotated; add the new key and delete the old one",
            ));
        }
        let now = self.inner.sources.now();
        let (credential, secret) = make_credential(
            &self.inner.sources,
            &**self.inner.keys.fetch(),
            &agent.id,
            &CredentialEntry::Secret,
            now,
        )?;
        let mut old = (*old).clone();
        let overlap_ends = now.plus_secs(OVERLAP_SECS);
        old.expires_at = Some(old.expires_at.map_or(overlap_ends, |at| at.min(overlap_ends)));
        self.add_credential(view, caller, &agent, credential, secret, Some(old)).await
    }

    async fn add_credential(
        &self,
        view: &TenantView,
        caller: &Caller,
        agent: &Agent,
        credential: Credential,
        client_secret: Option<String>,
        replaced: Option<Credential>,
    ) -> Result<NewCredential, Refusal> {
        let shown = NewCredential {
            id: credential.id.clone(),
            kind: credential.kind.as_str(),
            client_id: agent.id.clone(),
            client_secret,
        };
        let detail =
            serde_json::json!({"agent": agent.name, "credential": credential.id, "kind": shown.kind});
        let owners = view.read().owner_labels(agent);
        let event = about(caller, "credential.created", agent, owners.clone()).detail(&detail);
        let ending = about(caller, "credential.rotated", agent, owners).detail(&detail);
        self.change(view, move |tx| {
            Box::pin(async move {
                if let CredentialKind::Federated { subject, .. } = &credential.kind
                    && tx.find_named::<Credential>(&credential.name()).await?.is_some()
                {
                    return Err(Refusal::conflict(format!(
                        "`{subject}` at this issuer stands for an agent already"
                    )));
                }
                tx.insert(&credential).await?;
                tx.changed(&credential, event);
                if let Some(replaced) = replaced {
                    tx.update(&replaced).await?;
                    tx.changed(&replaced, ending);
                }
                Ok(())
            })
        })
        .await?;
        Ok(shown)
    }

    /// The credentials of an agent.
    pub fn credentials(
        &self,
        view: &TenantView,
        caller: &Caller,
        agent: &str,
    ) -> Result<Page<ShownCredential>, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let agent = require_agent(&state, agent)?;
        let ids = state.credentials_of.get(&agent.id).into_iter().flatten();
        let items = ids.filter_map(|id| state.credentials.get(id)).map(|credential| ShownCredential {
            id: credential.id.clone(),
            kind: credential.kind.as_str(),
            hint: match &credential.kind {
                CredentialKind::Secret { hint, .. } => format!("{hint}…"),
                CredentialKind::PublicKey { jwk } => jwk.thumbprint(),
                CredentialKind::PublicKeySet { jwks_uri } => jwks_uri.clone(),
                CredentialKind::Federated { issuer, subject, .. } => format!("{subject} at {issuer}"),
            },
            created_at: rfc3339(credential.created_at),
            expires_at: credential.expires_at.map(rfc3339),
        });
        Ok(Page { items: items.collect(), next_cursor: None })
    }

    /// Deletes a credential: it opens nothing from now on. Tokens got with it live until they expire or are revoked.
    pub async fn delete_credential(
        &self,
        view: &TenantView,
        caller: &Caller,
        agent: &str,
        id: &str,
    ) -> Result<(), Refusal> {
        caller.require_admin()?;
        let agent = {
            let state = view.read();
            let agent = require_agent(&state, agent)?;
            let of_agent = state.credentials.get(id).is_some_and(|credential| credential.agent == agent.id);
            if of_agent { agent } else { return Err(Refusal::NotFound) }
        };
        let (id, detail) = (id.to_owned(), serde_json::json!({"agent": agent.name, "credential": id}));
        let owners = view.read().owner_labels(&agent);
        let mut event = about(caller, "credential.deleted", &agent, owners).detail(&detail);
        event.touched.push(deputy_store::event::Touched::Record(deputy_store::Kind::Credential, id.clone()));
        self.change(view, move |tx| {
            Box::pin(async move {
                if !tx.delete::<Credential>(&id).await? {
                    return Err(Refusal::NotFound);
                }
                tx.event(event);
                Ok(())
            })
        })
        .await?;
        Ok(())
    }
}
