//! What has happened to a chain since it was signed: halt, revocation, its agents and their runtimes.
//!
//! Invariant: nothing is looked up but in memory, and a memory that is too old says so itself.

use deputy_mandate::{Instant, Reason, ReasonCode};
use deputy_store::{
    TenantStatus,
    model::{Agent, AgentState},
};
use deputy_token::access::{AccessClaims, Hop};

use crate::{
    MAX_STALENESS_MS,
    view::{TenantState, TenantView},
};

/// Appends what stands against the chain at `now`.
pub(super) fn collect(
    view: &TenantView,
    state: &TenantState,
    claims: &AccessClaims,
    now: Instant,
    reasons: &mut Vec<Reason>,
) {
    if view.staleness(now) > MAX_STALENESS_MS {
        reasons.push(Reason::of(ReasonCode::RevocationStale));
    }
    let permitted = state.halt.as_ref().is_none_or(|halt| halt.level.permits(&claims.chain));
    if !permitted || state.status != Some(TenantStatus::Active) {
        reasons.push(Reason::of(ReasonCode::TenantHalted));
    }
    if let Some(revocation) = state.revocations.reaches(&claims.chain) {
        let kind = revocation.kind.as_str();
        let sentence = match claims.chain.len().saturating_sub(revocation.hop + 1) {
            0 => format!("The credential is revoked, by a revocation of its {kind}."),
            _ => format!("A credential above this one is revoked, by a revocation of its {kind}."),
        };
        reasons.push(Reason::of(ReasonCode::Revoked).field(kind).message(sentence));
    }
    for hop in &claims.chain {
        agent(state, hop, now, reasons);
    }
    subject(state, claims, reasons);
}

fn agent(state: &TenantState, hop: &Hop, now: Instant, reasons: &mut Vec<Reason>) {
    let Some(agent) = state.agents.get(hop.registered_agent()) else {
        reasons.push(Reason::of(ReasonCode::AgentInactive));
        return;
    };
    let name = &agent.name;
    let sentence = match agent.state {
        AgentState::Active if agent.may_work(now) => None,
        AgentState::Active => Some(format!("The agent `{name}` has no live owner.")),
        AgentState::Suspended => Some(format!("The agent `{name}` is suspended.")),
        AgentState::Decommissioned => Some(format!("The agent `{name}` is decommissioned.")),
    };
    if let Some(sentence) = sentence {
        reasons.push(Reason::of(ReasonCode::AgentInactive).field(name.as_str()).message(sentence));
    }
    if runtime_changed(agent, hop) {
        let sentence = format!("The registered runtime of the agent `{name}` has changed since.");
        reasons.push(Reason::of(ReasonCode::RuntimeChanged).field(name.as_str()).message(sentence));
    }
}

/// A delegate without a registration of its own need not carry the runtime of its registered ancestor.
fn runtime_changed(agent: &Agent, hop: &Hop) -> bool {
    let registered = agent.runtime.as_ref().map(|runtime| runtime.fingerprint.as_str());
    match hop.rt.as_deref() {
        None if hop.agent != hop.registered_agent() => false,
        sealed => sealed != registered,
    }
}

/// The person acted for must not be known to be inactive; that they became so has revoked what was issued before.
/// The chain's first hop names the same one as its last.
fn subject(state: &TenantState, claims: &AccessClaims, reasons: &mut Vec<Reason>) {
    let Some(subject) = claims.chain.first().and_then(|hop| hop.sub.as_deref()) else { return };
    let id = subject.strip_prefix("user:").unwrap_or(subject);
    if state.users.get(id).is_some_and(|user| !user.active) {
        reasons.push(Reason::of(ReasonCode::SubjectInactive));
    }
}
