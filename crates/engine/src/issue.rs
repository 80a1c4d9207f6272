//! Issuing an access token for an agent's own authority (RFC 6749 §4.4).
//!
//! Everything is computed from one state in memory whose position was taken first; the writer
//! refuses the issue when authority of its chain was taken away after that position, and then it is
//! computed again. So a token that is answered rests on nothing that had been revoked.

use std::{collections::BTreeSet, sync::Arc};

use deputy_mandate::{Fingerprint, Grant, GrantRefusal, Instant, Requested, Scope, Terms, grant};
use deputy_oauth::{
    error::{DetailsProblem, GrantProblem, OAuthError, RequestProblem, ScopeProblem, TargetProblem},
    token::{ClientCredentialsRequest, RemovedItem, Resource, TokenResponse},
};
use deputy_store::{Append, AppendError, Issue, TenantStatus, event::EventDraft, model::Agent};
use deputy_token::access::{self, AccessClaims, AgentClaim, Hop, MayAct};
use serde_json::value::RawValue;

use crate::{
    Engine, MAX_STALENESS_MS, Refusal,
    clients::{Client, refused},
    view::{LegError, TenantState, TenantView},
};

/// How often an issue that a revocation overtook is computed again.
const MOST_TRIES: usize = 5;

/// What is sealed for one agent, before it has an id and a position.
struct Computed {
    read_at: i64,
    agent: Arc<Agent>,
    owners: Vec<String>,
    may_act: BTreeSet<String>,
    grant: Grant,
}

impl Engine {
    /// Issues an access token to an authenticated client for itself.
    pub async fn issue(
        &self,
        view: &TenantView,
        client: &Client,
        request: &ClientCredentialsRequest,
        request_id: Option<String>,
    ) -> Result<TokenResponse, Refusal> {
        let mut spend =
            client.spend.as_ref().map(|(jti, until)| (client.agent.id.clone(), jti.clone(), *until));
        for _ in 0..MOST_TRIES {
            let now = self.inner.sources.now();
            let computed = compute(view, &client.agent.id, request, now)?;
            let (claims, token) = self.seal(view, &computed, now)?;
            let details = sealed_details(&claims)?;
            let append = Append {
                event: issued_event(&claims, &computed, &details, request_id.clone()),
                issue: Some(Issue {
                    root: claims.chain.first().map(|hop| hop.id.clone()).unwrap_or_default(),
                    parent: None,
                    depth: 0,
                    issued_at: now,
                    expires_at: computed.grant.mandate.expires_at,
                }),
                read_at: Some(computed.read_at),
                spend: spend.take(),
            };
            match self.inner.writer.append(&view.id, append).await {
                Ok(_) => return Ok(answer(&claims, &computed.grant, token, details, now)),
                Err(AppendError::Stale(seq)) => {
                    self.inner.registry.reach(view, seq).await.map_err(|late| {
                        tracing::warn!(tenant = %view.slug, %late, "an issue waits for memory");
                        Refusal::Unavailable { retry_after_secs: 1 }
                    })?;
                }
                Err(AppendError::Replayed) => return Err(refused()),
                Err(error) => return Err(error.into()),
            }
        }
        Err(Refusal::Unavailable { retry_after_secs: 1 })
    }

    fn seal(
        &self,
        view: &TenantView,
        computed: &Computed,
        now: Instant,
    ) -> Result<(AccessClaims, String), Refusal> {
        let agent = &computed.agent;
        let mandate = &computed.grant.mandate;
        let id = self.inner.sources.id()?;
        let spiffe_id = spiffe_id(&self.inner.installation.trust_domain, &view.slug, &agent.name);
        let hop = Hop {
            id,
            agent: agent.id.clone(),
            sub: None,
            jkt: None,
            rt: agent.runtime.as_ref().map(|runtime| runtime.fingerprint.clone()),
            bind: (!mandate.binding.is_empty()).then(|| mandate.binding.clone()),
            crit: agent.critical,
            seq: computed.read_at,
        };
        let may_act = (!computed.may_act.is_empty())
            .then(|| MayAct { client_ids: computed.may_act.iter().cloned().collect() });
        let claims = AccessClaims {
            iss: view.issuer.to_string(),
            sub: spiffe_id.clone(),
            iat: now,
            client_id: agent.id.clone(),
            agent: AgentClaim {
                id: agent.id.clone(),
                name: agent.name.clone(),
                spiffe_id,
                owners: computed.owners.clone(),
            },
            chain: vec![hop],
            mandate: mandate.clone(),
            act: None,
            may_act,
            cnf: None,
        };
        let key = self.current_key(view)?;
        let token = access::seal(&claims, &key).map_err(|error| {
            tracing::error!(%error, "a token could not be sealed");
            Refusal::Internal
        })?;
        Ok((claims, token))
    }
}

