//! Issued credentials: who has what, until when, and from whom. Never the secret part.

use deputy_mandate::Instant;
use sea_orm::{QueryResult, Value};

use crate::{StoreError, TenantRead};

pub(crate) const HEAD: &str =
    "INSERT INTO issued (tenant, id, seq, agent, subject, root, parent, depth, issued_at, expires_at, body)";
pub(crate) const WIDTH: usize = 11;

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
    /// What it carries, as JSON: scope, audience, mandate, chain.
    pub body: String,
}

pub(crate) fn push(rows: &mut Vec<Value>, tenant: &str, issued: &Issued, seq: i64) {
    rows.extend([tenant.into(), issued.id.as_str().into(), seq.into(), issued.agent.as_str().into()]);
    rows.extend([issued.subject.clone().into(), issued.root.as_str().into(), issued.parent.clone().into()]);
    rows.extend([i64::from(issued.depth).into(), issued.issued_at.0.into(), issued.expires_at.0.into()]);
    rows.push(issued.body.as_str().into());
}

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
        body: row.try_get("", "body")?,
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

/// How much a revocation would reach, counted to a bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// Live credentials.
    pub tokens: u64,
    /// Distinct agents that hold them.
    pub agents: u64,
    /// True when counting stopped at the bound.
    pub at_least: bool,
}

/// Where counting stops.
const REACH_BOUND: i64 = 10_000;

impl TenantRead<'_> {
    /// One issued credential.
    pub async fn issued(&self, id: &str) -> Result<Option<Issued>, StoreError> {
        let row = self.one("SELECT * FROM issued WHERE tenant = ? AND id = ?", vec![id.into()]).await?;
        row.as_ref().map(issued_of).transpose()
    }

    /// Issued credentials, newest first.
    pub async fn issued_page(&self, filter: &IssuedFilter, limit: u32) -> Result<Vec<Issued>, StoreError> {
        let mut text = "SELECT * FROM issued WHERE tenant = ?".to_owned();
        let mut values: Vec<Value> = Vec::new();
        if let Some(agent) = &filter.agent {
            text.push_str(" AND agent = ?");
            values.push(agent.as_str().into());
        }
        if let Some(at) = filter.live_at {
            text.push_str(" AND expires_at > ?");
            values.push(at.0.into());
        }
        if let Some(before) = filter.before {
            text.push_str(" AND seq < ?");
            values.push(before.into());
        }
        text.push_str(" ORDER BY seq DESC LIMIT ?");
        values.push(i64::from(limit).into());
        self.all(&text, values).await?.iter().map(issued_of).collect()
    }

    /// Credentials derived from this root, nearest first.
    pub async fn issued_below(&self, root: &str, limit: u32) -> Result<Vec<Issued>, StoreError> {
        let text =
            "SELECT * FROM issued WHERE tenant = ? AND root = ? AND depth > 0 ORDER BY depth, seq LIMIT ?";
        self.all(text, vec![root.into(), i64::from(limit).into()]).await?.iter().map(issued_of).collect()
    }

    /// When the last credential of an agent was issued, as far as the one that lasts longest tells: the index
    /// knows when credentials end, and an agent's usually end in the order in which they were issued.
    pub async fn last_issued(&self, agent: &str) -> Result<Option<Instant>, StoreError> {
        let text =
            "SELECT issued_at FROM issued WHERE tenant = ? AND agent = ? ORDER BY expires_at DESC LIMIT 1";
        let row = self.one(text, vec![agent.into()]).await?;
        row.map(|row| Ok(Instant(row.try_get("", "issued_at")?))).transpose()
    }

    /// Live credentials held by any of these agents, or all of the tenant's, counted to a bound.
    pub async fn reach(&self, agents: Option<&[String]>, now: Instant) -> Result<Reach, StoreError> {
        let mut values: Vec<Value> = vec![now.0.into()];
        let narrow = match agents {
            Some([]) => return Ok(Reach::default()),
            Some(agents) => {
                values.extend(agents.iter().map(|id| Value::from(id.as_str())));
                format!(" AND agent IN {}", crate::sql::marks(agents.len()))
            }
            None => String::new(),
        };
        let text = format!(
            "SELECT COUNT(*) AS tokens, COUNT(DISTINCT agent) AS agents FROM \
             (SELECT agent FROM issued WHERE tenant = ? AND expires_at > ?{narrow} LIMIT ?) AS reached"
        );
        values.push((REACH_BOUND + 1).into());
        let Some(row) = self.one(&text, values).await? else { return Ok(Reach::default()) };
        let (tokens, agents): (i64, i64) = (row.try_get("", "tokens")?, row.try_get("", "agents")?);
        Ok(Reach {
            tokens: u64::try_from(tokens.min(REACH_BOUND)).unwrap_or(0),
            agents: u64::try_from(agents).unwrap_or(0),
            at_least: tokens > REACH_BOUND,
        })
    }
}
