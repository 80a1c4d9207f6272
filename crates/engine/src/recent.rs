//! Events as people read them: names in place of opaque ids, newest first.
//!
//! Invariant: looking never reads more than [`MOST_LOOKED_AT`] events, however rare what is looked for; a
//! page says where it stopped, so that the next look goes on from there.

use deputy_store::{EventFilter, StoredEvent};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Caller, Engine, Refusal,
    view::{TenantState, TenantView},
};

/// Events that are read at a time.
const PAGE: u32 = 500;
/// Events that one look goes through.
const MOST_LOOKED_AT: usize = 5_000;

/// An event as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadableEvent {
    /// Its position in the log.
    pub seq: i64,
    /// When (RFC 3339).
    pub time: String,
    /// What happened.
    pub action: String,
    /// Who did it.
    pub actor: String,
    /// The agent's opaque id, if the log knows one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The agent's name, or its id when memory does not know it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub agent: String,
    /// `allow` or `deny`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// The first reason of a denial, or what else is worth a word.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What a look at the log found.
#[derive(Debug, Clone)]
pub struct RecentEvents {
    /// Newest first.
    pub items: Vec<ReadableEvent>,
    /// The position below which the next look begins; absent at the beginning of the log.
    pub before: Option<i64>,
}

#[derive(Deserialize)]
struct Text {
    seq: i64,
    time: String,
    action: String,
    actor: String,
    agent: Option<String>,
    decision: Option<String>,
    #[serde(default)]
    reasons: Vec<String>,
    #[serde(default)]
    detail: Map<String, Value>,
}

/// The members of an event's detail that are worth a word, the best first.
const WORTH_A_WORD: [&str; 6] = ["to", "reason", "tool", "role", "kind", "name"];

impl ReadableEvent {
    fn of(state: &TenantState, json: &str) -> Option<Self> {
        let text: Text = match serde_json::from_str(json) {
            Ok(text) => text,
            Err(error) => {
                tracing::error!(%error, "a stored event cannot be read");
                return None;
            }
        };
        let known = text.agent.as_ref().and_then(|id| state.agents.get(id));
        let agent = known.map(|agent| agent.name.clone()).or(text.agent.clone()).unwrap_or_default();
        Some(Self {
            seq: text.seq,
            actor: state.actor_label(&text.actor),
            agent_id: text.agent.filter(|_| known.is_some()),
            note: note(text.reasons, &text.detail, &agent),
            agent,
            time: text.time,
            action: text.action,
            decision: text.decision,
        })
    }

    fn holds(&self, wanted: &str) -> bool {
        [&self.action, &self.actor, &self.agent].into_iter().any(|text| text.to_lowercase().contains(wanted))
    }
}

fn note(reasons: Vec<String>, detail: &Map<String, Value>, agent: &str) -> String {
    let said = |name: &&str| detail.get(*name).and_then(Value::as_str);
    let worth = |text: &&str| !text.is_empty() && *text != agent;
    let first = reasons.into_iter().next();
    let rest = || WORTH_A_WORD.iter().filter_map(said).find(worth).map(str::to_owned);
    first.or_else(rest).unwrap_or_default()
}

impl Engine {
    /// The newest events below a position that hold a text in agent, actor or action.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read.
    pub async fn recent_events(
        &self,
        view: &TenantView,
        caller: &Caller,
        wanted: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Result<RecentEvents, Refusal> {
        caller.require_reader()?;
        let (wanted, read) = (wanted.to_lowercase(), self.inner.database.tenant(&view.id));
        let page = if wanted.is_empty() { u32::try_from(limit).unwrap_or(PAGE).min(PAGE) } else { PAGE };
        let mut filter = EventFilter { before, newest_first: true, ..EventFilter::default() };
        let (mut items, mut looked_at) = (Vec::new(), 0);
        loop {
            let found = read.events(&filter, page).await?;
            looked_at += found.len();
            let Some(last) = found.last().map(|event| event.seq) else {
                return Ok(RecentEvents { items, before: None });
            };
            let state = view.read();
            for StoredEvent { seq, body, .. } in &found {
                items.extend(ReadableEvent::of(&state, body).filter(|event| event.holds(&wanted)));
                if items.len() >= limit {
                    return Ok(RecentEvents { items, before: Some(*seq).filter(|seq| *seq > 1) });
                }
            }
            filter.before = Some(last);
            if looked_at >= MOST_LOOKED_AT || last <= 1 {
                return Ok(RecentEvents { items, before: Some(last).filter(|seq| *seq > 1) });
            }
        }
    }

    /// A followed event as people read it; nothing for one that cannot be read.
    #[must_use]
    pub fn readable_event(&self, view: &TenantView, json: &str) -> Option<ReadableEvent> {
        ReadableEvent::of(&view.read(), json)
    }
}

#[cfg(test)]
mod tests {
    use super::ReadableEvent;
    use crate::view::TenantState;

    #[test]
    fn an_event_says_its_first_reason_or_what_its_detail_is_about() {
        let of = |json: &str| ReadableEvent::of(&TenantState::default(), json).unwrap();
        let denied = of(
            r#"{"action":"decision.made","actor":"system","decision":"deny","reasons":["expired"],"seq":7,"time":"t"}"#,
        );
        assert_eq!((denied.note.as_str(), denied.decision.as_deref()), ("expired", Some("deny")));
        let halted = of(
            r#"{"action":"halt.changed","actor":"system","detail":{"from":"none","reason":"x","to":"all"},"seq":8,"time":"t"}"#,
        );
        assert_eq!(halted.note, "all");
        assert!(halted.holds("halt") && !halted.holds("token"));
    }

    #[test]
    fn an_agent_that_memory_does_not_know_has_no_link() {
        let event = ReadableEvent::of(
            &TenantState::default(),
            r#"{"action":"agent.changed","actor":"key:k","agent":"a1","seq":1,"time":"t"}"#,
        );
        let event = event.unwrap();
        assert_eq!((event.agent.as_str(), event.agent_id, event.actor.as_str()), ("a1", None, "key:k"));
    }
}
