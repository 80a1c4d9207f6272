//! Dashboard sessions: who is signed in, until when, and on whose authority.
//!
//! Invariant: the browser's secret is stored only as a digest, and a session is never worth more than
//! the key that began it is at this moment: it ends with that key.

use deputy_mandate::Instant;
use deputy_store::{Append, Session, TenantStatus, event::rfc3339, model::ApiRole};
use deputy_token::secrets::Sha256Digest;

use crate::{Actor, Caller, Engine, Refusal, view::TenantView};

/// How long a session lasts, in seconds.
const LIFE_SECS: i64 = 12 * 3600;

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
        self.begin_session(view, &caller).await
    }

    /// Begins a session for somebody who has proved who they are.
    pub(crate) async fn begin_session(
        &self,
        view: &TenantView,
        caller: &Caller,
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
        let caller = self.caller_of_session(view, &session, request_id)?;
        let role = caller.role.ok_or(Refusal::Unauthenticated)?;
        Ok(SignedIn { caller, role, csrf: session.csrf, expires_at: session.expires_at })
    }

    /// Ends a session.
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
        let caller = self.caller_of_session(view, &session, request_id)?;
        self.inner.database.end_session(&session.id, self.inner.sources.now()).await?;
        self.tell(view, &caller, "session.ended", &session).await
    }

    async fn find_session(&self, view: &TenantView, secret: &str) -> Result<Session, Refusal> {
        let found = self.inner.database.session(&digest(secret), self.inner.sources.now()).await?;
        found.filter(|session| session.tenant.as_deref() == Some(&*view.id)).ok_or(Refusal::Unauthenticated)
    }

    /// Who a session speaks for now: its key must still be there.
    fn caller_of_session(
        &self,
        view: &TenantView,
        session: &Session,
        request_id: Option<String>,
    ) -> Result<Caller, Refusal> {
        let now = self.inner.sources.now();
        let state = view.read();
        if state.status != Some(TenantStatus::Active) {
            return Err(Refusal::Halted);
        }
        let role = ApiRole::parse(&session.role).ok_or(Refusal::Unauthenticated)?;
        let mut caller = Caller { role: Some(role), request_id, ..Caller::system() };
        match session.actor.split_once(':') {
            Some(("key", id)) => {
                let key = state.keys.values().find(|key| key.id == id);
                let key = key.filter(|key| key.role == role && state.admits(key, now));
                let key = key.ok_or(Refusal::Unauthenticated)?;
                caller.actor = Actor::Key(key.id.clone());
                caller.person.clone_from(&key.holder);
            }
            Some(("user", id)) => {
                if !state.users.get(id).is_some_and(|user| user.active) {
                    return Err(Refusal::Unauthenticated);
                }
                caller.actor = Actor::User(id.to_owned());
                caller.person = Some(id.to_owned());
            }
            None if session.actor == Actor::Setup.to_string() => caller.actor = Actor::Setup,
            _ => return Err(Refusal::Unauthenticated),
        }
        Ok(caller)
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

fn digest(secret: &str) -> String {
    Sha256Digest::of(secret).to_text()
}