/// The SPIFFE ID of an agent.
pub(crate) fn spiffe_id(trust_domain: &str, slug: &str, agent: &str) -> String {
    format!("spiffe://{trust_domain}/t/{slug}/agent/{agent}")
}

fn compute(
    view: &TenantView,
    agent: &str,
    request: &ClientCredentialsRequest,
    now: Instant,
) -> Result<Computed, Refusal> {
    if view.staleness(now) > MAX_STALENESS_MS {
        return Err(Refusal::Unavailable { retry_after_secs: 1 });
    }
    // Taken before the state that the grant rests on.
    let read_at = view.applied();
    let state = view.read();
    let agent = state.agents.get(agent).ok_or_else(refused)?.clone();
    require_issuable(&state, &agent)?;
    require_runtime(&agent, request.runtime.as_ref())?;
    let audience = audience(&state, &agent, &request.resources)?;
    let authority = state.authority(&agent, &audience).map_err(|error| match error {
        LegError::UnknownAudience(_) => Refusal::OAuth(TargetProblem::Unknown.into()),
    })?;
    let settings = state.settings.as_ref().ok_or(Refusal::Internal)?;
    let terms = Terms {
        now,
        audience: &audience,
        default_ttl_secs: settings.ttl,
        expires_in: request.expires_in,
        max_depth: settings.max_depth,
        catalogue: &state.catalogue,
    };
    let requested = requested(request)?;
    let may_act = may_act(&state, request)?;
    let grant = grant(&authority.legs, &requested, &terms).map_err(of_grant)?;
    let owners = state.owner_labels(&agent);
    Ok(Computed { read_at, owners, may_act, grant, agent })
}

/// Halted tenants and agents without a live owner get nothing.
fn require_issuable(state: &TenantState, agent: &Agent) -> Result<(), Refusal> {
    let halted = state.halt.as_ref().is_some_and(|halt| !halt.level.permits_issue(agent.critical, &[]));
    if halted || state.status != Some(TenantStatus::Active) {
        return Err(Refusal::OAuth(OAuthError::AccessDenied));
    }
    if agent.state != deputy_store::model::AgentState::Active || !state.has_live_owner(agent) {
        return Err(refused());
    }
    Ok(())
}

fn require_runtime(agent: &Agent, presented: Option<&Fingerprint>) -> Result<(), Refusal> {
    let Some(registered) = &agent.runtime else { return Ok(()) };
    let problem = match presented {
        None => GrantProblem::RuntimeMissing,
        Some(presented) if presented.as_str() != registered.fingerprint => GrantProblem::RuntimeChanged,
        Some(_) => return Ok(()),
    };
    Err(Refusal::OAuth(problem.into()))
}

/// One audience a token, because whoever holds it for one must not be able to use it at another.
fn audience(
    state: &TenantState,
    agent: &Agent,
    asked: &BTreeSet<Resource>,
) -> Result<BTreeSet<String>, Refusal> {
    let mut asked = asked.iter();
    let audience = match (asked.next(), asked.next()) {
        (Some(_), Some(_)) => return Err(Refusal::OAuth(TargetProblem::Several.into())),
        (Some(one), None) => one.as_str().to_owned(),
        (None, _) => state.audience_of(agent).ok_or(Refusal::Internal)?.to_owned(),
    };
    Ok(BTreeSet::from([audience]))
}

