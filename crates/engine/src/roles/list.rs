//! Reading roles: one, or a page of them in the order in which they were made.

use std::sync::Arc;

use deputy_store::model::Role;

use super::ShownRole;
use crate::{
    Caller, Engine, Refusal, listing,
    page::{Page, Paging},
    view::{TenantState, TenantView},
};

impl Engine {
    /// Roles in the order of their ids.
    pub fn roles(
        &self,
        view: &TenantView,
        caller: &Caller,
        paging: &Paging,
    ) -> Result<Page<ShownRole>, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let page = listing::page(state.roles.iter().map(|(id, role)| (id.as_str(), role)), paging)?;
        Ok(page.map(|role| ShownRole::of(&state, role)))
    }

    /// One role, by id or name.
    pub fn role(&self, view: &TenantView, caller: &Caller, id_or_name: &str) -> Result<ShownRole, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let role = find_role(&state, id_or_name).ok_or(Refusal::NotFound)?;
        Ok(ShownRole::of(&state, role))
    }
}

/// A role in memory, by id or name.
pub(super) fn find_role<'s>(state: &'s TenantState, id_or_name: &str) -> Option<&'s Arc<Role>> {
    state.roles.get(id_or_name).or_else(|| state.roles.values().find(|role| role.name == id_or_name))
}
