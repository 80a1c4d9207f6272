//! The lines of a plan, as the import answers them.

use serde::Serialize;
use serde_json::Value;

/// What an import would change, or has changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Plan {
    /// What is new.
    pub created: Vec<Item>,
    /// What is there and differs.
    pub updated: Vec<Item>,
    /// What is there already, just so.
    pub unchanged: Vec<Item>,
    /// What goes.
    pub deleted: Vec<Item>,
    /// What `prune` would delete if nothing made elsewhere used it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Item>,
}

impl Plan {
    /// Whether the import has nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.created.is_empty() && self.updated.is_empty() && self.deleted.is_empty()
    }
}

/// The kinds of entry that a manifest makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A resource server, named by its URI.
    Resource,
    /// A tool of the catalogue.
    Tool,
    /// A role.
    Role,
    /// An agent.
    Agent,
    /// A role bound to an agent, named by the agent.
    Binding,
}

/// One entry of a plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// What kind of entry it is.
    pub kind: ItemKind,
    /// Its name; of a binding, its agent's.
    pub name: String,
    /// Of a binding, its role's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What differs, member by member.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Its index among the fleet's entries of its kind (of a binding, its agent's); none for what goes.
    #[serde(skip)]
    pub index: Option<usize>,
}

impl Item {
    pub(super) fn new(kind: ItemKind, name: &str) -> Self {
        Self { kind, name: name.to_owned(), role: None, changes: Vec::new(), index: None }
    }

    pub(super) fn at(kind: ItemKind, name: &str, index: usize) -> Self {
        Self { index: Some(index), ..Self::new(kind, name) }
    }

    pub(super) fn binding(agent: &str, role: &str, index: Option<usize>) -> Self {
        Self { role: Some(role.to_owned()), index, ..Self::new(ItemKind::Binding, agent) }
    }
}

/// One member that differs. An absent member is null.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The member.
    pub field: String,
    /// What it is now.
    pub from: Value,
    /// What it would be.
    pub to: Value,
}
