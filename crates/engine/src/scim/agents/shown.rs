//! An agent as a resource.

use std::collections::BTreeMap;

use deputy_mandate::Instant;
use deputy_scim::{AGENT, Resource, weak_etag};
use deputy_store::{
    Membership,
    event::{hash, rfc3339},
    model::{Agent, Principal},
};
use serde_json::{Map, Value, json};

use crate::{
    Engine,
    scim::answer::{finish, member, put_groups},
    view::{TenantState, TenantView},
};

/// The extension's URN.
const EXTENSION: &str = "urn:deputy:scim:schemas:extension:2.0:Agent";

impl Engine {
    /// An agent that is not decommissioned, by id.
    pub(in crate::scim) fn agent_resource(&self, view: &TenantView, id: &str) -> Option<Resource> {
        let (base, now) = (self.scim_base(view), self.inner.sources.now());
        let state = view.read();
        let agent = state.agents.get(id)?;
        (agent.state != deputy_store::model::AgentState::Decommissioned)
            .then(|| shown_from(&state, agent, &base, now))
    }
}

/// An agent with the names that memory has.
pub(super) fn shown_from(state: &TenantState, agent: &Agent, base: &str, now: Instant) -> Resource {
    let named = agent.owners.iter().cloned().chain(agent.parent.clone().map(Principal::Agent));
    let names = named.map(|one| (one.to_string(), bare(&state.label(&one)))).collect();
    let key = format!("agent:{}", agent.id);
    let groups = state.member_of.get(&key).into_iter().flatten().map(|group| Membership {
        group: group.clone(),
        member: key.clone(),
        display: state.groups.get(group).map(|group| group.name.clone()),
    });
    shown(agent, &names, &groups.collect::<Vec<_>>(), base, now)
}

/// `user:alice@example.com` without its kind.
pub(super) fn bare(label: &str) -> String {
    label.split_once(':').map_or(label, |(_, name)| name).to_owned()
}

/// An agent, with the names of its owners and its parent by `user:{id}`.
pub(in crate::scim) fn shown(
    agent: &Agent,
    names: &BTreeMap<String, String>,
    groups: &[Membership],
    base: &str,
    now: Instant,
) -> Resource {
    let mut body: Map<String, Value> = agent.provisioned.clone();
    let owners = agent.owners.iter().filter_map(|owner| member(&owner.to_string(), None, names, base));
    let parent = agent.parent.as_ref().and_then(|id| member(&format!("agent:{id}"), None, names, base));
    let parent = parent.map(|mut parent| {
        parent.as_object_mut().map(|members| members.remove("type"));
        parent
    });
    for (name, value) in [
        ("agentUserName", Value::from(agent.name.as_str())),
        ("displayName", agent.display_name.clone().into()),
        ("active", agent.may_work(now).into()),
        ("owners", owners.collect()),
        ("parent", parent.into()),
        (EXTENSION, extension(agent)),
    ] {
        body.insert(name.to_owned(), value);
    }
    let mut resource = Resource::from_stored(&AGENT, body);
    put_groups(&mut resource, groups, base);
    let version = hash(&Value::Object(resource.body().clone()).to_string());
    let etag = weak_etag(version.get(..16).unwrap_or(&version));
    finish(&mut resource, &agent.id, &etag, base, agent.created_at.0, agent.updated_at.0);
    resource
}

/// What Deputy knows of it.
fn extension(agent: &Agent) -> Value {
    json!({
        "lifecycle": if agent.orphaned.is_some() { "orphaned" } else { agent.state.as_str() },
        "orphanedSince": agent.orphaned.as_ref().map(|orphaned| rfc3339(orphaned.since)),
        "runtimeFingerprint": agent.runtime.as_ref().map(|runtime| runtime.fingerprint.as_str()),
        "allowedScopes": agent.allowed_scopes,
    })
}
