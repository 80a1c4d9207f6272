//! Issued credentials: who has what, until when, and from whom. Never the secret part.

use deputy_mandate::Instant;
use sea_orm::{QueryResult, Value};

use crate::{StoreError, TenantRead, event::EventDraft};

pub(crate) const HEAD: &str =
    "INSERT INTO issued (tenant, seq, id, agent, subject, root, parent, depth, issued_at, expires_at)";
pub(crate) const WIDTH: usize = 10;

/// A credential that is being issued, beside what its event says: its id, agent and subject are the event's, and
/// what it carries is the event's detail.
#[derive(Debug, Clone)]
pub struct Issue {
    /// The root of its chain; itself at depth 0.
    pub root: String,
    /// The credential that it was derived from.
    pub parent: Option<String>,
    /// Hops from the root.
    pub depth: u8,
    /// When it was issued.
    pub issued_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
}

/// An issued credential.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its id (`jti`).
    pub id: String,
    /// Position of the event that issued it.
    pub seq: i64,
    /// The agent that holds it, by opaque id.
    pub agent: String,
    /// The person acted for.
    pub subject: Option<String>,
    /// The root of its chain; itself at depth 0.
    pub root: String,
    /// The credential that it was derived from.
    pub parent: Option<String>,
    /// Hops from the root.
    pub depth: u8,
    /// When it was issued.
    pub issued_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
    /// The text of the event that issued it: its `chain`, and what it carries as `detail`.
    pub event: String,
}

pub(crate) fn push(rows: &mut Vec<Value>, tenant: &str, event: &EventDraft, issue: &Issue, seq: i64) {
    rows.extend([tenant.into(), seq.into(), event.credential.clone().unwrap_or_default().into()]);
    rows.extend([event.agent.clone().unwrap_or_default().into(), event.subject.clone().into()]);
    rows.extend([issue.root.as_str().into(), issue.parent.clone().into(), i64::from(issue.depth).into()]);
    rows.extend([issue.issued_at.0.into(), issue.expires_at.0.into()]);
}

/// Issued credentials with their events; the tenant is the first mark.
const SELECT: &str = "SELECT i.*, e.body FROM issued i JOIN events e ON e.tenant = i.tenant AND e.seq = i.seq \
                      WHERE i.tenant = ?";

fn issued_of(row: &QueryResult) -> Result<Issued, StoreError> {
    let depth: i64 = row.try_get("", "depth")?;
    Ok(Issued {
        id: row.try_get("", "id")?,
        seq: row.try_get("", "seq")?,
        agent: row.try_get("", "agent")?,
        subject: row.try_get("", "subject")?,
        root: row.try_get("", "root")?,
        parent: row.try_get("", "parent")?,
        depth: u8::try_from(depth).unwrap_or(u8::MAX),
        issued_at: Instant(row.try_get("", "issued_at")?),
        expires_at: Instant(row.try_get("", "expires_at")?),
        event: row.try_get("", "body")?,
    })
}

/// Which issued credentials to list; absent members do not constrain.
#[derive(Debug, Clone, Default)]
pub struct IssuedFilter {
    /// Held by this agent.
    pub agent: Option<String>,
    /// Not expired at this instant.
    pub live_at: Option<Instant>,
    /// Positions below this one: the cursor, newest first.
    pub before: Option<i64>,
}

impl TenantRead<'_> {
    /// One issued credential.
    pub async fn issued(&self, id: &str) -> Result<Option<Issued>, StoreError> {
        let row = self.one(&format!("{SELECT} AND i.id = ?"), vec![id.into()]).await?;
        row.as_ref().map(issued_of).transpose()
    }

    /// Issued credentials, newest first.
    pub async fn issued_page(&self, filter: &IssuedFilter, limit: u32) -> Result<Vec<Issued>, StoreError> {
        let mut text = SELECT.to_owned();
        let mut values: Vec<Value> = Vec::new();
        let live_at = filter.live_at.unwrap_or(Instant(i64::MIN));
        if let Some(agent) = &filter.agent {
            let (clause, of_agent) = held_by(self.tenant, std::slice::from_ref(agent), live_at);
            text.push_str(&format!(" AND i.seq IN {clause}"));
            values.extend(of_agent);
        } else {
            text.push_str(" AND i.expires_at > ?");
            values.push(live_at.0.into());
        }
        if let Some(before) = filter.before {
            text.push_str(" AND i.seq < ?");
            values.push(before.into());
        }
        text.push_str(" ORDER BY i.seq DESC LIMIT ?");
        values.push(i64::from(limit).into());
        self.all(&text, values).await?.iter().map(issued_of).collect()
    }

    /// Credentials derived from this root, nearest first.
    pub async fn issued_below(&self, root: &str, limit: u32) -> Result<Vec<Issued>, StoreError> {
        let text = format!("{SELECT} AND i.root = ? AND i.depth > 0 ORDER BY i.depth, i.seq LIMIT ?");
        self.all(&text, vec![root.into(), i64::from(limit).into()]).await?.iter().map(issued_of).collect()
    }

    /// When the last credential of each of these agents was issued, as far as the one that lasts longest tells: the
    /// index knows when credentials end, and an agent's usually end in the order in which they were issued.
    pub async fn last_issued(&self, agents: &[String]) -> Result<Vec<(String, Instant)>, StoreError> {
        if agents.is_empty() {
            return Ok(Vec::new());
        }
        let rows = vec!["(?)"; agents.len()].join(", ");
        let text = format!(
            "WITH here (tenant) AS (VALUES (?)), asked (agent) AS (VALUES {rows}), last (agent, issued_at) AS \
             (SELECT asked.agent, (SELECT MAX(i.issued_at) FROM issued i WHERE i.tenant = here.tenant \
             AND i.agent = asked.agent AND (i.seq = (SELECT x.seq FROM issued_agents x WHERE x.tenant = here.tenant \
             AND x.agent = asked.agent ORDER BY x.expires_at DESC, x.seq DESC LIMIT 1) OR i.seq > \
             (SELECT indexed_seq FROM log_heads h WHERE h.tenant = here.tenant))) FROM asked, here) \
             SELECT agent, issued_at FROM last WHERE issued_at IS NOT NULL"
        );
        let rows = self.all(&text, agents.iter().map(|id| id.as_str().into()).collect()).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("", "agent")?, Instant(row.try_get("", "issued_at")?))))
            .collect()
    }
}

/// The positions of what these agents hold that ends after an instant, as a subquery: what the index has, and what
/// it does not have yet.
pub(crate) fn held_by(tenant: &str, agents: &[String], live_at: Instant) -> (String, Vec<Value>) {
    let marks = crate::sql::marks(agents.len());
    let text = format!(
        "(SELECT seq FROM issued_agents WHERE tenant = ? AND agent IN {marks} AND expires_at > ? UNION ALL \
         SELECT seq FROM issued WHERE tenant = ? AND agent IN {marks} AND expires_at > ? \
         AND seq > (SELECT indexed_seq FROM log_heads WHERE tenant = ?))"
    );
    let mut once: Vec<Value> = vec![tenant.into()];
    once.extend(agents.iter().map(|id| Value::from(id.as_str())));
    once.push(live_at.0.into());
    let mut values = [once.clone(), once].concat();
    values.push(tenant.into());
    (text, values)
}
