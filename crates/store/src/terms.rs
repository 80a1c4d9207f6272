//! The log's index by agent, subject and credential, and that of issued credentials by agent.
//!
//! It follows the log in steps of [`STEP`] events instead of with each: an index entry goes to a page of its own
//! agent, so that the sixteen events of a small commit would dirty sixteen pages more, and a step of a thousand not
//! many more than that. Invariant: entries up to the head's `indexed_seq` are there, all of them and no others;
//! readers look through what comes after it.

use sea_orm::{DbBackend, Statement, Value};

use crate::{StoreError, TenantTx, log::LogHead, sql};

/// Events between two steps: what a reader looks through at most, but for what one transaction added.
const STEP: i64 = 1_000;

/// What an event can be found by.
pub(crate) enum Term<'t> {
    Agent(&'t str),
    Subject(&'t str),
    Credential(&'t str),
}

impl Term<'_> {
    /// As it is stored.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Agent(id) => format!("agent:{id}"),
            Self::Subject(id) => format!("subject:{id}"),
            Self::Credential(id) => format!("credential:{id}"),
        }
    }
}

/// What takes the next step, when the log is far enough ahead; the head says that it was taken.
pub(crate) fn follow(backend: DbBackend, tenant: &str, head: &mut LogHead) -> Vec<Statement> {
    if head.seq - head.indexed_seq < STEP {
        return Vec::new();
    }
    let part = |member: &str| {
        format!(
            "SELECT tenant, '{member}:' || {member} AS term, seq FROM events \
             WHERE tenant = ? AND seq > ? AND seq <= ? AND {member} IS NOT NULL"
        )
    };
    let parts = ["agent", "subject", "credential"].map(part).join(" UNION ALL ");
    let terms = format!(
        "INSERT INTO event_terms (tenant, term, seq) SELECT * FROM ({parts}) AS new ORDER BY term, seq"
    );
    let range = || -> [Value; 3] { [tenant.into(), head.indexed_seq.into(), head.seq.into()] };
    let thrice = [range(), range(), range()].concat();
    let issued = "INSERT INTO issued_agents (tenant, agent, expires_at, seq) \
                  SELECT tenant, agent, expires_at, seq FROM issued \
                  WHERE tenant = ? AND seq > ? AND seq <= ? ORDER BY agent, expires_at, seq";
    let steps =
        vec![sql::statement(backend, &terms, thrice), sql::statement(backend, issued, range().to_vec())];
    head.indexed_seq = head.seq;
    steps
}

impl TenantTx<'_> {
    /// Removes the entries of events up to a position.
    pub(crate) async fn delete_terms(&self, through: i64) -> Result<(), StoreError> {
        for member in ["agent", "subject", "credential"] {
            let text = format!(
                "DELETE FROM event_terms WHERE tenant = ? AND (term, seq) IN \
                 (SELECT '{member}:' || {member}, seq FROM events WHERE tenant = ? AND seq <= ? AND {member} IS NOT NULL)"
            );
            self.run(&text, vec![self.tenant.into(), through.into()]).await?;
        }
        Ok(())
    }
}
