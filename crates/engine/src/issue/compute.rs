//! What a token would carry: requested ∩ the agent's legs ∩ the parent's mandate (mandates §4).
//!
//! Invariant: a child is never above its parent. The parent is a leg of the grant, and the result is compared
//! with it all the same before anything is sealed.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use deputy_mandate::{
    Fingerprint, Grant, GrantRefusal, Instant, Leg, LegName, Mandate, ReasonCode, Requested, Scope, Terms,
    grant,
};
use deputy_oauth::{
    error::{
        DetailsProblem, GrantProblem, OAuthError, ProofProblem, RequestProblem, ScopeProblem, TargetProblem,
    },
    token::{TokenType, Wanted},
};
use deputy_store::{TenantStatus, model::Agent};
use deputy_token::{
    access::{AccessClaims, Hop},
    freshness::Once,
    keys::Jwk,
};

use super::parent::{Parent, Place};
use crate::{
    Refusal, SignedToken,
    clients::{Client, refused},
    federation::OnBehalf,
    proofs,
    view::{LegError, TenantState, TenantView},
};

/// What is sealed, before it has an id.
pub(super) struct Computed {
    pub(super) read_at: i64,
    pub(super) agent: Arc<Agent>,
    /// The hop's path: the agent's id, and a segment for each delegate below it.
    pub(super) path: String,
    /// The effective name.
    pub(super) name: String,
    pub(super) owners: Vec<String>,
    /// Thumbprint of the key that it is bound to.
    pub(super) jkt: Option<String>,
    /// That key, when it is an attenuating agent token.
    pub(super) holder: Option<Jwk>,
    pub(super) may_act: BTreeSet<String>,
    pub(super) origin: Origin,
    pub(super) grant: Grant,
}

/// What a grant rests on beside the agent's own authority.
pub(super) enum Origin {
    /// Nothing: a root of the agent's own.
    Own,
    /// A token that the agent presents.
    Below(Parent),
    /// A person for whom the agent may act: a root on their behalf.
    For(Box<OnBehalf>),
}

impl Origin {
    fn parent(&self) -> Option<&Parent> {
        match self {
            Self::Below(parent) => Some(parent),
            Self::Own | Self::For(_) => None,
        }
    }

    fn person(&self) -> Option<&OnBehalf> {
        match self {
            Self::For(person) => Some(person),
            Self::Own | Self::Below(_) => None,
        }
    }
}

impl Computed {
    /// The claims of the token that this one stands below.
    pub(super) fn parent(&self) -> Option<&AccessClaims> {
        self.origin.parent().map(Parent::claims)
    }

    /// The person acted for by a root.
    pub(super) fn person(&self) -> Option<&OnBehalf> {
        self.origin.person()
    }

    /// The token that this one stands below.
    pub(super) fn parent_token(&self) -> Option<&SignedToken> {
        self.origin.parent().map(Parent::token)
    }

    /// The parent's holder's proof, where it came beside the request's own.
    pub(super) fn holder_proof(&self) -> Option<&Once> {
        self.origin.parent()?.proof.as_ref()
    }
}

/// Computes a grant of an agent.
pub(super) fn compute(
    view: &TenantView,
    client: &Client,
    wanted: &Wanted,
    origin: Origin,
    read_at: i64,
    now: Instant,
) -> Result<Computed, Refusal> {
    let state = view.read();
    let agent = state.agents.get(&client.agent.id).ok_or_else(refused)?.clone();
    let above = origin.parent().map(Parent::claims);
    require_issuable(&state, &agent, above.map_or(&[], |claims| &claims.chain), now)?;
    require_runtime(&agent, wanted.runtime.as_ref())?;
    if agent.require_dpop && client.jkt.is_none() {
        return Err(Refusal::OAuth(RequestProblem::ProofMissing.into()));
    }
    require_holder(client, wanted)?;
    let audience = audience(&state, &agent, wanted, above, client.jkt.is_some())?;
    let authority = state.authority(&agent, &audience).map_err(|error| match error {
        LegError::UnknownAudience(_) => Refusal::OAuth(TargetProblem::Unknown.into()),
    })?;
    let settings = state.settings.as_ref().ok_or(Refusal::Internal)?;
    let terms = Terms {
        now,
        audience: &audience,
        default_ttl_secs: settings.ttl,
        expires_in: bounded(&agent, &origin, wanted.expires_in, now),
        max_depth: settings.max_depth,
        catalogue: &state.catalogue,
    };
    let requested = requested(wanted)?;
    let may_act = may_act(&state, wanted)?;
    let legs = legs(&authority.legs, &origin);
    let mut grant = grant(&legs, &requested, &terms)
        .map_err(|refusal| of_grant(refusal, !matches!(origin, Origin::Own)))?;
    if let Some(above) = above {
        verify_below(&mut grant, above)?;
    }
    let owners = state.owner_labels(&agent);
    let (path, name) = held_as(&agent, origin.parent());
    drop(state);
    let (jkt, holder) = (client.jkt.clone(), wanted.holder.clone());
    Ok(Computed { read_at, agent, path, name, owners, jkt, holder, may_act, origin, grant })
}

