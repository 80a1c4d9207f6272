//! Resource servers: the audiences that tokens can be asked for, and what each asks of them.
//!
//! Invariant: an agent's or the tenant's default audience is always registered, or the tenant's issuer.

use deputy_mandate::{Instant, Value};
use deputy_manifest::{PolicyEntry, ResourceEntry};
use deputy_store::{
    TenantRead,
    event::rfc3339,
    model::{Agent, AgentState, Resource, ResourcePolicy, SINGLETON, Settings},
};
use serde::Serialize;

use crate::{
    Caller, Engine, Refusal, entries, listing,
    page::{Page, Paging},
    view::TenantView,
};

/// A resource server.
#[derive(Debug, Clone, Serialize)]
pub struct ShownResource {
    /// Opaque id.
    pub id: String,
    /// The members of its entry.
    #[serde(flatten)]
    body: ResourceBody,
    /// Whether a manifest made it.
    pub from_manifest: bool,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

/// The members of a resource's entry, as it is written and merged over.
#[derive(Debug, Clone, Serialize)]
struct ResourceBody {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Value>,
}

impl ResourceBody {
    fn of(resource: &Resource) -> Result<Self, Refusal> {
        let policy = resource.policy.as_ref().map(entries::body_of).transpose()?;
        Ok(Self { uri: resource.uri.clone(), policy })
    }
}

impl ShownResource {
    fn of(resource: &Resource) -> Result<Self, Refusal> {
        Ok(Self {
            id: resource.id.clone(),
            body: ResourceBody::of(resource)?,
            from_manifest: resource.from_manifest,
            created_at: rfc3339(resource.created_at),
            updated_at: rfc3339(resource.updated_at),
        })
    }
}

impl Engine {
    /// Resource servers in the order in which they were made.
    pub fn resources(
        &self,
        view: &TenantView,
        caller: &Caller,
        paging: &Paging,
    ) -> Result<Page<ShownResource>, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let page = listing::page(state.resources.values().map(|one| (one.id.as_str(), one)), paging)?;
        let items = page.items.into_iter().map(|one| ShownResource::of(one)).collect::<Result<_, _>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// One resource server, by id or URI.
    pub fn resource(
        &self,
        view: &TenantView,
        caller: &Caller,
        id_or_uri: &str,
    ) -> Result<ShownResource, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let named = state.resources.get(id_or_uri);
        let found = named.or_else(|| state.resources.values().find(|one| one.id == id_or_uri));
        ShownResource::of(found.ok_or(Refusal::NotFound)?)
    }

    /// Registers a resource server.
    pub async fn create_resource(
        &self,
        view: &TenantView,
        caller: &Caller,
        body: &Value,
    ) -> Result<ShownResource, Refusal> {
        caller.require_admin()?;
        let (by, id, now) = (caller.clone(), self.inner.sources.id()?, self.inner.sources.now());
        let resource = resource_of(&entries::read(body)?, &id, None, now);
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                if tx.find_named::<Resource>(&resource.uri).await?.is_some() {
                    return Err(Refusal::conflict(format!("`{}` is registered already", resource.uri)));
                }
                tx.insert(&resource).await?;
                let detail =
                    serde_json::json!({"id": resource.id, "uri": resource.uri, "policy": resource.policy});
                tx.changed(&resource, by.event("resource.created").detail(&detail));
                Ok(resource)
            })
        });
        ShownResource::of(&change.await?.0)
    }

    /// Changes a resource server: a merge patch over its entry, or a whole entry in its place.
    pub async fn change_resource(
        &self,
        view: &TenantView,
        caller: &Caller,
        id_or_uri: &str,
        body: Value,
        replaces: bool,
    ) -> Result<ShownResource, Refusal> {
        caller.require_admin()?;
        let (by, wanted) = (caller.clone(), id_or_uri.to_owned());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let before = require(tx, &wanted).await?;
                let shown = entries::body_of(&ResourceBody::of(&before)?)?;
                let body = if replaces { body } else { entries::merged(shown.clone(), &body)? };
                let after = resource_of(&entries::read(&body)?, &before.id, Some(&before), tx.now());
                if after.uri != before.uri {
                    return Err(Refusal::invalid(
                        "uri",
                        "a resource's URI cannot be changed: register another",
                    ));
                }
                tx.update(&after).await?;
                let changes = entries::changes(&shown, &entries::body_of(&ResourceBody::of(&after)?)?);
                let detail = serde_json::json!({"id": after.id, "uri": after.uri, "changes": changes});
                tx.changed(&after, by.event("resource.changed").detail(&detail));
                Ok(after)
            })
        });
        ShownResource::of(&change.await?.0)
    }

    /// Takes a resource server away, unless it is somebody's default audience.
    pub async fn delete_resource(
        &self,
        view: &TenantView,
        caller: &Caller,
        id_or_uri: &str,
    ) -> Result<(), Refusal> {
        caller.require_admin()?;
        let (by, wanted) = (caller.clone(), id_or_uri.to_owned());
        let change = self.change(view, move |tx| {
            Box::pin(async move {
                let resource = require(tx, &wanted).await?;
                require_no_default(tx, &resource.uri).await?;
                tx.delete::<Resource>(&resource.id).await?;
                let detail = serde_json::json!({"id": resource.id, "uri": resource.uri});
                tx.changed(&resource, by.event("resource.deleted").detail(&detail));
                Ok(())
            })
        });
        change.await.map(drop)
    }
}

async fn require(read: &TenantRead<'_>, id_or_uri: &str) -> Result<Resource, Refusal> {
    match read.find_named(id_or_uri).await? {
        Some(resource) => Ok(resource),
        None => read.find(id_or_uri).await?.ok_or(Refusal::NotFound),
    }
}

async fn require_no_default(read: &TenantRead<'_>, uri: &str) -> Result<(), Refusal> {
    let settings: Option<Settings> = read.find(SINGLETON).await?;
    if settings.is_some_and(|settings| settings.default_audience == uri) {
        return Err(Refusal::conflict("it is the tenant's default audience: choose another first"));
    }
    let agents: Vec<Agent> = read.linked(&format!("audience:{uri}")).await?;
    match agents.iter().find(|agent| agent.state != AgentState::Decommissioned) {
        Some(agent) => {
            Err(Refusal::conflict(format!("it is the default audience of the agent `{}`", agent.name)))
        }
        None => Ok(()),
    }
}

/// The stored form of an entry: in the place of `before`, or new under `id`.
pub(crate) fn resource_of(
    entry: &ResourceEntry,
    id: &str,
    before: Option<&Resource>,
    now: Instant,
) -> Resource {
    Resource {
        id: id.to_owned(),
        uri: entry.uri.as_str().to_owned(),
        policy: entry.policy.as_ref().map(policy_of),
        from_manifest: before.is_some_and(|one| one.from_manifest),
        created_at: before.map_or(now, |one| one.created_at),
        updated_at: now,
    }
}

fn policy_of(entry: &PolicyEntry) -> ResourcePolicy {
    let leg = entry.to_leg();
    ResourcePolicy {
        scopes: leg.scopes,
        tools: leg.tools,
        blocked_tools: leg.blocked_tools,
        limits: leg.limits,
        ttl: leg.ttl_secs,
        max_depth: leg.max_depth,
        may_delegate: leg.may_delegate,
    }
}
