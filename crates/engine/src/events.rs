//! Reading the event log: pages, whole exports, and what happens from now on.
//!
//! Invariant: nothing here holds more than a page of the log in memory, and an export ends at the
//! position at which it began, whatever is written meanwhile.

use std::sync::Arc;

use deputy_mandate::Instant;
use deputy_store::{EventFilter, StoredEvent, TenantRead};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Caller, Engine, Refusal,
    page::{Page, Paging},
    view::{TenantState, TenantView},
};

/// Events that an export reads at a time.
const EXPORT_PAGE: u32 = 1_000;

/// The order of a list of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventOrder {
    /// As they happened.
    #[default]
    Oldest,
    /// The last first.
    Newest,
}

/// Which events; absent members do not constrain.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventQuery {
    /// Events about this agent, by id or name.
    pub agent: Option<String>,
    /// Events on behalf of this person, `user:` and an id or a name, or an id.
    pub subject: Option<String>,
    /// Events about this credential.
    pub credential: Option<String>,
    /// This action, such as `token.issued`, or all of a noun: `token.*`.
    pub action: Option<String>,
    /// Not before (RFC 3339).
    #[serde(alias = "since")]
    pub from: Option<String>,
    /// Before (RFC 3339).
    #[serde(alias = "until")]
    pub to: Option<String>,
    /// Positions above this one.
    pub after: Option<i64>,
    /// The order; oldest first.
    pub order: Option<EventOrder>,
    /// Most entries of a page.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// An export that is being read.
#[derive(Debug)]
pub struct EventExport {
    engine: Engine,
    view: Arc<TenantView>,
    filter: EventFilter,
    done: bool,
}

