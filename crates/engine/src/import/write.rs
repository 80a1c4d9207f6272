//! What an import writes, collected before the transaction and written by a few statements in it.

use std::collections::{BTreeMap, HashMap};

use deputy_manifest::{Item, Plan};
use deputy_store::{
    Group, Record, TenantTx, User,
    event::{EventDraft, Touched},
    model::{Agent, Credential, Principal, Resource, Role, RoleBinding, Tool},
};
use deputy_token::revocation::Target;
use serde_json::{Value, json};

use super::{Request, people::People};
use crate::{
    Caller, Refusal, Sources,
    ownership::{Settling, settle_agents},
    resolve::placeholders_event,
    view::TenantState,
};

/// The records of one kind.
pub(super) struct Set<R> {
    pub(super) new: Vec<R>,
    pub(super) changed: Vec<R>,
    pub(super) gone: Vec<String>,
}

impl<R> Default for Set<R> {
    fn default() -> Self {
        Self { new: Vec::new(), changed: Vec::new(), gone: Vec::new() }
    }
}

impl<R: Record> Set<R> {
    /// Keeps a record in its place, or as a new one.
    pub(super) fn put(&mut self, record: R, is_new: bool) {
        if is_new { self.new.push(record) } else { self.changed.push(record) }
    }

    async fn apply(&self, tx: &mut TenantTx<'_>) -> Result<(), Refusal> {
        tx.delete_many::<R>(&self.gone).await?;
        tx.update_many(&self.changed).await?;
        tx.insert_many(&self.new).await?;
        Ok(())
    }
}

struct Revocation {
    id: String,
    target: Target,
    reason: &'static str,
    event: EventDraft,
}

/// Everything that an import writes.
#[derive(Default)]
pub(super) struct Writes {
    users: Vec<User>,
    groups: Vec<Group>,
    pub(super) resources: Set<Resource>,
    pub(super) tools: Set<Tool>,
    pub(super) roles: Set<Role>,
    pub(super) agents: Set<Agent>,
    pub(super) bindings: Set<RoleBinding>,
    pub(super) credentials: Set<Credential>,
    events: Vec<EventDraft>,
    revocations: Vec<Revocation>,
    applied: Option<EventDraft>,
    /// Those whom this import makes, as people write them.
    labels: HashMap<Principal, String>,
}

impl Writes {
    pub(super) fn new(people: &People, caller: &Caller) -> Self {
        let (users, groups) = (people.new_users.clone(), people.new_groups.clone());
        let new_users =
            users.iter().map(|user| (Principal::User(user.id.clone()), format!("user:{}", user.user_name)));
        let new_groups =
            groups.iter().map(|group| (Principal::Group(group.id.clone()), format!("group:{}", group.name)));
        let labels = new_users.chain(new_groups).collect();
        let mut writes = Self { users, groups, labels, ..Self::default() };
        if !(writes.users.is_empty() && writes.groups.is_empty()) {
            writes.events.push(placeholders_event(caller, &writes.users, &writes.groups));
        }
        writes
    }

    /// The owners of an agent as people write them.
    pub(super) fn owners(&self, state: &TenantState, agent: &Agent) -> Vec<String> {
        let label = |owner| self.labels.get(owner).cloned().unwrap_or_else(|| state.label(owner));
        agent.owners.iter().map(label).collect()
    }

    /// Adds the event of a record that changes.
    pub(super) fn changed<R: Record>(&mut self, record: &R, mut event: EventDraft) {
        event.touched.push(Touched::Record(R::KIND, record.id().to_owned()));
        self.events.push(event);
    }

    /// Adds an event that says itself what it touches.
    pub(super) fn event(&mut self, event: EventDraft) {
        self.events.push(event);
    }

    /// Takes away what an agent has; the revocation follows every change.
    pub(super) fn revoke(
        &mut self,
        agent: &Agent,
        reason: &'static str,
        event: EventDraft,
        sources: &Sources,
    ) -> Result<(), Refusal> {
        let (id, target) = (sources.id()?, Target::Agent(agent.id.clone()));
        self.revocations.push(Revocation { id, target, reason, event });
        Ok(())
    }

    /// The event of the import as a whole.
    pub(super) fn applied(&mut self, plan: &Plan, credentials: usize, request: &Request) {
        let detail = json!({
            "manifest": request.digest,
            "prune": request.options.prune,
            "create_owners": request.options.create_owners,
            "created": plan.created.len(),
            "updated": plan.updated.len(),
            "unchanged": plan.unchanged.len(),
            "deleted": plan.deleted.len(),
            "credentials": credentials,
        });
        self.applied = Some(request.caller.event("import.applied").detail(&detail));
    }

    /// Writes everything.
    pub(super) async fn apply(self, tx: &mut TenantTx<'_>, settling: &Settling) -> Result<(), Refusal> {
        tx.insert_users(&self.users).await?;
        tx.insert_groups(&self.groups).await?;
        self.resources.apply(tx).await?;
        self.tools.apply(tx).await?;
        self.roles.apply(tx).await?;
        self.agents.apply(tx).await?;
        self.bindings.apply(tx).await?;
        self.credentials.apply(tx).await?;
        for event in self.events {
            tx.event(event);
        }
        for Revocation { id, target, reason, event } in self.revocations {
            tx.revoke(id, target, reason, event);
        }
        if let Some(applied) = self.applied {
            tx.event(applied);
        }
        let agents = self.agents.new.into_iter().chain(self.agents.changed).collect();
        settle_agents(tx, settling, agents).await
    }
}

/// What differs, in the form that other events have.
pub(super) fn changes(item: &Item) -> BTreeMap<&str, Value> {
    let change = |change: &deputy_manifest::Change| json!({"before": change.from, "after": change.to});
    item.changes.iter().map(|one| (one.field.as_str(), change(one))).collect()
}

/// Who holds a role, as an agent's principal.
pub(super) fn holder(agent: &str) -> Principal {
    Principal::Agent(agent.to_owned())
}
