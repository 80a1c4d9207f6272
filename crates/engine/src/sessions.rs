//! Dashboard sessions: who is signed in, until when, and on whose authority.
//!
//! Invariant: the browser's secret is stored only as a digest and replaced every hour, and a session is never worth
//! more than what began it is at this moment: it ends with its key, or when its person is deactivated, loses the role
//! that their groups gave, or is vouched for by a provider that is trusted no more.

use std::collections::BTreeSet;

use deputy_mandate::Instant;
use deputy_store::{Append, Session, TenantStatus, Vouched, event::rfc3339, fold, model::ApiRole};
use deputy_token::secrets::Sha256Digest;

use crate::{
    Actor, Caller, Engine, Refusal,
    view::{TenantState, TenantView},
};

/// How long a session lasts, in seconds.
const LIFE_SECS: i64 = 12 * 3600;

/// How old a browser's secret grows before it is replaced, in seconds.
const RENEWAL_SECS: i64 = 3600;

/// How long a replaced secret works for the requests that are under way, in seconds.
const OVERLAP_SECS: i64 = 60;

/// A session that has just begun.
#[derive(Clone)]
pub struct NewSession {
    /// The browser's secret, for its cookie; it is stored nowhere.
    pub secret: String,
    /// What the session may do.
    pub role: ApiRole,
    /// When it ends.
    pub expires_at: Instant,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession").field("role", &self.role).finish_non_exhaustive()
    }
}

/// A session that lasts.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who is signed in, as use cases take callers.
    pub caller: Caller,
    /// What they may do.
    pub role: ApiRole,
    /// The value that forms carry back.
    pub csrf: String,
    /// When the session ends.
    pub expires_at: Instant,
    /// Whether the browser should be given a new secret.
    pub is_old: bool,
}

impl Engine {
    /// Signs in with a key of the management API: an administrator's or an auditor's.
    ///
    /// # Errors
    /// `Unauthenticated` for an unknown key; `Forbidden` for a key that is not for people.
    pub async fn sign_in_with_key(
        &self,
        view: &TenantView,
        key: &str,
        request_id: Option<String>,
    ) -> Result<NewSession, Refusal> {
        let caller = self.authenticate(view, key, request_id)?;
        caller.require_reader()?;
        self.begin_session(view, &caller, None).await
    }

    /// Begins a session for somebody who has proved who they are.
    pub(crate) async fn begin_session(
        &self,
        view: &TenantView,
        caller: &Caller,
        vouched: Option<Vouched>,
    ) -> Result<NewSession, Refusal> {
        let role = caller.role.ok_or(Refusal::Forbidden)?;
        let (secret, now) = (self.inner.sources.secret()?, self.inner.sources.now());
        let session = Session {
            id: digest(&secret),
            tenant: Some(view.id.to_string()),
            actor: caller.actor.to_string(),
            role: role.as_str().to_owned(),
            csrf: self.inner.sources.secret()?,
            created_at: now,
            expires_at: now.plus_secs(LIFE_SECS),
            vouched,
        };
        self.inner.database.insert_session(&session).await?;
        self.tell(view, caller, "session.started", &session).await?;
        Ok(NewSession { secret, role, expires_at: session.expires_at })
    }

    /// The session that a browser's secret belongs to.
    ///
    /// # Errors
    /// `Unauthenticated` when there is none, when it is another tenant's, when it has ended, or when the
    /// key that began it has; `Halted` for a suspended tenant.
    pub async fn session(
        &self,
        view: &TenantView,
        secret: &str,
        request_id: Option<String>,
    ) -> Result<SignedIn, Refusal> {
        let session = self.find_session(view, secret).await?;
        let caller = self.caller_of_session(view, &session, request_id).await?;
        let role = caller.role.ok_or(Refusal::Unauthenticated)?;
        let is_old = is_old(&session, self.inner.sources.now());
        Ok(SignedIn { caller, role, csrf: session.csrf, expires_at: session.expires_at, is_old })
    }

    /// Puts a new secret in the place of one that has grown old, so that one that leaked soon ends. `None` when
    /// another request has just done so.
    ///
    /// # Errors
    /// `Unauthenticated` when there is no such session.
    pub async fn renew_session(&self, view: &TenantView, secret: &str) -> Result<Option<String>, Refusal> {
        let session = self.find_session(view, secret).await?;
        let (fresh, now) = (self.inner.sources.secret()?, self.inner.sources.now());
        if !is_old(&session, now) {
            return Ok(None);
        }
        let renewed = Session { id: digest(&fresh), created_at: now, ..session.clone() };
        let until = now.plus_secs(OVERLAP_SECS);
        self.inner.database.replace_session(&session.id, &renewed, until).await?;
        Ok(Some(fresh))
    }