impl Engine {
    /// A page of the log.
    ///
    /// # Errors
    /// `Forbidden` for a caller who may not read; `Invalid` for a filter that cannot be.
    pub async fn events(
        &self,
        view: &TenantView,
        caller: &Caller,
        query: &EventQuery,
    ) -> Result<Page<Box<RawValue>>, Refusal> {
        caller.require_reader()?;
        let paging = Paging { limit: query.limit, cursor: query.cursor.clone() };
        let limit = paging.limit()?;
        let mut filter = self.filter_of(view, query).await?;
        filter.newest_first = query.order == Some(EventOrder::Newest);
        match paging.position()? {
            Some(cursor) if filter.newest_first => filter.before = Some(cursor),
            Some(cursor) => filter.after = Some(filter.after.map_or(cursor, |after| after.max(cursor))),
            None => {}
        }
        let found = self.inner.database.tenant(&view.id).events(&filter, limit + 1).await?;
        let page = Page::cut(found, limit, |event| event.seq.to_string());
        let items = page.items.iter().map(raw).collect::<Result<_, _>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// Begins an export of what the log holds now, oldest first.
    ///
    /// # Errors
    /// As [`Engine::events`].
    pub async fn export_events(
        &self,
        view: &Arc<TenantView>,
        caller: &Caller,
        query: &EventQuery,
    ) -> Result<EventExport, Refusal> {
        caller.require_reader()?;
        let mut filter = self.filter_of(view, query).await?;
        let head = self.inner.database.tenant(&view.id).head().await?.seq;
        filter.before = Some(head.saturating_add(1));
        Ok(EventExport { engine: self.clone(), view: view.clone(), filter, done: false })
    }
}

impl EventExport {
    /// The next lines of NDJSON; `None` at the end.
    ///
    /// # Errors
    /// `Unavailable` when the database is: the export is then incomplete.
    pub async fn next_lines(&mut self) -> Result<Option<String>, Refusal> {
        if self.done {
            return Ok(None);
        }
        let read = self.engine.inner.database.tenant(&self.view.id);
        let found = read.events(&self.filter, EXPORT_PAGE).await?;
        let Some(last) = found.last() else { return Ok(None) };
        self.filter.after = Some(last.seq);
        self.done = found.len() < usize::try_from(EXPORT_PAGE).unwrap_or(usize::MAX);
        let mut lines = String::with_capacity(found.iter().map(|event| event.body.len() + 64).sum());
        for event in &found {
            lines.push_str(&event.json());
            lines.push('\n');
        }
        Ok(Some(lines))
    }
}

fn raw(event: &StoredEvent) -> Result<Box<RawValue>, Refusal> {
    RawValue::from_string(event.json()).map_err(|error| {
        tracing::error!(seq = event.seq, %error, "a stored event is not JSON");
        Refusal::Internal
    })
}

impl Engine {
    /// The store's filter for a query, with names looked up.
    pub(crate) async fn filter_of(
        &self,
        view: &TenantView,
        query: &EventQuery,
    ) -> Result<EventFilter, Refusal> {
        let subject = match &query.subject {
            Some(name) => Some(subject_id(&self.inner.database.tenant(&view.id), name).await?),
            None => None,
        };
        filter(&view.read(), query, subject)
    }
}

fn filter(state: &TenantState, query: &EventQuery, subject: Option<String>) -> Result<EventFilter, Refusal> {
    let (from, to) = (instant("from", query.from.as_deref())?, instant("to", query.to.as_deref())?);
    Ok(EventFilter {
        agent: query.agent.as_deref().map(|name| agent_id(state, name)),
        subject,
        credential: query.credential.clone(),
        action: query.action.as_deref().map(action).transpose()?,
        from,
        to,
        after: query.after,
        before: None,
        newest_first: false,
    })
}

/// What is no agent's name is taken for an id: the log knows agents that memory does not.
fn agent_id(state: &TenantState, name: &str) -> String {
    let name = name.strip_prefix("agent:").unwrap_or(name);
    state.agent_names.get(name).cloned().unwrap_or_else(|| name.to_owned())
}

/// Who is nobody's name is taken for an id: the log knows people who are gone.
async fn subject_id(read: &TenantRead<'_>, name: &str) -> Result<String, Refusal> {
    let name = name.strip_prefix("user:").unwrap_or(name);
    let named = read.person_named(name).await?;
    Ok(named.map_or_else(|| name.to_owned(), |person| person.id))
}

fn action(text: &str) -> Result<String, Refusal> {
    let plain = |c: char| c.is_ascii_lowercase() || c == '.' || c == '_';
    let text = text.strip_suffix('*').filter(|noun| noun.ends_with('.')).unwrap_or(text);
    if text.is_empty() || !text.chars().all(plain) {
        return Err(Refusal::invalid("action", "write an action such as `token.issued`, or `token.*`"));
    }
    Ok(text.to_owned())
}

fn instant(field: &'static str, text: Option<&str>) -> Result<Option<Instant>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let time =
        time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).map_err(|_| {
            Refusal::invalid(field, "write an instant as RFC 3339, such as `2026-01-31T08:00:00Z`")
        })?;
    let millis = i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000));
    millis.map(|millis| Some(Instant(millis))).map_err(|_| Refusal::invalid(field, "is out of range"))
}

#[cfg(test)]
mod tests {
    use deputy_mandate::Instant;

    use super::{EventQuery, action, filter, instant};
    use crate::view::TenantState;

    #[test]
    fn actions_are_one_or_a_noun_of_them() {
        assert_eq!(action("token.issued").as_deref(), Ok("token.issued"));
        assert_eq!(action("token.*").as_deref(), Ok("token."));
        for wrong in ["", "%", "token.issued*", "*", "Token.issued"] {
            assert!(action(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn instants_are_rfc_3339() {
        let at = |text| instant("from", Some(text));
        assert_eq!(at("2023-11-14T22:13:20.123Z"), Ok(Some(Instant(1_700_000_000_123))));
        assert_eq!(at("2023-11-14T23:13:20+01:00"), Ok(Some(Instant(1_700_000_000_000))));
        assert!(at("yesterday").is_err());
    }

    #[test]
    fn a_name_that_memory_does_not_know_is_taken_for_an_id() {
        let query = EventQuery { agent: Some("agent:gone".into()), ..Default::default() };
        let filter = filter(&TenantState::default(), &query, None).unwrap();
        assert_eq!(filter.agent.as_deref(), Some("gone"));
    }
}
