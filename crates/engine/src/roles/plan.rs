//! What a change of a role or binding would write: one reading of the request for the change and for its preview.
//!
//! Invariant: whatever is refused here is refused in both, with the same words.

use deputy_mandate::{Instant, Value};
use deputy_manifest::{BindingEntry, RoleEntry};
use deputy_store::{
    TenantRead,
    model::{Agent, AgentState, IdentityProvider, Principal, Role, RoleBinding},
};

use super::shown::{RoleBody, role_of};
use crate::{Refusal, entries, resolve};

/// A change of who may do what. Roles are named by id or name.
#[derive(Debug, Clone)]
pub enum AuthorityChange {
    /// Makes a role from its entry.
    CreateRole(Value),
    /// Merges a patch over a role's entry (RFC 7396).
    PatchRole {
        /// The role.
        role: String,
        /// The patch.
        patch: Value,
    },
    /// Replaces a role's entry.
    ReplaceRole {
        /// The role.
        role: String,
        /// The entry.
        entry: Value,
    },
    /// Deletes a role that is bound to nobody.
    DeleteRole {
        /// The role.
        role: String,
    },
    /// Binds a role to an agent, a user or a group.
    CreateBinding(Value),
    /// Takes a binding away.
    DeleteBinding {
        /// The binding's id.
        binding: String,
    },
}

/// What is there before and after.
#[derive(Debug, Clone)]
pub(super) enum Planned {
    Role { before: Option<Role>, after: Option<Role> },
    Binding { role: Role, before: Option<RoleBinding>, after: Option<RoleBinding> },
}

/// Plans a change; `id` is that of what it makes.
pub(super) async fn plan(
    read: &TenantRead<'_>,
    change: &AuthorityChange,
    id: &str,
    now: Instant,
) -> Result<Planned, Refusal> {
    match change {
        AuthorityChange::CreateRole(body) => {
            let role = role_of(&entries::read(body)?, id, None, now);
            require_free_name(read, &role).await?;
            Ok(Planned::Role { before: None, after: Some(role) })
        }
        AuthorityChange::PatchRole { role, patch } => {
            let before = require_role(read, role).await?;
            let body = entries::merged(entries::body_of(&RoleBody::from(&before))?, patch)?;
            replace(read, before, &body, now).await
        }
        AuthorityChange::ReplaceRole { role, entry } => {
            let before = require_role(read, role).await?;
            replace(read, before, entry, now).await
        }
        AuthorityChange::DeleteRole { role } => {
            let before = require_role(read, role).await?;
            let bound = read.linked::<RoleBinding>(&format!("role:{}", before.id)).await?.len();
            if bound > 0 {
                return Err(Refusal::conflict(format!("the role has bindings ({bound}): delete them first")));
            }
            if let Some(provider) =
                read.linked::<IdentityProvider>(&format!("role:{}", before.id)).await?.first()
            {
                let issuer = &provider.issuer;
                return Err(Refusal::conflict(format!(
                    "claims of `{issuer}` are mapped to the role: unmap it first"
                )));
            }
            Ok(Planned::Role { before: Some(before), after: None })
        }
        AuthorityChange::CreateBinding(body) => bind(read, &entries::read(body)?, id, now).await,
        AuthorityChange::DeleteBinding { binding } => {
            let before: RoleBinding = read.find(binding).await?.ok_or(Refusal::NotFound)?;
            let role = require_role(read, &before.role).await?;
            Ok(Planned::Binding { role, before: Some(before), after: None })
        }
    }
}

async fn replace(
    read: &TenantRead<'_>,
    before: Role,
    body: &Value,
    now: Instant,
) -> Result<Planned, Refusal> {
    let entry: RoleEntry = entries::read(body)?;
    let after = role_of(&entry, &before.id, Some(&before), now);
    if after.name != before.name {
        require_free_name(read, &after).await?;
    }
    Ok(Planned::Role { before: Some(before), after: Some(after) })
}

async fn bind(
    read: &TenantRead<'_>,
    entry: &BindingEntry,
    id: &str,
    now: Instant,
) -> Result<Planned, Refusal> {
    let unknown = || Refusal::invalid("role", format!("`{}` is not known in this tenant", entry.role));
    let role = find_role(read, entry.role.as_str()).await?.ok_or_else(unknown)?;
    let subject = resolve::require(read, "subject", &entry.subject).await?;
    if let Principal::Agent(id) = &subject {
        let agent: Option<Agent> = read.find(id).await?;
        if agent.is_none_or(|agent| agent.state == AgentState::Decommissioned) {
            return Err(Refusal::conflict("the agent is decommissioned, which cannot be undone"));
        }
    }
    if read.find_named::<RoleBinding>(&format!("{}|{subject}", role.id)).await?.is_some() {
        return Err(Refusal::conflict(format!("`{}` has the role `{}` already", entry.subject, role.name)));
    }
    let after = RoleBinding {
        id: id.to_owned(),
        role: role.id.clone(),
        subject,
        from_manifest: false,
        from_scim: false,
        follow_scim: entry.follow_scim,
        created_at: now,
    };
    Ok(Planned::Binding { role, before: None, after: Some(after) })
}

async fn find_role(read: &TenantRead<'_>, id_or_name: &str) -> Result<Option<Role>, Refusal> {
    match read.find(id_or_name).await? {
        Some(role) => Ok(Some(role)),
        None => Ok(read.find_named(id_or_name).await?),
    }
}

async fn require_role(read: &TenantRead<'_>, id_or_name: &str) -> Result<Role, Refusal> {
    find_role(read, id_or_name).await?.ok_or(Refusal::NotFound)
}

async fn require_free_name(read: &TenantRead<'_>, role: &Role) -> Result<(), Refusal> {
    match read.find_named::<Role>(&role.name).await? {
        Some(_) => Err(Refusal::conflict(format!("there is a role `{}` already", role.name))),
        None => Ok(()),
    }
}
