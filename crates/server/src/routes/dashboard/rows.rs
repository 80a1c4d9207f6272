//! Rows of lists out of the engine's answers.

use deputy_engine::model::AgentState;
use deputy_engine::{Activity, Orphan, ReadableEvent, ShownAgent};

use super::signed::Signed;
use crate::pages::row::{AgentRow, Badge, EventRow, OrphanRow, Tone};
use crate::pages::when::When;

/// An agent in a list; `now` in Unix milliseconds.
#[must_use]
pub fn agent(agent: ShownAgent, activity: Activity, now: i64) -> AgentRow {
    AgentRow {
        state: state(agent.state, agent.orphaned),
        id: agent.id,
        name: agent.name,
        display_name: agent.display_name.unwrap_or_default(),
        owners: agent.owners.join(", "),
        live_tokens: activity.live_tokens,
        last_token: activity.last_token.map(|at| When::of(at.0, now)),
    }
}

/// The badge of an agent: what keeps it from working comes before that it is an orphan.
#[must_use]
pub fn state(state: AgentState, orphaned: bool) -> Badge {
    match (state, orphaned) {
        (AgentState::Active, true) => Badge::of_state("orphaned"),
        (AgentState::Suspended, true) => Badge::new("orphaned, suspended", Tone::Bad),
        (state, _) => Badge::of_state(state.as_str()),
    }
}

/// An event in a list.
#[must_use]
pub fn event(event: ReadableEvent, now: i64) -> EventRow {
    EventRow {
        seq: u64::try_from(event.seq).unwrap_or_default(),
        when: When::read(&event.time, now),
        action: event.action,
        actor: event.actor,
        agent: event.agent,
        agent_id: event.agent_id,
        outcome: event.decision.as_deref().map(Badge::of_decision),
        detail: event.note,
    }
}

/// An orphan in a list, as the person who is signed in sees it.
#[must_use]
pub fn orphan(signed: &Signed, orphan: Orphan) -> OrphanRow {
    let now = signed.now();
    OrphanRow {
        may_accept: signed.engine.may_accept_orphan(&signed.view, &signed.caller, &orphan.agent_id),
        until: orphan.until.map(|until| When::read(&until, now)),
        id: orphan.agent_id,
        name: orphan.agent,
        state: Badge::of_state(orphan.state.as_str()),
        why: orphan.why,
        since: When::read(&orphan.since, now),
        proposed: orphan.proposed_owner.unwrap_or_default(),
    }
}
