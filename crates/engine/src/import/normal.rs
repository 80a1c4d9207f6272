//! One spelling for both sides of the comparison, and back to names for people.
//!
//! A manifest says who and what by name or id; the state knows ids. People become ids here, parents and
//! roles become names, and a runtime's configuration becomes its digest, which is all that is stored.

use std::collections::BTreeSet;

use deputy_manifest::{AgentName, Fleet, Plan, PrincipalKind, Reference, RoleName, RuntimeEntry};
use deputy_store::model::Principal;

use super::{current::find_role, people::People};
use crate::{Refusal, view::TenantState};

/// Brings a manifest to the spelling of the state. What is unknown stays as it is, for it is a problem already.
pub(super) fn bring(fleet: &mut Fleet, state: &TenantState, people: &People) -> Result<(), Refusal> {
    let agents: BTreeSet<String> =
        fleet.agents.iter().map(|agent| agent.entry.name.as_str().to_owned()).collect();
    let roles: BTreeSet<String> = fleet.roles.iter().map(|role| role.name.as_str().to_owned()).collect();
    for agent in &mut fleet.agents {
        let entry = &mut agent.entry;
        entry.owners = by_id(&entry.owners, people)?;
        entry.may_act_for = entry.may_act_for.as_ref().map(|who| by_id(who, people)).transpose()?;
        if let Some(runtime) = &mut entry.runtime {
            let RuntimeEntry { config, .. } = runtime;
            *config = runtime_config(config.clone());
        }
        if let Some(parent) = &entry.parent
            && !agents.contains(parent.as_str())
            && !state.agent_names.contains_key(parent.as_str())
            && let Some(known) = state.agents.get(parent.as_str())
        {
            entry.parent = Some(AgentName::try_from(known.name.as_str()).map_err(|_| Refusal::Internal)?);
        }
        if agent.roles.iter().any(|role| !roles.contains(role.as_str())) {
            let named = |role: &RoleName| match find_role(state, role.as_str()) {
                Some(known) if !roles.contains(role.as_str()) => {
                    RoleName::try_from(known.name.as_str()).map_err(|_| Refusal::Internal)
                }
                _ => Ok(role.clone()),
            };
            agent.roles = agent.roles.iter().map(named).collect::<Result<_, _>>()?;
        }
    }
    Ok(())
}

fn runtime_config(config: deputy_mandate::Value) -> deputy_mandate::Value {
    let runtime = deputy_mandate::Runtime { model: String::new(), tools: BTreeSet::new(), config };
    runtime.sealed().config
}

fn by_id(references: &BTreeSet<Reference>, people: &People) -> Result<BTreeSet<Reference>, Refusal> {
    let each = references.iter().map(|reference| match people.meant.get(reference) {
        Some(principal) => reference_to(principal),
        None => Ok(reference.clone()),
    });
    each.collect()
}

/// The reference that names a principal by its id.
pub(super) fn reference_to(principal: &Principal) -> Result<Reference, Refusal> {
    let kind = match principal {
        Principal::Agent(_) => PrincipalKind::Agent,
        Principal::User(_) => PrincipalKind::User,
        Principal::Group(_) => PrincipalKind::Group,
    };
    Reference::new(kind, principal.id()).map_err(|error| {
        tracing::error!(%error, "a stored principal cannot be referred to");
        Refusal::Internal
    })
}

/// Says people by their names in what differs.
pub(super) fn show_names(plan: &mut Plan, state: &TenantState, people: &People) {
    let changes = plan.updated.iter_mut().flat_map(|item| &mut item.changes);
    for change in changes.filter(|change| matches!(change.field.as_str(), "owners" | "may_act_for")) {
        for side in [&mut change.from, &mut change.to] {
            for one in side.as_array_mut().into_iter().flatten() {
                let label = one.as_str().map(|text| {
                    let known = text.parse::<Principal>().ok().map(|principal| state.label(&principal));
                    people.new_label(text).or(known).unwrap_or_else(|| text.to_owned())
                });
                if let Some(label) = label {
                    *one = label.into();
                }
            }
        }
    }
}
