//! Live credentials that a revocation could reach, page by page.
//!
//! What is read here is a superset found by index; whether a chain is reached is decided by the same
//! index of revocations that decides about it afterwards.

use deputy_mandate::Instant;
use sea_orm::{QueryResult, Value};

use crate::{StoreError, TenantRead, issued::held_by};

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidates {
    /// One credential and what was derived from it.
    Credential(String),
    /// The credentials of these agents and what was derived from them.
    Agents(Vec<String>),
    /// Everything done for this person.
    Subject(String),
    /// Credentials whose chain holds this value.
    Holding(String),
    /// Everything.
    All,
}

/// A live credential.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its id.
    pub id: String,
    /// The agent that holds it.
    pub agent: String,
    /// The text of the event that issued it; its `chain` is the credential's.
    pub event: String,
}

fn candidate_of(row: &QueryResult) -> Result<Candidate, StoreError> {
    Ok(Candidate {
        id: row.try_get("", "id")?,
        agent: row.try_get("", "agent")?,
        event: row.try_get("", "body")?,
    })
}

/// Candidates with their events; the tenant is the first mark.
const SELECT: &str = "SELECT i.id, i.agent, e.body FROM issued i JOIN events e \
                      ON e.tenant = i.tenant AND e.seq = i.seq WHERE i.tenant = ?";

impl TenantRead<'_> {
    /// Credentials of these agents that have not expired, at most so many.
    pub async fn unexpired_of(
        &self,
        agents: &[String],
        now: Instant,
        limit: u32,
    ) -> Result<Vec<Candidate>, StoreError> {
        if agents.is_empty() {
            return Ok(Vec::new());
        }
        let (held, mut values) = held_by(self.tenant, agents, now);
        values.push(i64::from(limit).into());
        let text = format!("{SELECT} AND i.seq IN {held} LIMIT ?");
        self.all(&text, values).await?.iter().map(candidate_of).collect()
    }

    /// Live credentials among these, by falling id, below one if it is given.
    pub async fn live_candidates(
        &self,
        among: &Candidates,
        now: Instant,
        below: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Candidate>, StoreError> {
        let mut text = format!("{SELECT} AND i.expires_at > ?");
        let mut values: Vec<Value> = vec![now.0.into()];
        match among {
            Candidates::All => {}
            Candidates::Credential(id) => {
                text.push_str(
                    " AND (i.id = ? OR (i.depth > 0 AND i.root = (SELECT root FROM issued WHERE tenant = ? AND id = ?)))",
                );
                values.extend([id.as_str().into(), self.tenant.into(), id.as_str().into()]);
            }
            Candidates::Agents(agents) if agents.is_empty() => return Ok(Vec::new()),
            Candidates::Agents(agents) => {
                let (held, of_agents) = held_by(self.tenant, agents, now);
                text.push_str(&format!(
                    " AND (i.seq IN {held} OR (i.depth > 0 AND i.root IN \
                     (SELECT root FROM issued WHERE tenant = ? AND seq IN {held})))"
                ));
                values.extend(of_agents.iter().cloned());
                values.push(self.tenant.into());
                values.extend(of_agents);
            }
            Candidates::Subject(id) => {
                text.push_str(" AND i.subject = ?");
                values.push(id.as_str().into());
            }
            Candidates::Holding(value) => {
                text.push_str(" AND e.body LIKE ?");
                values.push(pattern(value).into());
            }
        }
        if let Some(below) = below {
            text.push_str(" AND i.id < ?");
            values.push(below.into());
        }
        text.push_str(" ORDER BY i.id DESC LIMIT ?");
        values.push(i64::from(limit).into());
        self.all(&text, values).await?.iter().map(candidate_of).collect()
    }
}

/// A pattern that every JSON text with this string in it fits; others may fit too.
fn pattern(value: &str) -> String {
    let json = serde_json::Value::from(value).to_string();
    // What has a meaning in a pattern becomes "any one character".
    format!("%{}%", json.replace(['%', '\\'], "_"))
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_pattern_means_no_less_than_its_value() {
        assert_eq!(pattern("task-42"), "%\"task-42\"%");
        assert_eq!(pattern("50%\"\\"), "%\"50__\"__\"%");
    }
}
