//! What authority is, and how it narrows.
//!
//! An agent acts with somebody else's authority. This crate is the one model of that authority: the issuer
//! computes it, the decision point asks it, an offline verifier checks it, and all three get the same answer,
//! because there is nothing here but values. No I/O, no clock, no database, no HTTP; time is an argument.
//!
//! # The model
//!
//! A [`Mandate`] is the authority that one credential carries: scopes, tools with a [`Constraint`] per argument,
//! blocked tools, limits across tools, an audience, a binding, a time, a depth. Two mandates have a
//! [meet](Mandate::meet) (what both allow; `None` is *Bottom*, which authorises nothing) and an
//! [order](Mandate::is_below), written `⊑` (narrower or equal). Empty always means nothing, with one exception: a
//! tool's empty argument map means any arguments.
//!
//! * [`grant`] computes what a token request gets: requested ∩ role bindings ∩ allowed scopes ∩ entitlements ∩
//!   parent ∩ resource policy. Each operand is a [`Leg`], and what is missing names the leg that removed it.
//! * [`allows`] decides a [`Request`] under a mandate: [`Decision::Allow`], or every [`Reason`] not to, the first
//!   one first. [`ceiling_reasons`] asks the current legs too, so that narrowing a role acts at once.
//! * [`Runtime::fingerprint`] binds a credential to what the agent runs on.
//! * [`Mandate::to_claims`] and [`Mandate::from_claims`] carry a mandate in an access token (RFC 9068, RFC 9396),
//!   [`Mandate::to_canonical_json`] in anything that is hashed or signed (RFC 8785).
//! * A holder hands on less than it has with a [`Narrowing`]; [`CanonicalReader`] reads sealed canonical text.
//!
//! # The laws
//!
//! Tested on generated mandates and requests, thousands of cases in each run:
//!
//! 1. Meet is commutative, associative and idempotent in [normal form](Mandate::normalized); Bottom absorbs.
//! 2. `meet(a, b) ⊑ a` and `⊑ b`. If `a ⊑ b`, then `meet(a, b)` and `a` allow the same requests.
//! 3. `meet(a, b)` allows a request exactly when `a` allows it and `b` allows it (metering apart).
//! 4. If `child ⊑ parent` and `child` allows a request, `parent` allows it.
//! 5. Decode ∘ encode is the identity. Sealed instants are whole seconds, rounded so that nothing widens.
//! 6. [`attenuates`], the rule of the attenuating-agent-token draft, implies `⊑` on tools.
//!
//! The order may refuse what is narrower in a way that it cannot see; it never accepts what is wider.
//!
//! # What is strict
//!
//! Numbers are exact decimals: a number that a double would change is malformed ([`Value`]), `"500"` is not 500,
//! and a member or constraint type that this version does not know denies instead of being skipped. Whatever is
//! parsed or sealed has bounds ([`Mandate::verify_bounds`]), so every check ends in bounded time.
//!
//! # Example
//!
//! ```
//! use deputy_mandate::{Decision, Instant, Mandate, Request, Value, allows};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mandate = Mandate::from_json(r#"{
//!     "scopes": ["read:docs"],
//!     "tools": {"search": {}, "transfer": {"amount": {"constraint_type": "range", "min": 0, "max": 500}}},
//!     "blocked_tools": ["shell"],
//!     "limits": {"env": {"constraint_type": "one_of", "values": ["staging", "development"]}},
//!     "declared": {}, "limit_required": {},
//!     "audience": ["https://crm.example.com/"], "binding": {},
//!     "not_before": 0, "expires_at": 900000, "max_depth": 3, "may_delegate": true
//! }"#)?;
//! let now = Instant::from_secs(60);
//! let call = |arguments: &str| -> Result<Request, Box<dyn std::error::Error>> {
//!     Ok(Request {
//!         tool: Some("transfer".to_owned()),
//!         arguments: Value::parse(arguments)?,
//!         audience: Some("https://crm.example.com/".to_owned()),
//!         ..Request::default()
//!     })
//! };
//! assert_eq!(allows(&mandate, &call(r#"{"amount": 500}"#)?, now), Decision::Allow);
//!
//! let denied = allows(&mandate, &call(r#"{"amount": 5000, "env": "production"}"#)?, now);
//! let codes: Vec<&str> = denied.reasons().iter().map(|reason| reason.code.as_str()).collect();
//! assert_eq!(codes, ["argument_not_declared", "constraint_violated", "constraint_violated"]);
//! assert_eq!(denied.reasons()[1].message, "The argument `amount` is outside its constraint.");
//!
//! // A narrower mandate is below; the meet of the two is the narrower one, and widens nothing.
//! let mut child = mandate.clone();
//! child.tools.remove("search");
//! assert!(child.is_below(&mandate) && !mandate.is_below(&child));
//! assert_eq!(mandate.meet(&child), Some(child.normalized()));
//! # Ok(())
//! # }
//! ```

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
pub use json::{
    CanonicalError, CanonicalReader, Kind, MAX_NESTING, Members, Number, NumberError, Value, ValueError,
};
pub use leg::{Leg, LegName};
pub use mandate::{
    ArgumentMap, Binding, BoundError, LimitMap, MAX_LIMIT_NODES, MAX_TEXT, MAX_TOOL_NODES, MAX_TOOLS,
    MAX_USES, Mandate, MandateError, NameMap, Narrowing, Outline, Stated, ToolMap, Widening, attenuates,
};
pub use role::{Role, ToolConflict, join_roles, tool_conflicts};
pub use runtime::{Fingerprint, FingerprintError, Runtime, RuntimeError};
pub use scope::{IDENTITY, Scope, ScopeError};
