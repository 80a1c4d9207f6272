//! `?dry_run=true`: whose authority a change would alter, and how, on a copy of the state.
//!
//! Invariant: nothing is written, and what is answered is what the change would then do: the same
//! plan, applied by the same code that applies it to memory, compared ceiling by ceiling.

use std::collections::BTreeSet;

use deputy_mandate::{Leg, Terms, ceiling, tool_conflicts};
use deputy_store::{
    Changes, Kind, User,
    model::{Agent, AgentState, AnyRecord, Principal, Role},
};
use serde::Serialize;

use super::{
    AuthorityChange, Difference, conflicts,
    plan::{Planned, plan},
};
use crate::{
    Caller, Engine, Refusal, federation,
    view::{Reached, TenantState, TenantView, authority_of},
};

/// Most agents and most people that are listed; the counts are of all.
const MOST_LISTED: usize = 1_000;

/// Whose authority would change.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AuthorityPreview {
    /// Agents, once for each audience for which their ceiling would change; the first 1,000.
    pub agents: Vec<AgentDifference>,
    /// How many entries `agents` would have without that bound.
    pub agents_changed: usize,
    /// People whose entitlements would change; the first 1,000.
    pub people: Vec<PersonDifference>,
    /// How many entries `people` would have without that bound.
    pub people_changed: usize,
}

/// How one agent's ceiling would change.
#[derive(Debug, Clone, Serialize)]
pub struct AgentDifference {
    /// The agent's id.
    pub id: String,
    /// Its name.
    pub agent: String,
    /// For tokens for this audience.
    pub audience: String,
    /// What would change.
    #[serde(flatten)]
    pub difference: Difference,
}

/// How the entitlements of one person would change.
#[derive(Debug, Clone, Serialize)]
pub struct PersonDifference {
    /// The person's id.
    pub id: String,
    /// Their user name.
    pub user: String,
    /// What would change.
    #[serde(flatten)]
    pub difference: Difference,
}

impl Engine {
    /// Says what a change would do, without doing it.
    pub async fn preview_authority(
        &self,
        view: &TenantView,
        caller: &Caller,
        change: &AuthorityChange,
    ) -> Result<AuthorityPreview, Refusal> {
        caller.require_reader()?;
        let (id, now) = (self.inner.sources.id()?, self.inner.sources.now());
        let planned = plan(&self.inner.database.tenant(&view.id), change, &id, now).await?;
        let read = self.inner.database.tenant(&view.id);
        let mut before = view.read().authority_part();
        let Reached { agents, mut people, groups } = before.reached(subjects(&before, &planned).into_iter());
        people.extend(read.people_in(&groups.into_iter().collect::<Vec<_>>()).await?);
        let people: Vec<String> = people.into_iter().collect();
        let members: Vec<String> = people.iter().map(|id| format!("user:{id}")).collect();
        before.know_members(&read.groups_with(&members).await?);
        let people = read.users(&people).await?;
        let mut after = before.authority_part();
        after.apply(changes(&planned));
        compare(&before, &after, &planned, &agents, &people)
    }
}

/// The plan in the form in which memory takes changes.
fn changes(planned: &Planned) -> Changes {
    let mut changes = Changes::default();
    match planned {
        Planned::Role { after: Some(role), .. } => {
            changes.records.push(AnyRecord::Role(Box::new(role.clone())))
        }
        Planned::Role { before, after: None } => {
            changes.gone.extend(before.iter().map(|role| (Kind::Role, role.id.clone())));
        }
        Planned::Binding { after: Some(binding), .. } => {
            changes.records.push(AnyRecord::RoleBinding(binding.clone()))
        }
        Planned::Binding { before, after: None, .. } => {
            changes.gone.extend(before.iter().map(|binding| (Kind::RoleBinding, binding.id.clone())));
        }
    }
    changes
}

/// Whom the change is about.
fn subjects<'s>(state: &'s TenantState, planned: &'s Planned) -> Vec<&'s Principal> {
    match planned {
        Planned::Role { before, after } => {
            let id = before.iter().chain(after).next().map(|role| role.id.as_str());
            let bound = state.bindings.values().filter(|binding| Some(binding.role.as_str()) == id);
            bound.map(|binding| &binding.subject).collect()
        }
        Planned::Binding { before, after, .. } => {
            before.iter().chain(after).map(|binding| &binding.subject).collect()
        }
    }
}

fn compare(
    before: &TenantState,
    after: &TenantState,
    planned: &Planned,
    agents: &BTreeSet<String>,
    people: &[User],
) -> Result<AuthorityPreview, Refusal> {
    let roles: Vec<&Role> = match planned {
        Planned::Role { before: old, after: new } => old.iter().chain(new).collect(),
        Planned::Binding { role, .. } => vec![role],
    };
    let mut preview = AuthorityPreview::default();
    for agent in
        agents.iter().filter_map(|id| before.agents.get(id)).filter(|a| a.state != AgentState::Decommissioned)
    {
        let held: Vec<_> = after.roles_of(&agent.id).into_iter().map(|role| authority_of(role)).collect();
        if let Some(conflict) = tool_conflicts(held.iter()).first() {
            return Err(conflicts::refusal(&agent.name, conflict));
        }
        for audience in audiences(before, agent, &roles) {
            let (old, new) = (most(before, agent, &audience), most(after, agent, &audience));
            let Some(difference) = Difference::between(&old, &new)? else { continue };
            preview.agents_changed += 1;
            if preview.agents.len() < MOST_LISTED {
                preview.agents.push(AgentDifference {
                    id: agent.id.clone(),
                    agent: agent.name.clone(),
                    audience,
                    difference,
                });
            }
        }
    }
    for person in people {
        let (old, new) = (entitlements(before, &person.id), entitlements(after, &person.id));
        let Some(difference) = Difference::between(&old, &new)? else { continue };
        preview.people_changed += 1;
        if preview.people.len() < MOST_LISTED {
            preview.people.push(PersonDifference {
                id: person.id.clone(),
                user: person.user_name.clone(),
                difference,
            });
        }
    }
    Ok(preview)
}

/// The audiences that these roles cover for an agent, as far as tokens can be asked for them.
fn audiences(state: &TenantState, agent: &Agent, roles: &[&Role]) -> BTreeSet<String> {
    let covered = roles.iter().flat_map(|role| match &role.audience {
        Some(stated) => stated.iter().map(String::as_str).collect(),
        None => state.audience_of(agent).into_iter().collect::<Vec<_>>(),
    });
    covered.filter(|uri| state.is_audience(uri)).map(str::to_owned).collect()
}

/// The most that an agent may get for an audience; nothing when there is no such thing.
fn most(state: &TenantState, agent: &Agent, audience: &str) -> Leg {
    let audience = BTreeSet::from([audience.to_owned()]);
    let (Ok(authority), Some(settings)) = (state.authority(agent, &audience), &state.settings) else {
        return Leg::default();
    };
    let terms = Terms {
        now: deputy_mandate::Instant(0),
        audience: &audience,
        default_ttl_secs: settings.ttl,
        expires_in: None,
        max_depth: settings.max_depth,
        catalogue: &state.catalogue,
    };
    ceiling(&authority.legs, &terms).unwrap_or_default()
}

/// A person's entitlements; the state knows here in which groups the person is.
fn entitlements(state: &TenantState, person: &str) -> Leg {
    let roles = state.roles_bound(&Principal::User(person.to_owned()));
    federation::entitlements(roles.iter().map(|role| role.as_ref()))
}
