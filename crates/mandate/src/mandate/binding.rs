//! What authority is bound to: a task, a contract, a session. Absent is top; different values never meet.

use serde::{Deserialize, Serialize};

/// Up to one string each; declared, and so written, in canonical order (RFC 8785).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The contract it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The session it lives in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The task it was given for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
}

impl Binding {
    /// The members by name, in byte order.
    #[must_use]
    pub fn members(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("contract", self.contract.as_deref()),
            ("session", self.session.as_deref()),
            ("task", self.task.as_deref()),
        ]
    }

    /// Whether nothing is bound.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members().iter().all(|(_, value)| value.is_none())
    }

    /// What both say; `None` is Bottom: they name different things.
    #[must_use]
    pub fn meet(&self, other: &Self) -> Option<Self> {
        Some(Self {
            task: meet(self.task.as_ref(), other.task.as_ref())?,
            contract: meet(self.contract.as_ref(), other.contract.as_ref())?,
            session: meet(self.session.as_ref(), other.session.as_ref())?,
        })
    }

    /// Whether `self` has every member of `other`.
    #[must_use]
    pub fn is_below(&self, other: &Self) -> bool {
        self.members()
            .iter()
            .zip(other.members())
            .all(|((_, own), (_, wanted))| wanted.is_none() || *own == wanted)
    }
}

fn meet(a: Option<&String>, b: Option<&String>) -> Option<Option<String>> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => Some(a.or(b).cloned()),
    }
}
