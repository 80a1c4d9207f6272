//! Whom a role reaches: the agents that it is bound to, and those in the groups that it is bound to.

use std::collections::BTreeSet;

use deputy_store::{TenantRead, model::Principal};

use crate::Refusal;

/// The agents among these principals and in the groups among them, however deep, by id.
///
/// People are not followed: a group's or a person's entitlements never reach the agents that they own.
pub(crate) async fn agents_reached(
    read: &TenantRead<'_>,
    principals: impl IntoIterator<Item = Principal>,
) -> Result<BTreeSet<String>, Refusal> {
    let mut agents = BTreeSet::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut next: Vec<String> = Vec::new();
    for principal in principals {
        match principal {
            Principal::Agent(id) => drop(agents.insert(id)),
            Principal::Group(id) if seen.insert(id.clone()) => next.push(id),
            Principal::Group(_) | Principal::User(_) => {}
        }
    }
    while !next.is_empty() {
        let groups = read.groups(Some(&std::mem::take(&mut next))).await?;
        for member in groups.into_iter().flat_map(|group| group.members) {
            match member.split_once(':') {
                Some(("agent", id)) => drop(agents.insert(id.to_owned())),
                Some(("group", id)) if seen.insert(id.to_owned()) => next.push(id.to_owned()),
                _ => {}
            }
        }
    }
    Ok(agents)
}
