//! Reading role bindings.

use deputy_store::model::RoleBinding;

use super::{ShownBinding, list::find_role};
use crate::{
    Caller, Engine, Refusal, listing,
    page::{Page, Paging},
    view::{TenantState, TenantView},
};

/// Which bindings to list; absent members do not constrain.
#[derive(Debug, Clone, Default)]
pub struct BindingFilter {
    /// Of this role, by id or name.
    pub role: Option<String>,
    /// Of this subject, by id or name: `agent:planner`.
    pub subject: Option<String>,
}

impl BindingFilter {
    fn matches(&self, state: &TenantState, binding: &RoleBinding) -> bool {
        let role = |wanted: &String| find_role(state, wanted).is_some_and(|role| role.id == binding.role);
        let subject = |wanted: &String| {
            *wanted == binding.subject.to_string() || *wanted == state.label(&binding.subject)
        };
        self.role.as_ref().is_none_or(role) && self.subject.as_ref().is_none_or(subject)
    }
}

impl Engine {
    /// Bindings in the order in which they were made.
    pub fn bindings(
        &self,
        view: &TenantView,
        caller: &Caller,
        filter: &BindingFilter,
        paging: &Paging,
    ) -> Result<Page<ShownBinding>, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let matching = state.bindings.values().filter(|binding| filter.matches(&state, binding));
        let page = listing::page(matching.map(|binding| (binding.id.as_str(), binding)), paging)?;
        Ok(page.map(|binding| ShownBinding::of(&state, binding)))
    }

    /// One binding.
    pub fn binding(&self, view: &TenantView, caller: &Caller, id: &str) -> Result<ShownBinding, Refusal> {
        caller.require_reader()?;
        let state = view.read();
        let binding = state.bindings.get(id).ok_or(Refusal::NotFound)?;
        Ok(ShownBinding::of(&state, binding))
    }
}
