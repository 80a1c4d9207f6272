//! How a grant is computed: requested ∩ role bindings ∩ allowed scopes ∩ entitlements ∩ parent ∩ resource policy.
//!
//! The result is never above any leg. What was asked for and is missing says which leg removed it first; what
//! the issuer seals beside the meet (`declared`, `limit_required`) comes from the tenant's catalogue.

mod answer;
mod catalogue;
mod requested;
mod tool;

use std::collections::BTreeSet;

pub use answer::{GrantRefusal, Removed, Warning};
pub use catalogue::Catalogue;
pub use requested::{Requested, RequestedError};

use crate::instant::Instant;
use crate::leg::{Leg, LegName};
use crate::mandate::{Mandate, ToolMap};
use crate::scope::Scope;

/// Nothing lives longer, in seconds.
pub const MAX_LIFETIME_SECS: u32 = 24 * 60 * 60;
/// No chain is longer, whatever a tenant says.
pub const MAX_DEPTH: u8 = 16;

/// The circumstances of a grant.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Now.
    pub now: Instant,
    /// The audiences asked for.
    pub audience: &'a BTreeSet<String>,
    /// The tenant's lifetime, in seconds, for when no leg states one.
    pub default_ttl_secs: u32,
    /// The lifetime asked for, in seconds.
    pub expires_in: Option<u32>,
    /// The tenant's ceiling of delegations.
    pub max_depth: u8,
    /// The tenant's tool catalogue.
    pub catalogue: &'a Catalogue,
}

/// What is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The authority, in normal form and whole seconds.
    pub mandate: Mandate,
    /// What was asked for and is not in it.
    pub removed: Vec<Removed>,
    /// What the holder or the administrator should know.
    pub warnings: Vec<Warning>,
    /// Whether this says only who: the mandate has no authority.
    pub identity: bool,
}

/// Computes a grant. Legs come in the order of [`LegName`], at most one each but for resource policies.
///
/// # Errors
/// [`GrantRefusal`] when nothing was asked for, nothing is left, or the result cannot be sealed.
pub fn grant(
    legs: &[(LegName, Leg)],
    requested: &Requested,
    terms: &Terms<'_>,
) -> Result<Grant, GrantRefusal> {
    if requested.is_silent() {
        return Err(GrantRefusal::NothingRequested {
            ceiling: answer::describe(ceiling(legs, terms).as_ref()),
        });
    }
    let asked = requested.leg();
    let rest = legs.iter().try_fold(asked.clone(), |met, (_, leg)| met.meet_rest(leg));
    let rest = rest.ok_or(GrantRefusal::Bottom)?;

    let mut removed = Vec::new();
    let scopes = keep_scopes(legs, asked.scopes.unwrap_or_default(), &mut removed);
    let tools = tool::keep(legs, &asked.tools.unwrap_or_default(), &rest.blocked_tools, &mut removed);
    if !requested.identity && scopes.is_empty() && tools.is_empty() {
        return Err(GrantRefusal::NothingGranted { removed });
    }

    let mut warnings = Vec::new();
    let mandate = seal(rest, scopes, tools, requested.identity, terms, &mut warnings)?;
    mandate.verify_bounds()?;
    Ok(Grant { mandate, removed, warnings, identity: requested.identity })
}

/// The meet of the legs under these terms: the most that any request could get. `None` is Bottom.
#[must_use]
pub fn ceiling(legs: &[(LegName, Leg)], terms: &Terms<'_>) -> Option<Leg> {
    let mut met = Leg::meet_all(legs.iter().map(|(_, leg)| leg))?;
    met.audience = Some(audience(&met, terms));
    met.ttl_secs = Some(met.ttl_secs.unwrap_or(terms.default_ttl_secs).min(MAX_LIFETIME_SECS));
    met.max_depth = Some(depth(&met, terms));
    Some(met)
}

fn keep_scopes(
    legs: &[(LegName, Leg)],
    asked: BTreeSet<Scope>,
    removed: &mut Vec<Removed>,
) -> BTreeSet<Scope> {
    asked
        .into_iter()
        .filter(|scope| {
            let lacks = |leg: &Leg| leg.scopes.as_ref().is_some_and(|scopes| !scopes.contains(scope));
            match legs.iter().find(|(_, leg)| lacks(leg)) {
                Some((by, _)) => {
                    removed.push(Removed::scope(scope, *by));
                    false
                }
                None => true,
            }
        })
        .collect()
}

fn seal(
    rest: Leg,
    scopes: BTreeSet<Scope>,
    tools: ToolMap,
    identity: bool,
    terms: &Terms<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Mandate, GrantRefusal> {
    let start = Instant::from_secs(terms.now.as_secs_floor());
    let expires_at = expiry(&rest, terms);
    let audience = audience(&rest, terms);
    let max_depth = depth(&rest, terms);
    if audience.is_empty() {
        return Err(GrantRefusal::NoAudience);
    }
    let mut mandate = Mandate {
        scopes,
        tools,
        blocked_tools: rest.blocked_tools,
        limits: rest.limits,
        declared: rest.declared,
        limit_required: rest.limit_required,
        audience,
        binding: rest.binding,
        not_before: rest.not_before.map_or(start, |earliest| earliest.max(start)),
        expires_at,
        max_depth,
        may_delegate: rest.may_delegate.unwrap_or(false),
        uses: rest.uses,
    };
    if identity {
        mandate.blocked_tools.clear();
        mandate.limits.clear();
        mandate.declared.clear();
        mandate.limit_required.clear();
        mandate.may_delegate = false;
    }
    let mandate = mandate.normalized();
    let mandate = terms.catalogue.declare(mandate, warnings).in_whole_seconds();
    if mandate.expires_at <= terms.now || mandate.expires_at <= mandate.not_before {
        return Err(GrantRefusal::Expired);
    }
    Ok(mandate)
}

/// The earliest that any leg, the request or the ceiling of a day allows.
fn expiry(rest: &Leg, terms: &Terms<'_>) -> Instant {
    let ttl = rest.ttl_secs.unwrap_or(terms.default_ttl_secs);
    let ttl = ttl.min(terms.expires_in.unwrap_or(ttl)).min(MAX_LIFETIME_SECS);
    let own = terms.now.plus_secs(i64::from(ttl));
    rest.expires_at.map_or(own, |latest| latest.min(own))
}

fn audience(rest: &Leg, terms: &Terms<'_>) -> BTreeSet<String> {
    match &rest.audience {
        Some(stated) => stated & terms.audience,
        None => terms.audience.clone(),
    }
}

fn depth(rest: &Leg, terms: &Terms<'_>) -> u8 {
    rest.max_depth.unwrap_or(terms.max_depth).min(terms.max_depth).min(MAX_DEPTH)
}

#[cfg(test)]
mod tests;
