//! What a fleet takes from the tenant: everything that it refers to and does not declare.
//!
//! Invariant: one item for every reference, in the order of the file, with its place, so that whoever knows the
//! tenant's state can tell at which line something is missing.

use std::collections::BTreeSet;

use super::Fleet;
use crate::entry::{AgentName, PrincipalKind, Reference, ResourceUri};
use crate::problem::{Position, Problem};
use crate::yaml::{Step, path_text};

/// What kind of thing has to be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutsideKind {
    /// A person, by id, user name or e-mail.
    User,
    /// A team, by id or name.
    Group,
    /// An agent, by id or name.
    Agent,
    /// A role, by id or name.
    Role,
    /// A resource server, by URI.
    Resource,
}

impl OutsideKind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Agent => "agent",
            Self::Role => "role",
            Self::Resource => "resource",
        }
    }
}

/// One reference to something that the file does not declare.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outside {
    /// Where it is referred to.
    pub at: Position,
    /// The member that refers to it, for example `agents[3].owners[0]`.
    pub path: String,
    /// What it is.
    pub kind: OutsideKind,
    /// Its id, name or URI.
    pub name: String,
}

impl Outside {
    /// A problem with this reference.
    #[must_use]
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.at, self.path.clone(), message)
    }
}

pub(super) fn find(fleet: &Fleet) -> Vec<Outside> {
    let roles: BTreeSet<&str> = fleet.roles.iter().map(|role| role.name.as_str()).collect();
    let agents: BTreeSet<&str> = fleet.agents.iter().map(|agent| agent.entry.name.as_str()).collect();
    let resources: BTreeSet<&str> = fleet.resources.iter().map(|resource| resource.uri.as_str()).collect();
    let mut found = Finder { fleet, items: Vec::new() };
    for (index, role) in fleet.roles.iter().enumerate() {
        let wanted =
            role.audience.iter().flatten().map(ResourceUri::as_str).filter(|uri| !resources.contains(uri));
        found.in_list(&["roles".into(), index.into(), "audience".into()], OutsideKind::Resource, wanted);
    }
    for (index, agent) in fleet.agents.iter().enumerate() {
        let member = |name: &'static str| [Step::from("agents"), Step::from(index), Step::from(name)];
        found.people(&member("owners"), &agent.entry.owners);
        found.people(&member("may_act_for"), agent.entry.may_act_for.iter().flatten());
        let wanted = agent.roles.iter().map(AsRef::as_ref).filter(|name| !roles.contains(name));
        found.in_list(&member("roles"), OutsideKind::Role, wanted);
        if let Some(uri) =
            agent.entry.default_audience.as_ref().filter(|uri| !resources.contains(uri.as_str()))
        {
            found.one(&member("default_audience"), OutsideKind::Resource, uri.as_str());
        }
        if let Some(name) =
            agent.entry.parent.as_ref().map(AgentName::as_str).filter(|name| !agents.contains(name))
        {
            found.one(&member("parent"), OutsideKind::Agent, name);
        }
    }
    found.items.sort();
    found.items
}

struct Finder<'f> {
    fleet: &'f Fleet,
    items: Vec<Outside>,
}

impl<'f> Finder<'f> {
    fn one(&mut self, steps: &[Step<'_>], kind: OutsideKind, name: &str) {
        let at = self.fleet.position(steps);
        self.items.push(Outside { at, path: path_text(steps), kind, name: name.to_owned() });
    }

    fn people(&mut self, list: &[Step<'_>], people: impl IntoIterator<Item = &'f Reference>) {
        for person in people {
            let kind = match person.kind() {
                PrincipalKind::User => OutsideKind::User,
                PrincipalKind::Group => OutsideKind::Group,
                PrincipalKind::Agent => OutsideKind::Agent,
            };
            let (at, path) = self.fleet.source.locate_item(list, &person.to_string());
            self.items.push(Outside { at, path, kind, name: person.target().to_owned() });
        }
    }

    fn in_list(&mut self, list: &[Step<'_>], kind: OutsideKind, names: impl IntoIterator<Item = &'f str>) {
        for name in names {
            let (at, path) = self.fleet.source.locate_item(list, name);
            self.items.push(Outside { at, path, kind, name: name.to_owned() });
        }
    }
}