    /// Ends a session, with the secrets that it had before.
    ///
    /// # Errors
    /// `Unauthenticated` when there is none.
    pub async fn sign_out(
        &self,
        view: &TenantView,
        secret: &str,
        request_id: Option<String>,
    ) -> Result<(), Refusal> {
        let session = self.find_session(view, secret).await?;
        let caller = self.caller_of_session(view, &session, request_id).await?;
        self.inner.database.end_session(&session, self.inner.sources.now()).await?;
        self.tell(view, &caller, "session.ended", &session).await
    }

    async fn find_session(&self, view: &TenantView, secret: &str) -> Result<Session, Refusal> {
        let found = self.inner.database.session(&digest(secret), self.inner.sources.now()).await?;
        found.filter(|session| session.tenant.as_deref() == Some(&*view.id)).ok_or(Refusal::Unauthenticated)
    }

    /// Who a session speaks for now: its key must still be there, its person still have the role.
    async fn caller_of_session(
        &self,
        view: &TenantView,
        session: &Session,
        request_id: Option<String>,
    ) -> Result<Caller, Refusal> {
        if view.read().status != Some(TenantStatus::Active) {
            return Err(Refusal::Halted);
        }
        let role = ApiRole::parse(&session.role).ok_or(Refusal::Unauthenticated)?;
        let caller = Caller { role: Some(role), request_id, ..Caller::system() };
        match session.actor.split_once(':') {
            Some(("key", id)) => {
                let now = self.inner.sources.now();
                let state = view.read();
                let key = state.keys.values().find(|key| key.id == id);
                let key = key.filter(|key| key.role == role && state.admits(key, now));
                let key = key.ok_or(Refusal::Unauthenticated)?;
                Ok(Caller { actor: Actor::Key(key.id.clone()), person: key.holder.clone(), ..caller })
            }
            Some(("user", id)) => {
                let vouched = session.vouched.as_ref().ok_or(Refusal::Unauthenticated)?;
                let trusted = |state: &TenantState| {
                    state.identity_providers.get(&vouched.issuer).is_some_and(|provider| provider.dashboard)
                };
                if !trusted(&view.read()) {
                    return Err(Refusal::Unauthenticated);
                }
                let role = self.dashboard_role(view, id).await?.ok_or(Refusal::Unauthenticated)?;
                let (actor, person) = (Actor::User(id.to_owned()), Some(id.to_owned()));
                Ok(Caller { actor, person, role: Some(role), ..caller })
            }
            None if session.actor == Actor::Setup.to_string() => Ok(Caller { actor: Actor::Setup, ..caller }),
            _ => Err(Refusal::Unauthenticated),
        }
    }

    /// What an active person may do at the dashboard, by their groups; `None` for nothing.
    pub(crate) async fn dashboard_role(
        &self,
        view: &TenantView,
        person: &str,
    ) -> Result<Option<ApiRole>, Refusal> {
        let user = self.inner.database.tenant(&view.id).user(person).await?;
        if !user.is_some_and(|user| user.active) {
            return Ok(None);
        }
        let groups = self.groups_of(view, person).await?;
        let state = view.read();
        let names: BTreeSet<String> =
            groups.iter().filter_map(|id| state.groups.get(id)).map(|group| fold(&group.name)).collect();
        let given = state.settings.iter().flat_map(|settings| &settings.dashboard_roles);
        let given = given.filter(|(group, _)| names.contains(&fold(group)));
        let roles: Vec<ApiRole> = given.filter_map(|(_, role)| ApiRole::parse(role)).collect();
        Ok([ApiRole::Admin, ApiRole::Auditor].into_iter().find(|role| roles.contains(role)))
    }

    async fn tell(
        &self,
        view: &TenantView,
        caller: &Caller,
        action: &'static str,
        session: &Session,
    ) -> Result<(), Refusal> {
        let detail = serde_json::json!({"role": session.role, "expires_at": rfc3339(session.expires_at)});
        let append = Append { event: caller.event(action).detail(&detail), ..Append::default() };
        self.inner.writer.append(&view.id, append).await?;
        Ok(())
    }
}

/// A session that soon ends is not renewed: either its secret was replaced already, and the new session would end as
/// soon, or it is over.
fn is_old(session: &Session, now: Instant) -> bool {
    now >= session.created_at.plus_secs(RENEWAL_SECS) && session.expires_at > now.plus_secs(OVERLAP_SECS)
}

fn digest(secret: &str) -> String {
    Sha256Digest::of(secret).to_text()
}
