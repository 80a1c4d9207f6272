//! Roles and their bindings: who may do what, changed in one transaction and previewed without one.
//!
//! Invariant: no agent, whether a role reaches it directly or through groups, ever has one tool with
//! different argument maps; a change that would make it so is refused (mandates §4).

mod bindings;
mod change;
mod conflicts;
mod difference;
mod list;
mod plan;
mod preview;
mod reach;
mod shown;

pub use bindings::BindingFilter;
pub use change::Written;
pub use difference::{Changed, Difference, NameDifference};
pub use plan::AuthorityChange;
pub use preview::{AgentDifference, AuthorityPreview, PersonDifference};
pub use shown::{ShownBinding, ShownRole};

pub(crate) use change::binding_event;
pub(crate) use conflicts::require_no_tool_conflicts;
pub(crate) use reach::agents_reached;
pub(crate) use shown::role_of;
