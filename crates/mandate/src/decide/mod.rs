//! Decisions: `allows(mandate, request, now) → Allow | Deny(reasons)`.
//!
//! Pure and total: the same mandate, request and instant give the same answer anywhere. All reasons are
//! returned, in the normative order. What needs the hop or the tenant's state (signature, revocation, subject,
//! runtime, metering) is decided elsewhere and added with [`Decision::from_reasons`].

mod ceiling;
mod check;
mod code;
mod limits;
mod reason;
mod shown;

pub use ceiling::ceiling_reasons;
pub use code::ReasonCode;
pub use reason::{Reason, Reasons};

use crate::instant::Instant;
use crate::json::Value;
use crate::mandate::{Binding, Mandate};
use crate::runtime::Fingerprint;
use crate::scope::Scope;

/// One thing that a holder wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The scope it needs.
    pub scope: Option<Scope>,
    /// The tool it calls.
    pub tool: Option<String>,
    /// The tool's arguments: an object.
    pub arguments: Value,
    /// Its circumstances: an object. Limits look here too.
    pub context: Value,
    /// The resource it is made at; `None` where the caller may not ask for one to be compared.
    pub audience: Option<String>,
    /// The person it is made for, compared with the chain's subject by whoever holds the chain.
    pub subject: Option<String>,
    /// What it is bound to; it must have every binding of the mandate.
    pub binding: Binding,
    /// The runtime observed, compared with the leaf's by whoever holds the chain.
    pub runtime: Option<Fingerprint>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            scope: None,
            tool: None,
            arguments: Value::empty_object(),
            context: Value::empty_object(),
            audience: None,
            subject: None,
            binding: Binding::default(),
            runtime: None,
        }
    }
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allow,
    /// It may not, and why.
    Deny(Reasons),
}

impl Decision {
    /// Allows when there is no reason not to.
    #[must_use]
    pub fn from_reasons(reasons: Vec<Reason>) -> Self {
        Reasons::new(reasons).map_or(Self::Allow, Self::Deny)
    }

    /// Whether this allows.
    #[must_use]
    pub const fn is_allow(&self) -> bool {
        matches!(self, Self::Allow)
    }

    /// The reasons, in the normative order; none when it allows.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Allow => &[],
            Self::Deny(reasons) => reasons.as_slice(),
        }
    }
}

/// Decides `request` under `mandate` at `now`. Metering is apart: a mandate with `uses` needs its meter asked too.
///
/// Nothing is allocated on the way to [`Decision::Allow`].
#[must_use]
pub fn allows(mandate: &Mandate, request: &Request, now: Instant) -> Decision {
    Decision::from_reasons(deny_reasons(mandate, request, now))
}

/// The reasons against `request` under `mandate` at `now`, unsorted, for callers that add their own.
#[must_use]
pub fn deny_reasons(mandate: &Mandate, request: &Request, now: Instant) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if now >= mandate.expires_at {
        reasons.push(Reason::of(ReasonCode::Expired));
    }
    if now < mandate.not_before {
        reasons.push(Reason::of(ReasonCode::NotYetValid));
    }
    check::well_formed(request, &mut reasons);
    check::Authority::from(mandate).collect(request, &mut reasons);
    reasons
}

#[cfg(test)]
mod tests;
