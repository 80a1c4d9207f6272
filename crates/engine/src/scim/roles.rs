//! The roles that an identity provider sends, as far as the tenant maps them to roles of its own.
//!
//! Invariant: only bindings that were made here are taken away here; what an administrator binds stays.

use std::collections::{BTreeMap, BTreeSet};

use deputy_scim::{AGENT, Path, Resource, fold};
use deputy_store::{
    TenantRead, TenantTx,
    model::{Agent, Principal, Role, RoleBinding, SINGLETON, Settings},
};

use super::Change;
use crate::{
    Caller, Refusal,
    roles::{binding_event, require_no_tool_conflicts},
};

/// Roles of the tenant by the values of roles that are sent.
type Mapping = BTreeMap<String, String>;

/// Brings the bindings of somebody in line with the roles that they were sent with.
pub(super) async fn follow(
    tx: &mut TenantTx<'_>,
    change: &Change,
    subject: &Principal,
    before: Option<&Resource>,
    after: Option<&Resource>,
) -> Result<(), Refusal> {
    let (had, has) = (before.map(sent).unwrap_or_default(), after.map(sent).unwrap_or_default());
    if had == has {
        return Ok(());
    }
    let mapping = tx.find::<Settings>(SINGLETON).await?.map(|settings| settings.scim_roles);
    let roles = mapped(tx, &mapping.unwrap_or_default(), &has).await?;
    let bound = tx.linked::<RoleBinding>(&subject.to_string()).await?;
    for binding in bound.iter().filter(|binding| binding.from_scim) {
        if !roles.iter().any(|role| role.id == binding.role) {
            unbind(tx, &change.settling.by, binding).await?;
        }
    }
    for role in roles.iter().filter(|role| !bound.iter().any(|binding| binding.role == role.id)) {
        let binding = RoleBinding {
            id: change.settling.sources.id()?,
            role: role.id.clone(),
            subject: subject.clone(),
            from_manifest: false,
            from_scim: true,
            follow_scim: false,
            created_at: tx.now(),
        };
        tx.insert(&binding).await?;
        tx.event(binding_event(&change.settling.by, "role_binding.created", role, &binding));
    }
    match subject {
        Principal::Agent(id) => require_no_tool_conflicts(tx, &BTreeSet::from([id.clone()])).await,
        Principal::User(_) | Principal::Group(_) => Ok(()),
    }
}

/// Takes every binding of somebody who is gone.
pub(super) async fn forget(
    tx: &mut TenantTx<'_>,
    change: &Change,
    subject: &Principal,
) -> Result<(), Refusal> {
    for binding in tx.linked::<RoleBinding>(&subject.to_string()).await? {
        if binding.subject == *subject {
            unbind(tx, &change.settling.by, &binding).await?;
        }
    }
    Ok(())
}

/// Takes the bindings that a mapping gave and the changed one does not give.
pub(crate) async fn unmap(
    tx: &mut TenantTx<'_>,
    by: &Caller,
    before: &Mapping,
    after: &Mapping,
) -> Result<(), Refusal> {
    if before.iter().all(|(value, role)| after.get(value) == Some(role)) {
        return Ok(());
    }
    for binding in tx.every::<RoleBinding>().await?.into_iter().filter(|binding| binding.from_scim) {
        let sent = match &binding.subject {
            Principal::User(id) => tx.person(id).await?.map(|person| sent(&person.resource)),
            Principal::Agent(id) => {
                let agent = tx.find::<Agent>(id).await?;
                agent.map(|agent| sent(&Resource::from_stored(&AGENT, agent.provisioned)))
            }
            Principal::Group(_) => None,
        };
        let roles = mapped(tx, after, &sent.unwrap_or_default()).await?;
        if !roles.iter().any(|role| role.id == binding.role) {
            unbind(tx, by, &binding).await?;
        }
    }
    Ok(())
}

/// The roles that a mapping gives for what was sent.
async fn mapped(
    read: &TenantRead<'_>,
    mapping: &Mapping,
    sent: &BTreeSet<String>,
) -> Result<Vec<Role>, Refusal> {
    let wanted: BTreeSet<&String> =
        mapping.iter().filter(|(value, _)| sent.contains(&fold(value))).map(|(_, role)| role).collect();
    let mut roles = Vec::new();
    for name in wanted {
        let found = match read.find_named::<Role>(name).await? {
            Some(role) => Some(role),
            None => read.find::<Role>(name).await?,
        };
        roles.extend(found);
    }
    Ok(roles)
}

async fn unbind(tx: &mut TenantTx<'_>, by: &Caller, binding: &RoleBinding) -> Result<(), Refusal> {
    let Some(role) = tx.find::<Role>(&binding.role).await? else { return Ok(()) };
    tx.delete::<RoleBinding>(&binding.id).await?;
    tx.event(binding_event(by, "role_binding.deleted", &role, binding));
    Ok(())
}

/// The values of `roles`, folded.
fn sent(resource: &Resource) -> BTreeSet<String> {
    let Ok(path) = Path::parse("roles.value", resource.kind()) else { return BTreeSet::new() };
    resource.values(&path).into_iter().filter_map(|value| value.as_str()).map(fold).collect()
}
