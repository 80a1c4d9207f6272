//! Reading one resource, and making what was read complete.

use std::collections::{BTreeMap, HashMap};

use deputy_scim::{GROUP, Projection, Resource, ResourceType, USER};
use deputy_store::{Membership, Person, Team, TenantRead, model::AgentState};

use super::{ScimAnswer, answer, require_provisioner};
use crate::{Caller, Engine, Refusal, view::TenantView};

impl Engine {
    /// One resource.
    ///
    /// # Errors
    /// `Forbidden` for a key that is not for SCIM; `NotFound`.
    pub async fn scim_read(
        &self,
        view: &TenantView,
        caller: &Caller,
        kind: &'static ResourceType,
        id: &str,
        projection: &Projection,
    ) -> Result<ScimAnswer, Refusal> {
        require_provisioner(caller)?;
        let read = self.inner.database.tenant(&view.id);
        let base = self.scim_base(view);
        let resource = if *kind == USER {
            let person = read.person(id).await?.ok_or(Refusal::NotFound)?;
            self.show_people(&read, &[person], projection, &base).await?.pop()
        } else if *kind == GROUP {
            let team = read.team(id).await?.ok_or(Refusal::NotFound)?;
            self.show_teams(view, &read, &[team], projection, &base).await?.pop()
        } else {
            self.agent_resource(view, id)
        };
        Ok(answer::answer(&resource.ok_or(Refusal::NotFound)?, projection))
    }

    /// People with the groups that they are in, if anybody asks for those.
    pub(super) async fn show_people(
        &self,
        read: &TenantRead<'_>,
        people: &[Person],
        projection: &Projection,
        base: &str,
    ) -> Result<Vec<Resource>, Refusal> {
        let mut groups: HashMap<String, Vec<Membership>> = HashMap::new();
        if projection.wants("groups", &USER) {
            let members: Vec<String> = people.iter().map(|person| format!("user:{}", person.id)).collect();
            for one in read.groups_with(&members).await? {
                groups.entry(one.member.clone()).or_default().push(one);
            }
        }
        let shown = |person: &Person| {
            let groups = groups.get(&format!("user:{}", person.id)).map_or(&[][..], Vec::as_slice);
            answer::person(person, groups, base)
        };
        Ok(people.iter().map(shown).collect())
    }

    /// Groups with their members, if anybody asks for those.
    pub(super) async fn show_teams(
        &self,
        view: &TenantView,
        read: &TenantRead<'_>,
        teams: &[Team],
        projection: &Projection,
        base: &str,
    ) -> Result<Vec<Resource>, Refusal> {
        let mut members: HashMap<String, Vec<Membership>> = HashMap::new();
        let mut names = BTreeMap::new();
        if projection.wants("members", &GROUP) {
            let ids: Vec<String> = teams.iter().map(|team| team.id.clone()).collect();
            let mut found = read.members(&ids).await?;
            found.retain(|one| !is_gone(view, one));
            names = agent_names(view, &found);
            for one in found {
                members.entry(one.group.clone()).or_default().push(one);
            }
        }
        let shown = |team: &Team| {
            let members = members.get(&team.id).map_or(&[][..], Vec::as_slice);
            answer::team(team, members, &names, base)
        };
        Ok(teams.iter().map(shown).collect())
    }
}

/// Whether a member is an agent whom an administrator decommissioned: there is nothing to refer to.
fn is_gone(view: &TenantView, one: &Membership) -> bool {
    let Some(id) = one.member.strip_prefix("agent:") else { return false };
    view.read().agents.get(id).is_some_and(|agent| agent.state == AgentState::Decommissioned)
}

/// The names of the agents among members: memory has them.
fn agent_names(view: &TenantView, members: &[Membership]) -> BTreeMap<String, String> {
    let state = view.read();
    let name = |one: &Membership| {
        let agent = state.agents.get(one.member.strip_prefix("agent:")?)?;
        Some((one.member.clone(), agent.name.clone()))
    };
    members.iter().filter_map(name).collect()
}
