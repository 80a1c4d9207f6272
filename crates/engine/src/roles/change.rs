//! Changing roles and bindings: the plan, its writes and its events, in one transaction.

use deputy_store::{
    Record as _, TenantTx,
    event::{EventDraft, Touched},
    model::{Principal, Role, RoleBinding},
};
use serde::Serialize;

use super::{
    AuthorityChange, ShownBinding, ShownRole, agents_reached,
    plan::{Planned, plan},
    require_no_tool_conflicts,
    shown::RoleBody,
};
use crate::{Caller, Engine, Refusal, entries, view::TenantView};

/// What a change left.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Written {
    /// A role as it is now.
    Role(Box<ShownRole>),
    /// A binding as it is now.
    Binding(ShownBinding),
    /// Nothing: it was deleted.
    Deleted,
}

impl Engine {
    /// Changes a role or a binding, or refuses; a preview is [`Engine::preview_authority`].
    pub async fn change_authority(
        &self,
        view: &TenantView,
        caller: &Caller,
        change: AuthorityChange,
    ) -> Result<Written, Refusal> {
        caller.require_admin()?;
        let id = self.inner.sources.id()?;
        let by = caller.clone();
        let (planned, _) = self
            .change(view, move |tx| {
                Box::pin(async move {
                    let planned = plan(tx, &change, &id, tx.now()).await?;
                    write(tx, &by, &planned).await?;
                    Ok(planned)
                })
            })
            .await?;
        let state = view.read();
        Ok(match planned {
            Planned::Role { after: Some(role), .. } => Written::Role(Box::new(ShownRole::of(&state, &role))),
            Planned::Binding { after: Some(binding), .. } => {
                Written::Binding(ShownBinding::of(&state, &binding))
            }
            Planned::Role { after: None, .. } | Planned::Binding { after: None, .. } => Written::Deleted,
        })
    }
}

async fn write(tx: &mut TenantTx<'_>, by: &Caller, planned: &Planned) -> Result<(), Refusal> {
    let reached: Vec<Principal> = match planned {
        Planned::Role { before, after } => {
            write_role(tx, by, before.as_ref(), after.as_ref()).await?;
            let role = before.as_ref().or(after.as_ref()).map(|role| format!("role:{}", role.id));
            tx.linked::<RoleBinding>(&role.unwrap_or_default())
                .await?
                .into_iter()
                .map(|one| one.subject)
                .collect()
        }
        Planned::Binding { role, before, after } => {
            write_binding(tx, by, role, before.as_ref(), after.as_ref()).await?;
            after.iter().map(|binding| binding.subject.clone()).collect()
        }
    };
    let agents = agents_reached(tx, reached).await?;
    require_no_tool_conflicts(tx, &agents).await
}

async fn write_role(
    tx: &mut TenantTx<'_>,
    by: &Caller,
    before: Option<&Role>,
    after: Option<&Role>,
) -> Result<(), Refusal> {
    let action = match (before, after) {
        (None, Some(role)) => {
            tx.insert(role).await?;
            "role.created"
        }
        (Some(_), Some(role)) => {
            tx.update(role).await?;
            "role.changed"
        }
        (Some(role), None) => {
            tx.delete::<Role>(&role.id).await?;
            "role.deleted"
        }
        (None, None) => return Ok(()),
    };
    let body = |role: Option<&Role>| {
        role.map_or_else(
            || Ok(deputy_mandate::Value::empty_object()),
            |role| entries::body_of(&RoleBody::from(role)),
        )
    };
    let changes = entries::changes(&body(before)?, &body(after)?);
    if let Some(role) = after.or(before) {
        let detail = serde_json::json!({"id": role.id, "name": role.name, "changes": changes});
        tx.changed(role, by.event(action).detail(&detail));
    }
    Ok(())
}

async fn write_binding(
    tx: &mut TenantTx<'_>,
    by: &Caller,
    role: &Role,
    before: Option<&RoleBinding>,
    after: Option<&RoleBinding>,
) -> Result<(), Refusal> {
    match (before, after) {
        (_, Some(binding)) => {
            tx.insert(binding).await?;
            tx.event(binding_event(by, "role_binding.created", role, binding));
        }
        (Some(binding), None) => {
            tx.delete::<RoleBinding>(&binding.id).await?;
            tx.event(binding_event(by, "role_binding.deleted", role, binding));
        }
        (None, None) => {}
    }
    Ok(())
}

/// The event of a binding that was made or taken away.
pub(crate) fn binding_event(
    by: &Caller,
    action: &'static str,
    role: &Role,
    binding: &RoleBinding,
) -> EventDraft {
    let detail = serde_json::json!({"id": binding.id, "role": role.name, "subject": binding.subject});
    let mut event = by.event(action).detail(&detail);
    if let Principal::Agent(id) = &binding.subject {
        event.agent = Some(id.clone());
    }
    event.touched.push(Touched::Record(RoleBinding::KIND, binding.id().to_owned()));
    event
}