/// Halted tenants, chains that the halt does not spare, and agents without a live owner get nothing.
pub(crate) fn require_issuable(
    state: &TenantState,
    agent: &Agent,
    above: &[Hop],
    now: Instant,
) -> Result<(), Refusal> {
    let halted = state.halt.as_ref().is_some_and(|halt| !halt.level.permits_issue(agent.critical, above));
    if halted || state.status != Some(TenantStatus::Active) {
        return Err(Refusal::OAuth(OAuthError::AccessDenied));
    }
    if !agent.may_work(now) {
        return Err(refused());
    }
    Ok(())
}

/// What an orphan gets in its grace ends with it, and what is issued on a person's behalf with the person's token.
fn bounded(agent: &Agent, origin: &Origin, asked: Option<u32>, now: Instant) -> Option<u32> {
    let person = origin.person().map(|person| seconds_left(person.until, now));
    [asked, grace_left(agent, now), person].into_iter().flatten().min()
}

/// Seconds of an orphan's grace; `None` for an agent that is answered for.
pub(crate) fn grace_left(agent: &Agent, now: Instant) -> Option<u32> {
    let until = agent.orphaned.as_ref().and_then(|orphaned| orphaned.until);
    until.map(|until| seconds_left(until, now))
}

/// What has ended within the leeway leaves nothing.
fn seconds_left(until: Instant, now: Instant) -> u32 {
    u32::try_from(((until.0 - now.0) / 1_000).max(0)).unwrap_or(u32::MAX)
}

/// An agent with a registered runtime says the same one.
pub(crate) fn require_runtime(agent: &Agent, presented: Option<&Fingerprint>) -> Result<(), Refusal> {
    let Some(registered) = &agent.runtime else { return Ok(()) };
    let problem = match presented {
        None => GrantProblem::RuntimeMissing,
        Some(presented) if presented.as_str() != registered.fingerprint => GrantProblem::RuntimeChanged,
        Some(_) => return Ok(()),
    };
    Err(Refusal::OAuth(problem.into()))
}

/// Who asks for a token that is bound to a key proves that very key.
fn require_holder(client: &Client, wanted: &Wanted) -> Result<(), Refusal> {
    match (&wanted.holder, &client.jkt) {
        (Some(_), None) => Err(Refusal::OAuth(RequestProblem::ProofMissing.into())),
        (Some(holder), Some(jkt)) if holder.thumbprint() != *jkt => {
            Err(proofs::refused(ProofProblem::OtherKey))
        }
        _ => Ok(()),
    }
}

/// One audience a token, because whoever holds it for one must not be able to use it at another; several for one
/// that is bound to a key, but for a capability, whose key is one audience's. Below a parent they are among the
/// parent's.
fn audience(
    state: &TenantState,
    agent: &Agent,
    wanted: &Wanted,
    above: Option<&AccessClaims>,
    bound: bool,
) -> Result<BTreeSet<String>, Refusal> {
    let refuse = |problem: TargetProblem| Err(Refusal::OAuth(problem.into()));
    let of_parent = above.map(|claims| &claims.mandate.audience);
    let asked: BTreeSet<String> = wanted.resources.iter().map(|one| one.as_str().to_owned()).collect();
    if asked.len() > 1 && (!bound || wanted.token_type == TokenType::Capability) {
        return refuse(TargetProblem::Several);
    }
    if !asked.is_empty() {
        return match of_parent {
            Some(of_parent) if !asked.is_subset(of_parent) => refuse(TargetProblem::NotOfParent),
            _ => Ok(asked),
        };
    }
    let default = || state.audience_of(agent).ok_or(Refusal::Internal);
    let audience = match of_parent {
        None => default()?,
        Some(of_parent) => match (of_parent.first(), of_parent.len()) {
            (Some(only), 1) => only.as_str(),
            _ if of_parent.contains(default()?) => default()?,
            _ => return refuse(TargetProblem::Several),
        },
    };
    Ok(BTreeSet::from([audience.to_owned()]))
}

