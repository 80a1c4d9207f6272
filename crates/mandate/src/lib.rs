//! What authority is, and how it narrows.

mod constraint;
mod decide;
mod details;
mod grant;
mod instant;
pub mod jcs;
mod json;
mod leg;
mod mandate;
mod role;
mod runtime;
mod scope;

pub use constraint::{Constraint, ConstraintError, Order, Outcome, Path, PathError, Range};
pub use decide::{Decision, Reason, ReasonCode, Reasons, Request, allows, ceiling_reasons, deny_reasons};
pub use details::{DETAILS_TYPE, Details, DetailsError, MandateClaims};
pub use grant::{
    Catalogue, Grant, GrantRefusal, MAX_DEPTH, MAX_LIFETIME_SECS, Removed, Requested, RequestedError, Terms,
    Warning, ceiling, grant,
};
pub use instant::Instant;
pub use json::{Kind, MAX_NESTING, Members, Number, NumberError, Value, ValueError};
pub use leg::{Leg, LegName};
pub use mandate::{
    ArgumentMap, Binding, BoundError, LimitMap, MAX_LIMIT_NODES, MAX_TEXT, MAX_TOOL_NODES, MAX_TOOLS,
    MAX_USES, Mandate, MandateError, NameMap, ToolMap, attenuates,
};
pub use role::{Role, ToolConflict, join_roles, tool_conflicts};
pub use runtime::{Fingerprint, FingerprintError, Runtime, RuntimeError};
pub use scope::{IDENTITY, Scope, ScopeError};