fn requested(request: &ClientCredentialsRequest) -> Result<Requested, Refusal> {
    let identity = request.scope.iter().flatten().any(Scope::is_identity);
    if identity && (request.details.is_some() || request.scope.iter().flatten().count() > 1) {
        return Err(Refusal::OAuth(ScopeProblem::Malformed.into()));
    }
    let scopes = request.scope.clone().filter(|_| !identity);
    Ok(Requested { scopes, details: request.details.clone(), identity })
}

/// The clients that may exchange the token, by id; a name that is no agent is a mistake worth saying.
fn may_act(state: &TenantState, request: &ClientCredentialsRequest) -> Result<BTreeSet<String>, Refusal> {
    let named = request.details.iter().flat_map(|details| &details.may_act);
    named
        .map(|reference| {
            let name = reference.strip_prefix("agent:").unwrap_or(reference);
            let by_name = state.agent_names.get(name).cloned();
            by_name
                .or_else(|| state.agents.contains_key(name).then(|| name.to_owned()))
                .ok_or_else(|| Refusal::OAuth(RequestProblem::Malformed("authorization_details").into()))
        })
        .collect()
}

fn of_grant(refusal: GrantRefusal) -> Refusal {
    let error: OAuthError = match refusal {
        GrantRefusal::NothingRequested { ceiling } => {
            ScopeProblem::NothingRequested { ceiling: vec![ceiling] }.into()
        }
        GrantRefusal::NothingGranted { removed } => ScopeProblem::NothingGranted {
            removed: removed.into_iter().map(|one| (one.what, one.by.as_str())).collect(),
        }
        .into(),
        GrantRefusal::NoAudience => TargetProblem::Unknown.into(),
        GrantRefusal::Expired => RequestProblem::Malformed("expires_in").into(),
        GrantRefusal::Bottom | GrantRefusal::Bound(_) => DetailsProblem::Ungrantable(refusal).into(),
    };
    Refusal::OAuth(error)
}

/// The event of an issue. Its detail is what the log and the list of tokens know of the credential.
fn issued_event(
    claims: &AccessClaims,
    computed: &Computed,
    details: &RawValue,
    request_id: Option<String>,
) -> EventDraft {
    #[derive(serde::Serialize)]
    struct Detail<'a> {
        audience: &'a BTreeSet<String>,
        authorization_details: &'a RawValue,
        expires_at: i64,
        form: &'static str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        removed: Vec<&'a str>,
        scope: String,
    }
    let mandate = &claims.mandate;
    let detail = Detail {
        audience: &mandate.audience,
        authorization_details: details,
        expires_at: mandate.expires_at.as_secs_floor(),
        form: "access_token",
        removed: computed.grant.removed.iter().map(|one| one.what.as_str()).collect(),
        scope: Scope::write_list(&mandate.scopes),
    };
    let actor = format!("agent:{}", claims.client_id);
    let mut event = EventDraft::new("token.issued", actor).detail_in_order(&detail);
    event.agent = Some(claims.client_id.clone());
    event.owners.clone_from(&computed.owners);
    event.credential = Some(claims.jti().to_owned());
    event.chain.clone_from(&claims.chain);
    event.request_id = request_id;
    event
}

fn answer(
    claims: &AccessClaims,
    grant: &Grant,
    token: String,
    details: Box<RawValue>,
    now: Instant,
) -> TokenResponse {
    let scope = if grant.identity {
        deputy_mandate::IDENTITY.to_owned()
    } else {
        Scope::write_list(&claims.mandate.scopes)
    };
    TokenResponse {
        access_token: token,
        token_type: "Bearer",
        expires_in: claims.mandate.expires_at.as_secs_floor() - now.as_secs_floor(),
        scope,
        authorization_details: details,
        issued_token_type: None,
        removed: grant
            .removed
            .iter()
            .map(|one| RemovedItem { what: one.what.clone(), by: one.by.as_str() })
            .collect(),
        warnings: grant.warnings.iter().map(ToString::to_string).collect(),
    }
}

/// The granted authority as it stands in the token (RFC 9396 §7).
fn sealed_details(claims: &AccessClaims) -> Result<Box<RawValue>, Refusal> {
    RawValue::from_string(claims.mandate.to_claims().authorization_details).map_err(|error| {
        tracing::error!(%error, "a sealed mandate is not JSON");
        Refusal::Internal
    })
}
