//! A fleet: everything that one manifest says, with the way back to the place where it says so.
//!
//! Invariant: a fleet that exists is sound in itself. What it takes from the tenant (people, and whatever else the
//! file does not declare) is listed by [`Fleet::outside`], so that nothing dangles unnoticed.

mod conflicts;
mod links;
mod outside;
mod read;

use std::collections::BTreeSet;

pub use outside::{Outside, OutsideKind};

use crate::entry::{AgentEntry, CredentialEntry, ResourceEntry, RoleEntry, RoleName, ToolEntry};
use crate::problem::{Position, Problem, Problems};
use crate::reader::Report;
use crate::yaml::{Node, Step, compose, path_text};

/// The version of the format that this crate reads.
pub const API_VERSION: &str = "deputy/v1";

/// The kind of document that this crate reads.
pub const KIND: &str = "Fleet";

/// Everything that one manifest says.
#[derive(Debug, Clone)]
pub struct Fleet {
    /// Resource servers, in the order of the file.
    pub resources: Vec<ResourceEntry>,
    /// The tool catalogue, by name.
    pub tools: Vec<ToolEntry>,
    /// Roles, in the order of the file.
    pub roles: Vec<RoleEntry>,
    /// Agents, in the order of the file.
    pub agents: Vec<FleetAgent>,
    source: Node,
}

/// An agent with the roles that it is bound to and the credentials that it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetAgent {
    /// Its entry.
    pub entry: AgentEntry,
    /// The roles that it is bound to.
    pub roles: BTreeSet<RoleName>,
    /// The credentials that it gets when it is created; a secret when the file does not say.
    pub credentials: Vec<CredentialEntry>,
}

impl Fleet {
    /// What the file refers to without declaring it, in the order of the file; the tenant has to have it.
    #[must_use]
    pub fn outside(&self) -> Vec<Outside> {
        outside::find(self)
    }

    /// A problem that only the tenant's state can show, at the place of a member: for the name of the fourth agent
    /// `&["agents".into(), 3.into(), "name".into()]`.
    #[must_use]
    pub fn problem(&self, steps: &[Step<'_>], message: impl Into<String>) -> Problem {
        Problem::new(self.position(steps), path_text(steps), message)
    }

    /// The place of a member; of the nearest one around it when it is not written in the file.
    #[must_use]
    pub fn position(&self, steps: &[Step<'_>]) -> Position {
        self.source.locate(steps)
    }
}

/// Reads a manifest.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file. Time and memory are bounded by the bounds of the
/// file ([`MAX_BYTES`](crate::MAX_BYTES), [`MAX_VALUES`](crate::MAX_VALUES), [`MAX_DEPTH`](crate::MAX_DEPTH)).
pub fn parse(bytes: &[u8]) -> Result<Fleet, Problems> {
    let (root, problems) = compose(bytes);
    let Some(root) = root else { return Err(problems.in_order()) };
    let mut report = Report::new(problems);
    let parts = read::fleet(&mut report, &root);
    links::verify(&mut report, &root);
    conflicts::verify(&mut report, &root, &parts);
    let problems = report.into_problems();
    let read::Parts { resources, tools, roles, agents } = parts;
    let fleet = Fleet {
        resources: resources.into_iter().flatten().collect(),
        tools,
        roles: roles.into_iter().flatten().collect(),
        agents: agents.into_iter().flatten().collect(),
        source: root,
    };
    problems.or(fleet)
}
