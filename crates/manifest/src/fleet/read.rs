//! Reads the members of a fleet.
//!
//! Invariant: an entry that is wrong leaves a gap, so that the index of every other entry is that of the file.

use super::{API_VERSION, FleetAgent, KIND};
use crate::entry::{
    AGENT_MEMBERS, CredentialEntry, ResourceEntry, RoleEntry, ToolEntry, read_agent, read_catalogue,
    read_credential, read_resource, read_role,
};
use crate::reader::{Members, Report};
use crate::words::quoted;
use crate::yaml::Node;

const MEMBERS: [&str; 6] = ["apiVersion", "kind", "resources", "tools", "roles", "agents"];

/// The members of an agent that only a manifest has.
const MANIFEST_ONLY: [&str; 2] = ["roles", "credentials"];

/// The entries of a fleet.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) resources: Vec<Option<ResourceEntry>>,
    pub(super) tools: Vec<ToolEntry>,
    pub(super) roles: Vec<Option<RoleEntry>>,
    pub(super) agents: Vec<Option<FleetAgent>>,
}

pub(super) fn fleet<'n>(report: &mut Report<'n>, root: &'n Node) -> Parts {
    let Some(members) = report.members(root, "a manifest", &MEMBERS) else { return Parts::default() };
    constant(report, members, "apiVersion", API_VERSION);
    constant(report, members, "kind", KIND);
    Parts {
        resources: entries(report, members, "resources", read_resource),
        tools: members.or_default(report, "tools", read_catalogue).unwrap_or_default(),
        roles: entries(report, members, "roles", read_role),
        agents: entries(report, members, "agents", agent),
    }
}

/// A member that has one value only.
fn constant<'n>(report: &mut Report<'n>, members: Members<'n>, name: &'static str, value: &str) {
    let why = format!("a manifest starts with `{name}: {value}`");
    members.required(report, name, &why, |report, node| {
        let text = report.text(node)?;
        if text != value {
            report.note(node.at, format!("{} is not known here: this reads `{name}: {value}`", quoted(text)));
        }
        Some(())
    });
}

/// A list of entries, each wrong one a gap.
fn entries<'n, T>(
    report: &mut Report<'n>,
    members: Members<'n>,
    name: &'static str,
    mut read: impl FnMut(&mut Report<'n>, &'n Node) -> Option<T>,
) -> Vec<Option<T>> {
    let list = members
        .optional(report, name, |report, node| report.list(node, |report, node| Some(read(report, node))));
    list.flatten().unwrap_or_default()
}

fn agent<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<FleetAgent> {
    let known: Vec<&'static str> = AGENT_MEMBERS.into_iter().chain(MANIFEST_ONLY).collect();
    let members = report.members(node, "an agent", &known)?;
    let entry = read_agent(report, members);
    let roles = members.or_default(report, "roles", |report, node| report.list(node, Report::parsed));
    let credentials = members.optional(report, "credentials", credentials);
    Some(FleetAgent {
        entry: entry?,
        roles: roles?.into_iter().collect(),
        credentials: credentials?.unwrap_or_else(|| vec![CredentialEntry::Secret]),
    })
}

fn credentials<'n>(report: &mut Report<'n>, node: &'n Node) -> Option<Vec<CredentialEntry>> {
    let credentials = report.list(node, read_credential)?;
    if credentials.is_empty() {
        report.note(
            node.at,
            "every agent gets a credential: name one, or leave `credentials` out for a secret",
        );
        return None;
    }
    let repeated = credentials
        .iter()
        .enumerate()
        .any(|(index, one)| credentials.iter().take(index).any(|other| other == one));
    if repeated {
        report.note(node.at, "a credential is listed twice: keep one of the two");
        return None;
    }
    Some(credentials)
}