fn requested(wanted: &Wanted) -> Result<Requested, Refusal> {
    let identity = wanted.scope.iter().flatten().any(Scope::is_identity);
    if identity && (wanted.details.is_some() || wanted.scope.iter().flatten().count() > 1) {
        return Err(Refusal::OAuth(ScopeProblem::Malformed.into()));
    }
    let scopes = wanted.scope.clone().filter(|_| !identity);
    Ok(Requested { scopes, details: wanted.details.clone(), identity })
}

/// The clients that may exchange the token, by id; a name that is no agent is a mistake worth saying.
fn may_act(state: &TenantState, wanted: &Wanted) -> Result<BTreeSet<String>, Refusal> {
    let named = wanted.details.iter().flat_map(|details| &details.may_act);
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

/// The agent's legs, with the person's entitlements or the parent's mandate in their place among them.
fn legs<'l>(own: &'l [(LegName, Leg)], origin: &Origin) -> Cow<'l, [(LegName, Leg)]> {
    let (name, leg) = match origin {
        Origin::Own => return Cow::Borrowed(own),
        Origin::Below(parent) => (LegName::Parent, Leg::from(&parent.claims().mandate)),
        Origin::For(person) => (LegName::Entitlements, person.entitlements.clone()),
    };
    let mut legs = own.to_vec();
    let at = legs.partition_point(|(before, _)| *before < name);
    legs.insert(at, (name, leg));
    Cow::Owned(legs)
}

/// The hop's path and the effective name of its holder.
fn held_as(agent: &Agent, parent: Option<&Parent>) -> (String, String) {
    let held = parent.and_then(|parent| Some((parent, parent.claims().chain.last()?)));
    match held.map(|(parent, hop)| (&parent.place, hop, &parent.claims().agent.name)) {
        None | Some((Place::Agent, ..)) => (agent.id.clone(), agent.name.clone()),
        Some((Place::Holder, hop, name)) => (hop.agent.clone(), name.clone()),
        Some((Place::Worker(segment), hop, name)) => {
            let segment = segment.as_str();
            (format!("{}/{segment}", hop.agent), format!("{name}/{segment}"))
        }
    }
}

/// Defence in depth: what the meet promises is checked before it is sealed.
fn verify_below(grant: &mut Grant, above: &AccessClaims) -> Result<(), Refusal> {
    if grant.identity {
        carry_denials(&mut grant.mandate, &above.mandate);
    }
    let ceiling = grant.mandate.max_depth;
    if above.chain.len() > usize::from(ceiling) {
        return Err(Refusal::OAuth(GrantProblem::Depth { ceiling }.into()));
    }
    if !grant.mandate.is_below(&above.mandate) {
        tracing::error!(parent = above.jti(), "a grant is not below its parent");
        return Err(Refusal::Internal);
    }
    Ok(())
}

/// An identity token says only who, so it names no denials; below a parent it keeps the parent's.
fn carry_denials(mandate: &mut Mandate, above: &Mandate) {
    mandate.blocked_tools.clone_from(&above.blocked_tools);
    mandate.limits.clone_from(&above.limits);
    mandate.declared.clone_from(&above.declared);
    mandate.limit_required.clone_from(&above.limit_required);
}

fn of_grant(refusal: GrantRefusal, rests_on_a_token: bool) -> Refusal {
    let error: OAuthError = match refusal {
        GrantRefusal::NothingRequested { ceiling } => {
            ScopeProblem::NothingRequested { ceiling: vec![ceiling] }.into()
        }
        GrantRefusal::NothingGranted { removed } => ScopeProblem::NothingGranted {
            removed: removed.into_iter().map(|one| (one.what, one.by.as_str())).collect(),
        }
        .into(),
        GrantRefusal::NoAudience => TargetProblem::Unknown.into(),
        GrantRefusal::Expired if rests_on_a_token => GrantProblem::SubjectDead(ReasonCode::Expired).into(),
        GrantRefusal::Expired => RequestProblem::Malformed("expires_in").into(),
        GrantRefusal::Bottom | GrantRefusal::Bound(_) => DetailsProblem::Ungrantable(refusal).into(),
    };
    Refusal::OAuth(error)
}
