//! Who calls, and what their key lets them do.

use std::{collections::BTreeSet, sync::Arc};

use deputy_store::{
    TenantStatus,
    event::EventDraft,
    model::{ApiKey, ApiRole},
};
use deputy_token::secrets::{ApiKey as PresentedKey, Sha256Digest};

use crate::{Engine, Refusal, view::TenantView};

/// Who does something, as events name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A key of the management API, by id.
    Key(String),
    /// A platform key, by id.
    Platform(String),
    /// An agent, by id.
    Agent(String),
    /// A person at the dashboard, by user id.
    User(String),
    /// The one-time set-up link.
    Setup,
    /// The server itself.
    System,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Platform(id) => write!(f, "platform:{id}"),
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Setup => f.write_str("setup"),
            Self::System => f.write_str("system"),
        }
    }
}

/// An authenticated caller of the management API, with the request that it makes.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// What their key may do in the tenant; `None` for a platform key.
    pub role: Option<ApiRole>,
    /// For a verifier: whose tokens it may ask about.
    pub audiences: BTreeSet<String>,
    /// The person behind it, by user id: keys without one count as one person.
    pub person: Option<String>,
    /// `X-Request-Id` of the request.
    pub request_id: Option<String>,
}

impl Caller {
    /// The server itself.
    #[must_use]
    pub fn system() -> Self {
        Self { actor: Actor::System, role: None, audiences: BTreeSet::new(), person: None, request_id: None }
    }

    /// Refuses unless the role is one of these.
    pub fn require(&self, roles: &[ApiRole]) -> Result<(), Refusal> {
        match self.role {
            Some(role) if roles.contains(&role) => Ok(()),
            _ => Err(Refusal::Forbidden),
        }
    }

    /// Refuses unless the caller may change things.
    pub fn require_admin(&self) -> Result<(), Refusal> {
        self.require(&[ApiRole::Admin])
    }

    /// Refuses unless the caller may look at things.
    pub fn require_reader(&self) -> Result<(), Refusal> {
        self.require(&[ApiRole::Admin, ApiRole::Auditor])
    }

    /// Refuses unless the caller is a platform key.
    pub fn require_platform(&self) -> Result<(), Refusal> {
        if matches!(self.actor, Actor::Platform(_)) { Ok(()) } else { Err(Refusal::Forbidden) }
    }

    /// The beginning of an event by this caller.
    #[must_use]
    pub fn event(&self, action: &'static str) -> EventDraft {
        EventDraft { request_id: self.request_id.clone(), ..EventDraft::new(action, self.actor.to_string()) }
    }
}

impl Engine {
    /// Authenticates a key of a tenant's management API. A platform key is refused here: it belongs to
    /// the installation, and so does a key of another tenant, which looks like an unknown one.
    pub fn authenticate(
        &self,
        view: &TenantView,
        key: &str,
        request_id: Option<String>,
    ) -> Result<Caller, Refusal> {
        let digest = presented(key)?;
        let now = self.inner.sources.now();
        let state = view.read();
        let known = state.keys.get(&digest.to_text()).ok_or(Refusal::Unauthenticated)?;
        if !state.admits(known, now) {
            return Err(Refusal::Unauthenticated);
        }
        if state.status != Some(TenantStatus::Active) {
            return Err(Refusal::Halted);
        }
        Ok(caller_of(known, request_id))
    }

    /// Authenticates a platform key.
    pub async fn authenticate_platform(
        &self,
        key: &str,
        request_id: Option<String>,
    ) -> Result<Caller, Refusal> {
        // The bootstrap key is the operator's own choice and has no checksum.
        let digest = PresentedKey::parse_chosen(key).map_err(|_| Refusal::Unauthenticated)?.digest();
        let now = self.inner.sources.now();
        let database = &self.inner.database;
        let known = database.platform_key(&digest.to_text()).await?;
        let id = match known {
            Some(known) if known.ended_at.is_none() && known.expires_at.is_none_or(|at| at > now) => known.id,
            Some(_) => return Err(Refusal::Unauthenticated),
            // The bootstrap key ends when the first platform key is made.
            None if self.inner.installation.bootstrap.as_ref() == Some(&digest)
                && database.platform_keys().await?.is_empty() =>
            {
                "bootstrap".to_owned()
            }
            None => return Err(Refusal::Unauthenticated),
        };
        let actor = Actor::Platform(id);
        Ok(Caller { actor, role: None, audiences: BTreeSet::new(), person: None, request_id })
    }
}

fn caller_of(key: &Arc<ApiKey>, request_id: Option<String>) -> Caller {
    Caller {
        actor: Actor::Key(key.id.clone()),
        role: Some(key.role),
        audiences: key.audiences.clone(),
        person: key.holder.clone(),
        request_id,
    }
}

fn presented(key: &str) -> Result<Sha256Digest, Refusal> {
    Ok(PresentedKey::parse(key).map_err(|_| Refusal::Unauthenticated)?.digest())
}
