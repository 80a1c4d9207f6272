//! Finding events: by what they are about, and when.
//!
//! What the index does not hold yet is looked through; the position up to which it does is read first, so an event
//! is found in exactly one of the two.

use deputy_mandate::Instant;
use sea_orm::Value;

use crate::{
    StoreError, TenantRead,
    log::{StoredEvent, event_of},
    terms::Term,
};

/// Which events to read. Absent members do not constrain.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Events about this agent.
    pub agent: Option<String>,
    /// Events on behalf of this subject.
    pub subject: Option<String>,
    /// Events about this credential.
    pub credential: Option<String>,
    /// This action; a trailing `.` takes all actions of a noun.
    pub action: Option<String>,
    /// Not before.
    pub from: Option<Instant>,
    /// Before.
    pub to: Option<Instant>,
    /// Positions above this one.
    pub after: Option<i64>,
    /// Positions below this one.
    pub before: Option<i64>,
    /// Newest first.
    pub newest_first: bool,
}

impl EventFilter {
    /// What the index knows about it, the rarest first.
    fn term(&self) -> Option<Term<'_>> {
        let credential = self.credential.as_deref().map(Term::Credential);
        let subject = || self.subject.as_deref().map(Term::Subject);
        credential.or_else(subject).or_else(|| self.agent.as_deref().map(Term::Agent))
    }

    /// The clauses of every member, over `e`.
    fn clauses(&self) -> (String, Vec<Value>) {
        let (mut text, mut values) = (String::new(), Vec::new());
        let mut and = |clause: &str, value: Value| {
            text.push_str(" AND e.");
            text.push_str(clause);
            values.push(value);
        };
        let equal = [
            ("agent = ?", &self.agent),
            ("subject = ?", &self.subject),
            ("credential = ?", &self.credential),
        ];
        for (clause, value) in equal {
            if let Some(value) = value {
                and(clause, value.as_str().into());
            }
        }
        if let Some(action) = &self.action {
            match action.strip_suffix('.') {
                Some(noun) => and("action LIKE ?", format!("{noun}.%").into()),
                None => and("action = ?", action.as_str().into()),
            }
        }
        let between = [
            ("time >= ?", self.from.map(|at| at.0)),
            ("time < ?", self.to.map(|at| at.0)),
            ("seq > ?", self.after),
            ("seq < ?", self.before),
        ];
        for (clause, value) in between {
            if let Some(value) = value {
                and(clause, value.into());
            }
        }
        (text, values)
    }
}

/// Where to look for events.
enum Place<'t> {
    /// In all of the log.
    Log,
    /// After a position, where the index has not come yet.
    Tail(i64),
    /// In the index, up to a position.
    Index(i64, Term<'t>),
}

impl TenantRead<'_> {
    /// Events that match, at most `limit`.
    pub async fn events(&self, filter: &EventFilter, limit: u32) -> Result<Vec<StoredEvent>, StoreError> {
        let Some(term) = filter.term() else {
            return self.events_in(&Place::Log, filter, limit).await;
        };
        let indexed = self.head().await?.indexed_seq;
        let (tail, index) = (Place::Tail(indexed), Place::Index(indexed, term));
        let (first, second) = if filter.newest_first { (tail, index) } else { (index, tail) };
        let mut found = self.events_in(&first, filter, limit).await?;
        let rest = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        if rest > 0 {
            found.extend(self.events_in(&second, filter, rest).await?);
        }
        Ok(found)
    }

    async fn events_in(
        &self,
        place: &Place<'_>,
        filter: &EventFilter,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let (clauses, of_filter) = filter.clauses();
        let (from, by, mut values): (_, _, Vec<Value>) = match place {
            Place::Log => ("events e WHERE e.tenant = ?", "e", vec![]),
            Place::Tail(after) => ("events e WHERE e.tenant = ? AND e.seq > ?", "e", vec![(*after).into()]),
            Place::Index(upto, term) => (
                "event_terms t JOIN events e ON e.tenant = t.tenant AND e.seq = t.seq \
                 WHERE t.tenant = ? AND t.term = ? AND t.seq <= ?",
                "t",
                vec![term.text().into(), (*upto).into()],
            ),
        };
        values.extend(of_filter);
        values.push(i64::from(limit).into());
        let order = if filter.newest_first { " DESC" } else { "" };
        let text = format!(
            "SELECT e.seq, e.action, e.body, e.hash FROM {from}{clauses} ORDER BY {by}.seq{order} LIMIT ?"
        );
        self.all(&text, values).await?.iter().map(event_of).collect()
    }
}
